"""What every test may ask for, each of it real: PostgreSQL with its roles, SMTP, a browser, a moved clock, keys."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.running_site import RunningSite, free_ports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.plugin import DjangoDbBlocker

    from outrush_site.grants import Tier
    from outrush_site.local.mailbox import Mailbox

CHROMIUM = Path("/usr/bin/chromium")
BOTH = ["default", "answers"]
ROLE_PASSWORD = "only-in-tests"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

skipped_browser_tests: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    if "OUTRUSH_SECRET_KEY" not in os.environ:
        raise pytest.UsageError("The tests need their servers: run 'make test', or 'make test ARGS=tests/…' for some.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test with a database has both."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        fixtures = set(getattr(item, "fixturenames", ()))
        if marker:
            item.add_marker(pytest.mark.django_db(**{"databases": BOTH} | marker.kwargs), append=False)
        elif fixtures & {"db", "transactional_db", "live_server"}:
            is_transactional = bool(fixtures & {"transactional_db", "live_server"})
            item.add_marker(pytest.mark.django_db(databases=BOTH, transaction=is_transactional))


# Databases


@pytest.fixture(scope="session")
def role_prefix() -> str:
    """How the names of the tiers' PostgreSQL roles begin here; a server may be shared with other suites."""
    from django.conf import settings  # noqa: PLC0415  (settings aren't ready when this module is read)

    return f"outrush_{settings.DATABASES['default']['NAME']}".lower()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: "DjangoDbBlocker", role_prefix: str) -> None:
    """The test databases, with the roles of the three tiers and the rights that grants.py declares."""
    from django.db import connections  # noqa: PLC0415

    from outrush_site import grants  # noqa: PLC0415
    from outrush_site.local.provision import make_role  # noqa: PLC0415

    with django_db_blocker.unblock():
        for alias in BOTH:
            connections[alias].ensure_connection()
            for tier in grants.TIERS:
                make_role(connections[alias].connection, grants.role(tier, role_prefix), ROLE_PASSWORD)
            grants.apply(connections[alias], alias, role_prefix)
        with connections["answers"].cursor() as cursor:
            # Transactional tests empty the tables with TRUNCATE, which published versions refuse.
            cursor.execute("ALTER TABLE surveys_questionnaireversion DISABLE TRIGGER version_is_not_truncated")
            cursor.execute("ALTER TABLE surveys_mediafile DISABLE TRIGGER media_is_not_truncated")
            media = "surveys_questionnaireversion_media"
            cursor.execute(f"ALTER TABLE {media} DISABLE TRIGGER media_of_versions_is_not_truncated")


@pytest.fixture
def as_tier(db: None, role_prefix: str) -> "Callable[[Tier], AbstractContextManager[None]]":
    """`with as_tier("public"):` runs what stands inside with that tier's rights, on Django's own connections."""
    from django.db import connections  # noqa: PLC0415

    from outrush_site import grants  # noqa: PLC0415

    @contextmanager
    def switched(tier: "Tier") -> Iterator[None]:
        for alias in BOTH:
            with connections[alias].cursor() as cursor:
                cursor.execute(f'SET ROLE "{grants.role(tier, role_prefix)}"')
        try:
            yield
        finally:
            for alias in BOTH:
                if not connections[alias].needs_rollback:
                    with connections[alias].cursor() as cursor:
                        cursor.execute("RESET ROLE")

    return switched


@pytest.fixture
def connect_as(
    django_db_setup: None, role_prefix: str
) -> "Iterator[Callable[[Tier, str], psycopg.Connection[tuple[Any, ...]]]]":
    """`connect_as("public", "answers")` is a connection of its own with that tier's account."""
    from django.db import connections  # noqa: PLC0415

    from outrush_site import grants  # noqa: PLC0415

    opened = []

    def connect(tier: "Tier", alias: str) -> "psycopg.Connection[tuple[Any, ...]]":
        place = connections[alias].settings_dict
        connection = psycopg.connect(
            host=place["HOST"],
            port=place["PORT"] or None,
            dbname=place["NAME"],
            user=grants.role(tier, role_prefix),
            password=ROLE_PASSWORD,
            autocommit=True,
        )
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


# Clock, keys, mail


class Clock:
    """Moves what `outrush_site.clock` says, in this process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._moved = timedelta()

    def __call__(self, by: timedelta) -> None:
        """Move it on by `by` (or back)."""
        self._moved += by
        self._file.write_text(str(self._moved.total_seconds()))

    def to(self, at: datetime) -> None:
        """Set it to a moment, from where it goes on running."""
        from outrush_site.clock import now  # noqa: PLC0415

        self(at - now())


@pytest.fixture
def move_clock(tmp_path: Path, settings: "SettingsWrapper") -> Clock:
    settings.CLOCK_FILE = str(tmp_path / "clock")
    return Clock(tmp_path / "clock")


@pytest.fixture
def key_folder(tmp_path: Path, settings: "SettingsWrapper") -> Path:
    """A key folder made by `make_keys`, which settings point at; `public/` and `vault/` stand in it."""
    from django.core.management import call_command  # noqa: PLC0415

    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    settings.KEY_DIR, settings.PRIVATE_KEY_DIR, settings.PUBLIC_KEY_DIR = folder, folder / "vault", folder / "public"
    call_command("make_keys", verbosity=0)
    return folder


@pytest.fixture
def mailbox(settings: "SettingsWrapper") -> "Iterator[Mailbox]":
    """A real SMTP server that Django's mails go to; `mailbox.messages()` lists them."""
    from outrush_site.local.mailbox import Mailbox, smtp_server  # noqa: PLC0415

    mailbox = Mailbox()
    (port,) = free_ports(1)
    server = smtp_server(mailbox, port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield mailbox
    server.stop()


# Real processes and a real browser


@pytest.fixture(scope="module")
def running_site(request: pytest.FixtureRequest) -> Iterator[RunningSite]:
    """The whole system as processes, one for all tests of a module. See tests/running_site.py."""
    from django.conf import settings  # noqa: PLC0415

    folder = (
        settings.BASE_DIR / "var" / "test" / "sites" / request.module.__name__.rpartition(".")[2].removeprefix("test_")
    )
    with RunningSite(folder) as site:
        yield site


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Browser]":
    """Debian's chromium. Without it the test is skipped, or fails where OUTRUSH_BROWSER_TESTS is `required`."""
    if not CHROMIUM.exists():
        if os.environ.get("OUTRUSH_BROWSER_TESTS") == "required":
            pytest.fail(f"There is no {CHROMIUM}, but browser tests are required.")
        pytest.skip(f"no {CHROMIUM}")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (slow to load, and few tests need it)

    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    home = tmp_path_factory.mktemp("chromium")  # else it writes to the home of whoever runs the tests
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *quiet],
            env={**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)},
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: "Browser") -> "Iterator[Callable[..., Page]]":
    """`open_page(javascript=False, phone=True, language="ru")` is a page of a fresh browser without any memory."""
    contexts = []

    def open_it(*, javascript: bool = True, phone: bool = False, language: str = "en") -> "Page":
        context = chromium.new_context(
            java_script_enabled=javascript, viewport=PHONE if phone else DESK, has_touch=phone, locale=language
        )
        contexts.append(context)
        return context.new_page()

    yield open_it
    for context in contexts:
        context.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    if outcome.get_result().skipped and "chromium" in getattr(item, "fixturenames", ()):
        skipped_browser_tests.append(item.nodeid)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if skipped_browser_tests:
        terminalreporter.write_line(
            f"!!! {len(skipped_browser_tests)} BROWSER TESTS WERE NOT RUN: there is no {CHROMIUM}. "
            "On Debian: apt-get install chromium",
            red=True,
            bold=True,
        )

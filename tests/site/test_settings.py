"""Environment variables: what a role needs, what it must not have, and that all of it is documented."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from django.core.checks.registry import registry

from outrush_site import checks, env
from outrush_site.local.environments import plain
from outrush_site.local.suite import production_environment
from outrush_site.local.surroundings import BASE_DIR

DOCUMENT = (BASE_DIR / "docs" / "settings.md").read_text()
ALL_CHECKS = """
import json, django; django.setup()
from django.core.checks import run_checks
print(json.dumps([e.id for e in run_checks(include_deployment_checks=True) if not e.is_silenced()]))
"""

Check = Callable[..., list[str]]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A key folder as make_keys leaves it."""
    for name in ("vault", "public"):
        folder = tmp_path / "keys" / name
        folder.mkdir(parents=True, mode=0o700)
        (folder / "contact.key").write_text("a key")
        (folder / "contact.key").chmod(0o600)
    return tmp_path / "keys"


@pytest.fixture
def check(keys: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """`check("public", REDIS_URL="…")` are the numbers of our checks that fail with these production settings; an
    empty value removes a variable."""

    def faults(role: str, **changes: str) -> list[str]:
        environment = {name: value for name, value in {**own_machine(role, keys), **changes}.items() if value}
        monkeypatch.setattr(os, "environ", environment)
        monkeypatch.setattr(checks, "settings", fresh_settings())
        ours = [check for check in registry.get_checks() if check.__module__ == checks.__name__]
        assert len(ours) >= 5
        errors = [error for check in ours for error in check()]
        refuse_secrets_in(" ".join(error.msg for error in errors), environment)
        return [str(error.id) for error in errors]

    return faults


def own_machine(role: str, keys: Path) -> dict[str, str]:
    """Production-like settings; for a role that may have none the private keys are out of reach."""
    own = production_environment(role, keys)
    if role != "worker":
        away = keys.with_name("elsewhere")
        if not away.exists():
            (keys / "public").rename(away)
        own["OUTRUSH_PUBLIC_KEY_DIR"] = str(away)
    return own


def fresh_settings() -> ModuleType:
    """The settings module as a new process would read it."""
    spec = importlib.util.spec_from_file_location("fresh_settings", BASE_DIR / "outrush_site" / "settings.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refuse_secrets_in(output: str, environment: dict[str, str]) -> None:
    assert "hidden-password" not in output, "a message repeats a password"
    assert environment.get("OUTRUSH_SECRET_KEY", "no key") not in output


@pytest.mark.parametrize("role", ["public", "staff", "worker"])
def test_production_settings_of_each_role_pass_all_checks(keys: Path, role: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALL_CHECKS],
        env=plain(os.environ) | own_machine(role, keys) | {"DJANGO_SETTINGS_MODULE": "outrush_site.settings"},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []


@pytest.mark.parametrize("role", ["public", "staff", "worker"])
def test_our_checks_have_nothing_against_production_settings(check: Check, role: str) -> None:
    assert check(role) == []


@pytest.mark.parametrize(
    ("role", "changes", "number"),
    [
        ("public", {"ANSWERS_DATABASE_URL": ""}, "outrush.E001"),
        ("public", {"ANSWERS_DATABASE_URL": "postgresql://user:hidden-password/with@host/name"}, "outrush.E001"),
        ("worker", {"DATABASE_URL": "mysql://user:hidden-password@host/name"}, "outrush.E001"),
        ("worker", {"REDIS_URL": ""}, "outrush.E001"),
        ("worker", {"REDIS_URL": "amqp://:hidden-password@host"}, "outrush.E001"),
        ("worker", {"EMAIL_URL": "http://user:hidden-password@host"}, "outrush.E001"),
        ("worker", {"OUTRUSH_BEAT_SECONDS": "soon"}, "outrush.E001"),
        ("worker", {"OUTRUSH_STUDY_TIME_ZONE": "Mars/Olympus"}, "outrush.E001"),
        ("staff", {"OUTRUSH_STAFF_URL": ""}, "outrush.E001"),
        ("public", {"OUTRUSH_ROLE": "boss"}, "outrush.E001"),
        ("public", {"OUTRUSH_SECRET_KEY_FILE": "/nowhere/at/all", "OUTRUSH_SECRET_KEY": ""}, "outrush.E001"),
        ("public", {"OUTRUSH_SECRET_KEY": "short-but-unusual"}, "outrush.E002"),
        ("public", {"OUTRUSH_RETURN_KEY": ""}, "outrush.E001"),
        ("public", {"OUTRUSH_RETURN_KEY": "short-but-unusual"}, "outrush.E002"),
        ("public", {"OUTRUSH_SECRET_KEY": "ab" * 40}, "outrush.E002"),
        ("public", {"OUTRUSH_SECRET_KEY": "django-insecure-" + "abcdefghijklmnop" * 4}, "outrush.E002"),
        ("worker", {"OUTRUSH_CLOCK_FILE": "/somewhere/clock"}, "outrush.E003"),
        ("public", {"OUTRUSH_PUBLIC_URL": "http://study.example.org"}, "outrush.E004"),
        ("staff", {"OUTRUSH_STAFF_URL": "http://staff.example.org"}, "outrush.E004"),
        ("worker", {"OUTRUSH_ROLE": "all"}, "outrush.E005"),
        ("worker", {"OUTRUSH_KEY_DIR": "/nowhere/at/all"}, "outrush.E006"),
        ("public", {"OUTRUSH_KEY_DIR": "/nowhere/at/all"}, "outrush.E007"),
        ("staff", {"OUTRUSH_KEY_DIR": "/nowhere/at/all"}, "outrush.E007"),
        ("public", {"DATABASE_URL": "postgresql://user:hidden-password@host/panel"}, "outrush.E008"),
        ("public", {"REDIS_URL": "redis://:hidden-password@host/0"}, "outrush.E008"),
        ("public", {"EMAIL_URL_FILE": "/somewhere/url"}, "outrush.E008"),
        ("worker", {"EMAIL_URL": ""}, "outrush.E009"),
        ("public", {"OUTRUSH_PUBLIC_KEY_DIR": "/nowhere/at/all"}, "outrush.E010"),
    ],
)
def test_an_unsafe_or_missing_setting_is_refused_by_its_number(
    check: Check, role: str, changes: dict[str, str], number: str
) -> None:
    assert number in check(role, **changes)


def test_a_key_folder_open_to_other_accounts_is_refused(check: Check, keys: Path) -> None:
    assert check("worker") == []
    (keys / "vault" / "contact.key").chmod(0o640)
    assert check("worker") == ["outrush.E006"]


def test_an_empty_key_folder_is_refused(check: Check, keys: Path) -> None:
    (keys / "vault" / "contact.key").unlink()
    assert check("worker") == ["outrush.E006"]


def test_a_role_that_can_read_the_private_keys_is_refused(check: Check, keys: Path) -> None:
    # Without OUTRUSH_KEY_DIR the folder is looked for under OUTRUSH_VAR.
    assert "outrush.E007" in check("staff", OUTRUSH_VAR=str(keys.parent))


def test_a_secret_can_be_given_as_a_file(check: Check, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("0123456789abcdefghijklmnopqrstuvwxyz" * 2 + "\n")
    assert check("public", OUTRUSH_SECRET_KEY="", OUTRUSH_SECRET_KEY_FILE=str(tmp_path / "secret")) == []


def test_a_web_process_with_a_failing_check_does_not_start(keys: Path) -> None:
    environment = production_environment("public", keys) | {"OUTRUSH_SECRET_KEY": "short"}
    done = subprocess.run(
        [sys.executable, "-c", "import outrush_site.wsgi"],
        env=plain(os.environ) | environment,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "outrush.E002: OUTRUSH_SECRET_KEY is too weak." in done.stderr
    assert "Traceback" not in done.stderr


# Addresses


def test_a_database_address_with_a_socket_and_an_escaped_password_is_understood() -> None:
    settings = env.database("postgresql://me:p%2Fw%40@/answers?host=/run/here&sslmode=require")
    assert settings["HOST"] == "/run/here"
    assert (settings["USER"], settings["PASSWORD"], settings["NAME"]) == ("me", "p/w@", "answers")
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert "host" not in settings["OPTIONS"]


def test_a_socket_of_the_broker_is_written_as_celery_reads_it() -> None:
    assert env.broker("unix:///run/valkey?db=3") == "redis+socket:///run/valkey?virtual_host=3"
    assert env.broker("unix://:secret@/run/valkey") == "redis+socket://:secret@/run/valkey?virtual_host=0"
    assert env.broker("redis://host:6379/1") == "redis://host:6379/1"


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://host", 25, False, False),
        ("smtps://host", 465, False, True),
        ("smtp+tls://host:2525", 2525, True, False),
    ],
)
def test_a_mail_address_says_how_the_connection_is_secured(url: str, port: int, tls: bool, ssl: bool) -> None:
    settings = env.email(url)
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (port, tls, ssl)


# The document


def variables_in_code() -> set[str]:
    """Every name that settings and launcher read."""
    names = set()
    for file in [*(BASE_DIR / "outrush_site").rglob("*.py"), BASE_DIR / "tests" / "conftest.py"]:
        names |= set(
            re.findall(r'"(OUTRUSH_[A-Z_]*[A-Z]|(?:ANSWERS_DATABASE|DATABASE|REDIS|EMAIL)_URL)"', file.read_text())
        )
    return names


def test_every_variable_is_documented_and_nothing_else_is() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", DOCUMENT, re.MULTILINE))
    assert len(documented) > 15
    assert variables_in_code() == documented


def test_every_check_is_documented_in_code_and_document() -> None:
    source = Path(checks.__file__).read_text()
    used = {f"outrush.E{int(number):03}" for number in re.findall(r"_error\(\s*(\d+),", source)}
    assert len(used) >= 10
    assert used == set(re.findall(r"^\s*(outrush\.E\d{3})", source, re.MULTILINE))
    assert used == set(re.findall(r"^\| (outrush\.E\d{3}) ", DOCUMENT, re.MULTILINE))

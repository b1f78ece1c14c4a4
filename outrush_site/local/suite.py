"""`make test`: servers of its own under var/test, the linters, then the whole suite. `make lint`: the linters alone."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from outrush_site.local.environments import plain
from outrush_site.local.run import only_one
from outrush_site.local.secrets_file import SecretsFile
from outrush_site.local.servers import LocalServers
from outrush_site.local.surroundings import BASE_DIR, Surroundings, read_surroundings
from outrush_site.local.translations import compile_translations

PYTHON = sys.executable
# Fine as a key of tests and checks, which guard nothing.
TEST_KEY = "for-tests-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2

HANDED_ON = ("OUTRUSH_BROWSER_TESTS", "OUTRUSH_TEST_PICTURES")


@dataclass(frozen=True)
class Linter:
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def test(environ: Mapping[str, str], arguments: list[str]) -> int:
    """Run linters and tests; with arguments for pytest only those tests. Returns the exit code."""
    with _servers(environ) as variables:
        if arguments:
            return _pytest(variables, arguments)
        n_failed = _lint(variables)
        code = _pytest(variables, [])
    if n_failed:
        print(f"make test: {n_failed} linters found something, see above.", file=sys.stderr)
    return code or (1 if n_failed else 0)


def lint(environ: Mapping[str, str]) -> int:
    with _servers(environ) as variables:
        return 1 if _lint(variables) else 0


@contextmanager
def _servers(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey for the tests; gives the environment that uses them."""
    given = read_surroundings(environ)
    surroundings = replace(given, var=given.var / "test")
    surroundings.var.parent.mkdir(exist_ok=True)
    surroundings.var.parent.chmod(0o711)
    surroundings.make_folders()
    with only_one(surroundings):
        secrets = SecretsFile(surroundings.var / "secrets.json")
        password = secrets.made("database-superuser")
        servers = LocalServers(surroundings.servers, surroundings.log, password, is_durable=False)
        try:
            servers.prepare()
            servers.start_postgres()
            servers.start_valkey()
            compile_translations()
            yield _environment(environ, surroundings, servers)
        finally:
            servers.stop()


def _environment(environ: Mapping[str, str], surroundings: Surroundings, servers: LocalServers) -> dict[str, str]:
    handed_on = {name: environ[name] for name in HANDED_ON if name in environ}
    return (
        plain(environ)
        | handed_on
        | {
            "OUTRUSH_ENV": "test",
            "OUTRUSH_ROLE": "all",
            "OUTRUSH_SECRET_KEY": TEST_KEY,
            "OUTRUSH_PUBLIC_URL": "http://127.0.0.1:8000",
            "OUTRUSH_STAFF_URL": "http://127.0.0.1:8001",
            "OUTRUSH_VAR": str(surroundings.var),
            "OUTRUSH_KEY_DIR": str(surroundings.keys),
            "OUTRUSH_RETURN_KEY": TEST_KEY,
            "DATABASE_URL": servers.database_url("panel"),
            "ANSWERS_DATABASE_URL": servers.database_url("answers"),
            "REDIS_URL": servers.broker_url(),
            "TMPDIR": str(surroundings.var / "tmp"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(surroundings.var / "hypothesis"),
        }
    )


def production_environment(role: str, keys: Path) -> dict[str, str]:
    """Production-like settings of a role, with the private keys in `keys` for the worker alone.

    Its var folder is another than that of `make run`, whose private keys no web role may find.
    """
    shared = {
        "OUTRUSH_ROLE": role,
        "OUTRUSH_VAR": str(keys.parent / "production"),
        "OUTRUSH_SECRET_KEY": TEST_KEY,
        "OUTRUSH_PUBLIC_URL": "https://study.example.org",
        "OUTRUSH_STAFF_URL": "https://staff.example.org",
        "ANSWERS_DATABASE_URL": f"postgresql://outrush_{role}:secret@answers.internal/answers",
    }
    panel = {
        "DATABASE_URL": f"postgresql://outrush_{role}:secret@panel.internal/panel",
        "REDIS_URL": "redis://:secret@queue.internal:6379/0",
    }
    worker = {"OUTRUSH_KEY_DIR": str(keys), "EMAIL_URL": "smtp+tls://study:secret@mail.example.org:587"}
    own = {"public": {"OUTRUSH_RETURN_KEY": TEST_KEY}, "staff": panel, "worker": panel | worker}[role]
    return shared | own | ({} if role == "worker" else {"OUTRUSH_PUBLIC_KEY_DIR": str(keys / "public")})


def _linters(variables: Mapping[str, str]) -> list[Linter]:
    keys = Path(variables["OUTRUSH_KEY_DIR"])
    # The roles without private keys get a folder where there are none to be read.
    checked = {role: plain(variables) | production_environment(role, keys) for role in ("public", "staff", "worker")}
    manage = (PYTHON, "manage.py")
    return [
        Linter("ruff check", (PYTHON, "-m", "ruff", "check", "--output-format", "concise"), variables),
        Linter("ruff format", (PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise"), variables),
        Linter("lint-imports", (str(Path(PYTHON).parent / "lint-imports"), "--no-cache"), variables),
        Linter("mypy", (PYTHON, "-m", "mypy", "."), variables),
        Linter("makemigrations", (*manage, "makemigrations", "--check", "--dry-run"), variables),
        Linter("keys for what follows", (*manage, "make_keys"), variables),
        *(
            Linter(f"check --deploy as {role}", (*manage, "check", "--deploy", "--fail-level", "WARNING"), environment)
            for role, environment in checked.items()
        ),
    ]


def _lint(variables: Mapping[str, str]) -> int:
    """Run all linters and show what they find; returns how many found something."""
    failed = 0
    for linter in _linters(variables):
        began = time.monotonic()
        done = subprocess.run(
            linter.command, env=linter.environment, cwd=BASE_DIR, capture_output=True, text=True, check=False
        )
        verdict = f"{time.monotonic() - began:.1f} s" if done.returncode == 0 else "FAILED"
        print(f"  {linter.name} … {verdict}", flush=True)
        if done.returncode:
            failed += 1
            print(done.stdout + done.stderr, flush=True)
    return failed


def _pytest(variables: Mapping[str, str], arguments: list[str]) -> int:
    process = subprocess.Popen([PYTHON, "-m", "pytest", *arguments], env=dict(variables), cwd=BASE_DIR)
    try:
        return process.wait()
    finally:
        if process.poll() is None:  # we were told to end
            process.terminate()
            process.wait()

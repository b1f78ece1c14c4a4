"""Numbered start-up checks: what is missing or unsafe stops the start and says what to do.

outrush.E001  a variable is missing or malformed
outrush.E002  the secret key is short or well known
outrush.E003  the clock can be moved in production
outrush.E004  an address without TLS in production
outrush.E005  role `all` in production
outrush.E006  the worker's key folder is missing, empty, or open to other accounts
outrush.E007  a role that may not unseal could read private keys
outrush.E008  the public role was given a panel database, broker or mail server
outrush.E009  the worker has no mail server in production
outrush.E010  the public halves of the keys are missing
"""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks

from outrush_site.env import MISSING

SHORTEST_SECRET_KEY = 50
FEWEST_CHARACTERS = 10
NOT_FOR_THE_PUBLIC_ROLE = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")


def refuse_unsafe_start() -> None:
    """End this process with one line for each check that fails."""
    if errors := [message for message in run_checks() if message.is_serious()]:
        print("\n".join(f"{error.id}: {error.msg} {error.hint or ''}".strip() for error in errors), file=sys.stderr)  # noqa: T201
        sys.exit(4)  # gunicorn takes this code as "don't try again"


@register()
def check_environment(**_: object) -> list[CheckMessage]:
    return [_error(1, f"{name} {problem}") for name, problem in settings.ENVIRONMENT.problems]


@register()
def check_secret_key(**_: object) -> list[CheckMessage]:
    # Where one is missing, E001 says so.
    keys = {"OUTRUSH_SECRET_KEY": settings.SECRET_KEY, "OUTRUSH_RETURN_KEY": settings.RETURN_KEY}
    weak = [name for name, key in keys.items() if key not in {"", MISSING} and _is_weak(key)]
    how = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    return [_error(2, f"{name} is too weak. Make one with: {how}") for name in weak]


def _is_weak(key: str) -> bool:
    return len(key) < SHORTEST_SECRET_KEY or len(set(key)) < FEWEST_CHARACTERS or key.startswith("django-insecure-")


@register()
def check_production(**_: object) -> list[CheckMessage]:
    """What trials and tests may do and production may not."""
    return list(_production_errors()) if settings.IS_PRODUCTION else []


def _production_errors() -> Iterator[CheckMessage]:
    if settings.CLOCK_FILE:
        yield _error(3, "OUTRUSH_CLOCK_FILE lets a file move the clock. Unset it.")
    for name, url in (("OUTRUSH_PUBLIC_URL", settings.PUBLIC_URL), ("OUTRUSH_STAFF_URL", settings.STAFF_URL)):
        if url and not url.startswith("https://"):
            yield _error(4, f"{name} must begin with https:// in production.")
    if settings.OUTRUSH_ROLE == "all":
        yield _error(5, "Role 'all' is for trying the system out. Set OUTRUSH_ROLE to public, staff or worker.")
    if settings.OUTRUSH_ROLE == "worker" and not settings.EMAIL_URL:
        yield _error(9, "EMAIL_URL is not set, so no mail could be sent. Example: smtp+tls://user:password@host:587")


@register()
def check_keys(**_: object) -> list[CheckMessage]:
    """In trials the folder is made by make_keys, which itself has to start without one."""
    if settings.MAY_UNSEAL:
        return list(_own_key_errors(settings.PRIVATE_KEY_DIR)) if settings.IS_PRODUCTION else []
    return list(_foreign_key_errors())


def _own_key_errors(folder: Path) -> Iterator[CheckMessage]:
    try:
        files = [file for file in folder.iterdir() if file.is_file()]
    except OSError as error:
        yield _error(6, f"The private keys in {folder} can't be read: {error.strerror}. {_MAKE_KEYS}")
        return
    if not files:
        yield _error(6, f"There are no private keys in {folder}. {_MAKE_KEYS}")
    for path in (folder, *files):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield _error(6, f"{path} can be read by other accounts. Run: chmod -R u=rwX,go= {folder}")
            return
    for path in files:
        if not os.access(path, os.R_OK):
            yield _error(6, f"{path} can't be read by this account.")
            return


_MAKE_KEYS = "Set OUTRUSH_KEY_DIR, and make the keys once with: manage.py make_keys"


def _foreign_key_errors() -> Iterator[CheckMessage]:
    if "OUTRUSH_KEY_DIR" in settings.ENVIRONMENT.values:
        yield _error(
            7, f"Role '{settings.OUTRUSH_ROLE}' may not know OUTRUSH_KEY_DIR. Set OUTRUSH_PUBLIC_KEY_DIR only."
        )
    elif settings.IS_PRODUCTION and os.access(settings.PRIVATE_KEY_DIR, os.R_OK | os.X_OK):
        yield _error(
            7, f"Role '{settings.OUTRUSH_ROLE}' can read {settings.PRIVATE_KEY_DIR}. Close it to this account."
        )
    if settings.IS_PRODUCTION and not (settings.PUBLIC_KEY_DIR.is_dir() and any(settings.PUBLIC_KEY_DIR.iterdir())):
        yield _error(10, f"No public keys in {settings.PUBLIC_KEY_DIR}. Copy them from the worker's key folder.")


@register()
def check_public_role(**_: object) -> list[CheckMessage]:
    if settings.OUTRUSH_ROLE != "public":
        return []
    values = settings.ENVIRONMENT.values
    given = [name for name in NOT_FOR_THE_PUBLIC_ROLE if name in values or f"{name}_FILE" in values]
    return [_error(8, f"{name} must not be set for the public role.") for name in given]


def _error(number: int, message: str) -> CheckMessage:
    return Error(message, hint="See docs/settings.md.", id=f"outrush.E{number:03}")

"""Reading the environment. Nothing is guessed: what is missing or malformed is remembered for the start-up checks."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MISSING = "missing"


@dataclass
class Environment:
    """The process's environment, with a note of every name that was wanted and how it fell short."""

    values: dict[str, str]
    problems: list[tuple[str, str]] = field(default_factory=list)  # (variable, what is wrong)

    def text(self, name: str, default: str = "") -> str:
        """The value of `name`, or the content of the file that `name`_FILE points at (for secrets)."""
        if name in self.values:
            return self.values[name]
        if path := self.values.get(f"{name}_FILE"):
            try:
                return Path(path).read_text().strip()
            except OSError as error:
                self.problems.append((f"{name}_FILE", f"can't be read: {error.strerror}"))
        return default

    def required(self, name: str, why: str) -> str:
        value = self.text(name)
        if not value:
            self.problems.append((name, f"is not set. {why}"))
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            self.problems.append((name, f"must be one of {', '.join(choices)}."))
            return default
        return value

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        value = self.text(name)
        if not value:
            return default
        if value.isdecimal() and int(value) >= least:
            return int(value)
        self.problems.append((name, f"must be a whole number, {least} or more."))
        return default

    def time_zone(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (ValueError, ZoneInfoNotFoundError):
            self.problems.append((name, "must be the name of a time zone, such as Europe/Berlin."))
            return default
        return value


def read_environment() -> Environment:
    return Environment(dict(os.environ))


def database(url: str) -> dict[str, object]:
    """Django's settings for a `postgresql://user:password@host:port/name?host=/socket/dir` address.

    Raises ValueError where the address is not of that form; the message never repeats the address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ValueError("must look like postgresql://user:password@host:port/name")
    # A statement that a connection sees again and again is planned once; values travel apart from it.
    prepared = {"server_side_binding": True, "prepare_threshold": 5}
    options: dict[str, object] = {"connect_timeout": 10, **prepared, **dict(parse_qsl(parts.query))}
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "outrush_site.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(str(host)),
        "PORT": str(options.pop("port", "") or _port(parts) or ""),
        "OPTIONS": options,
        # A kept connection is worth three times the throughput; Celery and a pool do not mix.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def broker(url: str) -> str:
    """Celery's spelling of a Redis address: it writes `unix://` sockets as `redis+socket://`.

    Raises ValueError where the address is not of a form that both Celery and the Redis client know.
    """
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        return url
    if parts.scheme != "unix" or not parts.path:
        raise ValueError("must look like redis://:password@host:6379/0, rediss://… or unix:///path?db=0")
    index = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={index}"


def email(url: str) -> dict[str, object]:
    """Django's mail settings for `smtp://`, `smtps://` or `smtp+tls://user:password@host:port`.

    Raises ValueError where the address is not of that form; the message never repeats the address.
    """
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
    if parts.scheme not in ports or not parts.hostname:
        raise ValueError("must look like smtp+tls://user:password@host:587")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": _port(parts) or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
    }


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:  # its message quotes the address, which may hold a password with a slash in it
        raise ValueError("has a port that is not a number (write / and @ in a password as %2F and %40)") from None

"""Logging: to standard error; no request paths, no addresses, no bodies.

Nothing in this code logs personal data. The formatter is the second line of defence: it also sees what libraries say
and what tracebacks quote, and takes out whatever looks like an address, a link or an IP.
"""

import logging
import re
from typing import Any

# Order matters: an address inside a link goes with the link.
REDACTIONS = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE), "[link]"),
    (re.compile(r"""(?<![\w.<:-])/(?![^\s"]*\.py")[^\s"'<>)\]]+"""), "[path]"),  # but for a traceback's own lines
    (re.compile(r"[^\s@<>\"'(),:;=]+@[^\s@<>\"'(),:;=]+"), "[address]"),
    (re.compile(r"@\w{3,}"), "[address]"),
    (re.compile(r"(?<![\w])(?=[A-Za-z2-7]*[A-Za-z])[A-Za-z2-7]{24,}(?![\w])"), "[token]"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "[ip]"),
    (re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){2,8}[0-9a-f]{0,4}(?!\w)", re.IGNORECASE), "[ip]"),
)


def redact(text: str) -> str:
    """`text` without anything like an address, a link, a path of the site, a link's letters or an IP."""
    for pattern, replacement in REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """One line a message (a newline in it can't forge another), followed by the traceback if there is one."""

    def __init__(self) -> None:
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        message = redact(record.getMessage()).replace("\n", " ").replace("\r", " ")
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {message}"
        if record.exc_info and record.exc_info[0]:
            line += "\n" + redact(self.formatException(record.exc_info))
        return line


class WithoutPath(logging.Filter):
    """Django names the path in the messages of its request log, and paths are links. The traceback says enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "A request could not be answered.", ()
        return True


SETTINGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"redacting": {"()": RedactingFormatter}},
    "filters": {"without path": {"()": WithoutPath}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "redacting"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # By default Django's own loggers print to other places.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"handlers": [], "level": "ERROR", "filters": ["without path"], "propagate": True},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": True},
        # Which task failed and why; arguments and results are only told below this level.
        "celery": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}

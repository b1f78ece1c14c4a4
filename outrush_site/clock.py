"""The one place time comes from.

Real processes in tests and trials read an offset in seconds from a file, so that a wave of weeks can be tried in
minutes. Production settings refuse such a file (see checks.py).
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC) + _offset()


def today() -> date:
    """The present date in the study's time zone: what is kept of anything a respondent does."""
    return now().astimezone(ZoneInfo(settings.STUDY_TIME_ZONE)).date()


def _offset() -> timedelta:
    if not settings.CLOCK_FILE:
        return timedelta()
    try:
        with open(settings.CLOCK_FILE, encoding="ascii") as file:
            return timedelta(seconds=float(file.read().strip() or 0))
    except FileNotFoundError:
        return timedelta()

"""Wall-clock times in a member's IANA zone, safe where clocks are put forward and back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def wall_clock(on: date, at: time, zone: str) -> datetime:
    """The moment, in UTC, at which a clock on the wall in `zone` shows `at` on `on`.

    Where clocks are put back the time comes twice, and the first is meant. Where they are put forward it may not come
    at all; then the moment is as long after the gap as the time was into it (02:30 becomes 03:30; where a whole day is
    left out, the next day). These are the rules of RFC 5545, section 3.3.5. Raises ZoneInfoNotFoundError.
    """
    return datetime.combine(on, at.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def start_of(on: date, zone: str) -> datetime:
    """The moment a date begins in a zone."""
    return wall_clock(on, time.min, zone)


def due_moment(on: date, at: time, zone: str, *, opens_at: datetime, closes_at: datetime) -> datetime | None:
    """When a step that is planned for `on` at `at` is due for a member in `zone`; None where the wave is over by then.

    East of the study's zone `on` may come before the wave opens: then it is due at the same time a day later.
    `opens_at` is the wave's first moment, `closes_at` the first after it.
    """
    moment = wall_clock(on, at, zone)
    while moment < opens_at:
        on += DAY
        moment = wall_clock(on, at, zone)
    return moment if moment < closes_at else None

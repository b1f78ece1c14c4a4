"""Dates, times and instants as text and as numbers of days.

A date is an integer number of days since 1970-01-01, without any zone. An instant is days in UTC with a fraction;
where its text names no offset, it is read in the zone given, or in UTC.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_STRICT_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?")
_EPOCH = date(1970, 1, 1)
_EPOCH_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


def parse_date(text: str, *, is_strict: bool = True) -> date | None:
    """An ISO date, or None. Not strict, single digits of month and day are read as well."""
    pattern = _STRICT_DATE if is_strict else _DATE
    if not pattern.fullmatch(text):
        return None
    year, month, day = text.split("-")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def parse_time(text: str) -> tuple[time, timedelta | None] | None:
    """A time of day with its offset from UTC (None where it names none), or None."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction, zone = match.groups()
    offset = _offset(zone)
    try:
        clock = time(int(hour), int(minute), int(second or 0), int((fraction or "")[:6].ljust(6, "0")))
    except ValueError:
        return None
    if zone and offset is None:
        return None
    return clock, offset


def _offset(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone == "Z":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def parse_instant(text: str, zone: tzinfo = UTC) -> datetime | None:
    """An aware datetime from ISO text with a `T`, or from a bare date (its midnight), or None."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text, is_strict=bool(separator))
    if day is None:
        return None
    clock, offset = time(), None
    if separator:
        parsed = parse_time(time_text)
        if parsed is None:
            return None
        clock, offset = parsed
    local = datetime.combine(day, clock)
    if offset is None:
        return local.replace(tzinfo=zone)
    try:
        return (local - offset).replace(tzinfo=UTC)
    except OverflowError:
        return None


def days_of(text: str) -> float | None:
    """The number a date or an instant stands for, None where `text` is neither."""
    if len(text) < 10 or text[4] != "-" or not text[0].isdigit():
        return None
    day = parse_date(text)
    if day is not None:
        return float((day - _EPOCH).days)
    instant = parse_instant(text) if "T" in text else None
    return None if instant is None else days_of_instant(instant)


def days_of_instant(instant: datetime) -> float:
    return (instant.astimezone(UTC) - _EPOCH_INSTANT) / _DAY


def date_of_days(days: float) -> date | None:
    """The date of a number of days, fractions cut towards the past; None beyond the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(days=days // 1)
    except (OverflowError, ValueError):
        return None


def instant_of_days(days: float) -> datetime | None:
    try:
        return _EPOCH_INSTANT + timedelta(milliseconds=round(days * 86_400_000))
    except (OverflowError, ValueError):
        return None


def format_instant(instant: datetime, zone: tzinfo) -> str:
    """ODK's text of an instant: milliseconds and the offset of `zone`."""
    try:
        return instant.astimezone(zone).isoformat(timespec="milliseconds")
    except OverflowError:
        return ""


_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "ru": ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
}
_WEEKDAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "ru": ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
}
_CODE = re.compile(r"%(.)", re.DOTALL)


@lru_cache
def _names(language: str) -> tuple[list[str], list[str]]:
    """Short names of months and weekdays as they stand alone; English ones where the language is unknown."""
    stem = language.partition("-")[0]
    if stem in _MONTHS:
        return _MONTHS[stem], _WEEKDAYS[stem]
    try:
        locale = Locale.parse(stem)
    except (ValueError, TypeError, UnknownLocaleError):
        return _MONTHS["en"], _WEEKDAYS["en"]
    months, weekdays = (names("abbreviated", "stand-alone", locale) for names in (get_month_names, get_day_names))
    return [months[number] for number in range(1, 13)], [weekdays[number] for number in range(7)]


def format_date(moment: datetime, pattern: str, language: str) -> str:
    """`moment` in ODK's pattern language: %Y %y %m %n %b %d %e %a %H %h %M %S %3. Other codes stay as written."""
    months, weekdays = _names(language)
    parts = {
        "Y": f"{moment.year:04}",
        "y": f"{moment.year % 100:02}",
        "m": f"{moment.month:02}",
        "n": f"{moment.month}",
        "b": months[moment.month - 1],
        "d": f"{moment.day:02}",
        "e": f"{moment.day}",
        "a": weekdays[moment.weekday()],
        "H": f"{moment.hour:02}",
        "h": f"{moment.hour}",
        "M": f"{moment.minute:02}",
        "S": f"{moment.second:02}",
        "3": f"{moment.microsecond // 1000:03}",
        "%": "%",
    }
    return _CODE.sub(lambda match: parts.get(match.group(1), match.group()), pattern)

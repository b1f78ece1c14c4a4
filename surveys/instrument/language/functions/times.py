"""Dates and times. The study's zone is the zone of `now`."""

import math
from datetime import datetime, time, timedelta, tzinfo

from surveys.instrument.language.context import Context
from surveys.instrument.language.dates import (
    date_of_days,
    days_of_instant,
    format_date,
    format_instant,
    instant_of_days,
    parse_date,
    parse_instant,
    parse_time,
)
from surveys.instrument.language.functions.registry import Purity, Type, function
from surveys.instrument.language.values import BLANKS, NAN, Value, number_of_text, to_number, to_string


@function("today", "", Type.STRING, "Today's date.", purity=Purity.CLOCK, needs_context=True)
def today(context: Context) -> Value:
    return context.surroundings.today.isoformat()


@function("now", "", Type.STRING, "This moment.", purity=Purity.CLOCK, needs_context=True)
def now(context: Context) -> Value:
    return format_instant(context.surroundings.now, context.surroundings.zone)


@function("date", "any", Type.STRING, "A date from text or from days since 1970-01-01; blank if it is none.")
def date_(value: Value) -> Value:
    """The date part of an instant is kept as written, in the zone it names."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return _date_text(value)
    text = to_string(value).strip(BLANKS)
    day = parse_date(text.partition("T")[0], is_strict=False)
    if day is not None:
        return day.isoformat()
    return _date_text(number_of_text(text))


def _date_text(days: float) -> str:
    day = None if not math.isfinite(days) else date_of_days(days)
    return "" if day is None else day.isoformat()


@function("date-time", "any", Type.STRING, "An instant from text or days since 1970-01-01.", needs_context=True)
def date_time(context: Context, value: Value) -> Value:
    zone = context.surroundings.zone
    if isinstance(value, bool):
        return ""
    text = "" if isinstance(value, float) else to_string(value).strip(BLANKS)
    if parse_date(text) is not None:
        return text
    instant = parse_instant(text, zone) if "T" in text else _instant(to_number(value))
    return "" if instant is None else format_instant(instant, zone)


def _instant(days: float) -> datetime | None:
    return instant_of_days(days) if math.isfinite(days) else None


@function("decimal-date-time", "any", Type.NUMBER, "An instant as days since 1970-01-01 in UTC.", needs_context=True)
def decimal_date_time(context: Context, value: Value) -> Value:
    if isinstance(value, float | bool):
        return to_number(value)
    text = to_string(value).strip(BLANKS)
    instant = parse_instant(text, context.surroundings.zone)
    return number_of_text(text) if instant is None else days_of_instant(instant)


@function("decimal-time", "any", Type.NUMBER, "A time of day as a part of a day, from 0 to 1.", needs_context=True)
def decimal_time(context: Context, value: Value) -> Value:
    """The local time of day; a time that names another offset is moved to the study's zone first."""
    text = to_string(value).strip(BLANKS)
    zone = context.surroundings.zone
    if "T" in text:
        instant = parse_instant(text, zone)
        return NAN if instant is None else _part_of_day(instant.astimezone(zone).time())
    parsed = parse_time(text)
    if parsed is None:
        return NAN
    clock, offset = parsed
    return _part_of_day(clock) if offset is None else _local_part(context, clock, offset, zone)


def _local_part(context: Context, clock: time, offset: timedelta, zone: tzinfo) -> float:
    local = zone.utcoffset(context.surroundings.now.replace(tzinfo=None)) or timedelta()
    return (_part_of_day(clock) - (offset - local) / timedelta(days=1)) % 1


def _part_of_day(clock: time) -> float:
    elapsed = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
    return elapsed / timedelta(days=1)


_FORMAT = "A date in a pattern of %Y %y %m %n %b %d %e %a %H %h %M %S %3."


@function("format-date", "any string", Type.STRING, _FORMAT, needs_context=True)
def format_date_(context: Context, value: Value, pattern: str) -> Value:
    """A whole number of days is a date in every zone: `format-date(${birthday} + 30, '%e %b')`."""
    zone = context.surroundings.zone
    text: Value = to_string(value).strip(BLANKS)
    if isinstance(value, float):
        text = _date_text(value) if value.is_integer() else date_time(context, value)
    instant = parse_instant(str(text), zone)
    if instant is None:
        return ""
    return format_date(instant.astimezone(zone), pattern, context.surroundings.language_code)


function("format-date-time", "any string", Type.STRING, _FORMAT, needs_context=True)(format_date_)

"""The functions that real questionnaires call. Each gets the evaluator's context and its arguments' values."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.instrument.oracle.values import day, each, moment, number, stored, text, truth


class UnknownFunctionError(Exception):
    """What the oracle has no opinion on."""


def selected(here, value, name):
    wanted = text(name).strip()
    return any(wanted in one.split() if wanted else not one.strip() for one in each(value))


def selected_at(here, value, place):
    chosen, index = text(value).split(), number(place)
    return chosen[int(index)] if 0 <= index < len(chosen) else ""


def regex(here, value, pattern):
    try:
        return len(text(value)) <= 2000 and re.fullmatch(text(pattern), text(value)) is not None
    except re.error:
        raise UnknownFunctionError("a pattern that Python's own expressions can't read") from None


def whole(here, value):
    found = number(value)
    return float(math.trunc(found)) if math.isfinite(found) else found


def rounded(here, value, places=0.0):
    found = number(value.replace(",", ".") if isinstance(value, str) else value)
    if not math.isfinite(found):
        return found
    unit = Decimal(10) ** -int(number(places))
    return float((Decimal(repr(found)) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit)


def substr(here, value, start, end=math.inf):
    whole_text, first, last = text(value), number(start), number(end)
    return whole_text[int(first) : None if math.isinf(last) else int(last)]


def floats(values):
    return [
        number(one) for value in values for one in (each(value) if isinstance(value, list) else [value]) if one != ""
    ]


def extreme(pick):
    def found(here, *values):
        numbers = floats(values)
        return math.nan if not numbers or any(map(math.isnan, numbers)) else pick(numbers)

    return found


def coalesce(here, *values):
    return next((value for value in values if stored(value) != ""), "")


def as_date(here, value):
    if isinstance(value, bool):
        return ""
    written = text(value) if not isinstance(value, float) else ""
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", written.strip().split("T")[0])
    try:
        if match:
            return date(*map(int, match.groups())).isoformat()
        return (date(1970, 1, 1) + timedelta(days=math.floor(number(value)))).isoformat()
    except (ValueError, OverflowError):
        return ""


def instant(here, value):
    if isinstance(value, float):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(value * 86_400_000))
    written = text(value).strip()
    found = day(written)
    if found:
        return datetime(found.year, found.month, found.day, tzinfo=here.zone)
    return moment(written, here.zone)


def decimal_date_time(here, value):
    found = instant(here, value) if not isinstance(value, float) else None
    if found is None:
        return number(value)
    return (found - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1)


def format_date(here, value, pattern):
    try:
        found = instant(here, as_date(here, value) if isinstance(value, float) and value.is_integer() else value)
    except (ValueError, OverflowError):
        return ""
    if found is None:
        return ""
    found = found.astimezone(here.zone)
    parts = {
        "Y": f"{found.year:04}",
        "y": f"{found.year % 100:02}",
        "m": f"{found.month:02}",
        "n": str(found.month),
        "b": found.strftime("%b"),
        "d": f"{found.day:02}",
        "e": str(found.day),
        "a": found.strftime("%a"),
        "H": f"{found.hour:02}",
        "h": str(found.hour),
        "M": f"{found.minute:02}",
        "S": f"{found.second:02}",
        "3": f"{found.microsecond // 1000:03}",
    }
    return re.sub(r"%(.)", lambda match: parts.get(match[1], match[0]), text(pattern))


def position(here, value=None):
    return float(here.position) if value is None else float(value[0].number)


def items(separator, value):
    return text(value).split(text(separator)) if text(value) else []


def item_at(here, separator, value, place):
    found, index = items(separator, value), number(place)
    return found[int(index)] if 0 <= index < len(found) else ""


#: Functions that are given nodes, so that a question without an answer is one of them.
OF_NODES = {"count", "count-non-empty", "position"}
FUNCTIONS = {
    "true": lambda here: True,
    "false": lambda here: False,
    "not": lambda here, value: not truth(value),
    "boolean": lambda here, value: truth(value),
    "number": lambda here, value: number(value),
    "string": lambda here, value: text(value),
    "int": whole,
    "round": rounded,
    "floor": lambda here, value: float(math.floor(number(value))) if math.isfinite(number(value)) else number(value),
    "abs": lambda here, value: abs(number(value)),
    "pow": lambda here, base, exponent: math.pow(number(base), number(exponent)),
    "sum": lambda here, *values: math.fsum(floats(values)),
    "min": extreme(min),
    "max": extreme(max),
    "count": lambda here, nodes: float(len(nodes)),
    "count-non-empty": lambda here, value: float(sum(one != "" for one in each(value))),
    "concat": lambda here, *values: "".join(one for value in values for one in each(value)),
    "join": lambda here, mark, *values: text(mark).join(one for value in values for one in each(value)),
    "string-length": lambda here, value: float(len(text(value))),
    "contains": lambda here, value, part: text(part) in text(value),
    "starts-with": lambda here, value, part: text(value).startswith(text(part)),
    "normalize-space": lambda here, value: " ".join(text(value).split()),
    "substr": substr,
    "regex": regex,
    "selected": selected,
    "selected-at": selected_at,
    "count-selected": lambda here, value: float(len(text(value).split())),
    "count-items": lambda here, separator, value: float(len(items(separator, value))),
    "item-at": item_at,
    "linebreak": lambda here: "\n",
    "coalesce": coalesce,
    "today": lambda here: here.today,
    "date": as_date,
    "decimal-date-time": decimal_date_time,
    "format-date": format_date,
    "format-date-time": format_date,
    "position": position,
    "last": lambda here: float(here.size),
    "index": lambda here: float(here.place.instance_number()),
}


def call(here, name, values):
    if name not in FUNCTIONS:
        raise UnknownFunctionError(name)
    return FUNCTIONS[name](here, *values)

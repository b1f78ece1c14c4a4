"""Values: text, numbers, truth, and lists of nodes. A node has `text()`."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def text(value):
    if isinstance(value, list):
        return value[0].text() if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")
    return value


def stored(value):
    """As it is written into a document: not-a-number is blank."""
    return "" if isinstance(value, float) and math.isnan(value) else text(value)


def number(value):
    if isinstance(value, list):
        return number(text(value))
    if isinstance(value, str):
        if NUMBER.fullmatch(value):
            return float(value)
        days = days_of(value)
        return math.nan if days is None else days
    return float(value)


def truth(value):
    if isinstance(value, float):
        return not math.isnan(value) and value != 0
    return bool(value)


def moment(value, zone=UTC):
    """The instant that a text with a T names; one without an offset is in `zone`."""
    if not isinstance(value, str) or not DATE.match(value) or "T" not in value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def day(value):
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def days_of(value):
    """Whole days for a date, days in UTC with their fraction for a moment."""
    found = day(value)
    if found:
        return float((found - date(1970, 1, 1)).days)
    instant = moment(value)
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1) if instant else None


def each(value):
    return [node.text() for node in value] if isinstance(value, list) else [stored(value)]


# Comparison


def compare(operator, left, right):
    """A list of nodes compares like any of its nodes, an empty one like a blank."""
    if isinstance(left, list) and isinstance(right, bool):
        left = bool(left)
    if isinstance(right, list) and isinstance(left, bool):
        right = bool(right)
    if isinstance(left, list):
        return any(compare(operator, one, right) for one in ([node.text() for node in left] or [""]))
    if isinstance(right, list):
        return any(compare(operator, left, one) for one in ([node.text() for node in right] or [""]))
    if operator == "=":
        return equal(left, right)
    if operator == "!=":
        return not equal(left, right)
    one, other = number(left), number(right)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator]


def equal(left, right):
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right or (days_of(left) is not None and days_of(left) == days_of(right))
    return abs(number(left) - number(right)) < 1e-12 or number(left) == number(right)

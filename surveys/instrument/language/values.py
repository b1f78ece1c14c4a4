"""What an expression can be: text, a number, a truth value, or a set of nodes; and how one becomes another.

Dates are ISO text and become days where a number is wanted. A blank answer is "" and, as a number, NaN.
"""

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from surveys.instrument.language.dates import days_of


class Node(Protocol):
    """One place an expression can point at: an item or a group in one instance, a choice, a column of a choice."""

    @property
    def name(self) -> str: ...

    def text(self) -> str:
        """Its value as an expression sees it, "" where blank."""

    def parent(self) -> "Node | None": ...

    def children(self) -> "Iterable[Node]":
        """The nodes directly inside, relevant ones only, in order."""

    def place(self) -> int:
        """Its number among its equals (the instances of a repeat), from 1."""

    def identity(self) -> object:
        """Equal for two objects that stand for the same node."""


NodeSet = tuple[Node, ...]
Value = str | float | bool | NodeSet

BLANKS = " \t\r\n"
NAN = math.nan
_NEGLIGIBLE = 1e-12
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)


def to_string(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return value[0].text() if value else ""
    return format_number(value)


def to_printed(value: Value) -> str:
    """As `to_string`, but not-a-number is blank: what is stored and what is shown inside text."""
    if isinstance(value, float) and math.isnan(value):
        return ""
    return to_string(value)


def to_number(value: Value) -> float:
    if isinstance(value, str):
        return number_of_text(value)
    if isinstance(value, tuple):
        return number_of_text(value[0].text()) if value else NAN
    return float(value)


def to_boolean(value: Value) -> bool:
    """XPath's rule: text is true unless blank, a number unless 0 or not-a-number, a node-set unless empty."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def number_of_text(text: str) -> float:
    stripped = text.strip(BLANKS)
    if not stripped:
        return NAN
    if _NUMBER.fullmatch(stripped):
        return float(stripped)
    days = days_of(stripped)
    return NAN if days is None else days


def format_number(value: float) -> str:
    """Decimal text without exponent, the shortest that reads back as the same number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def is_blank(value: Value) -> bool:
    """No value at all: "", not-a-number, or no node with a value."""
    return to_printed(value) == ""


def strings(value: Value) -> list[str]:
    """Every node's text of a node-set, or the one text of anything else."""
    return [node.text() for node in value] if isinstance(value, tuple) else [to_printed(value)]


def numbers(value: Value) -> list[float]:
    """The numbers of a node-set, blanks left out; of anything else its one number, not-a-number included."""
    if isinstance(value, tuple):
        return [number_of_text(text) for text in strings(value) if text]
    return [to_number(value)]


# Comparison. A node-set compares like any of its nodes; an empty one like a blank answer.


def equal(left: Value, right: Value) -> bool:
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _any_pair(left, right, equal)
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right or _is_same_day(left, right)
    return _is_same_number(to_number(left), to_number(right))


def unequal(left: Value, right: Value) -> bool:
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _any_pair(left, right, unequal)
    return not equal(left, right)


def less(left: Value, right: Value) -> bool:
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _any_pair(left, right, less)
    return to_number(left) < to_number(right)


def less_or_equal(left: Value, right: Value) -> bool:
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _any_pair(left, right, less_or_equal)
    return to_number(left) <= to_number(right)


class _Comparison(Protocol):
    def __call__(self, left: Value, right: Value) -> bool: ...


def _any_pair(left: Value, right: Value, holds: _Comparison) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return holds(to_boolean(left), to_boolean(right))
    return any(holds(one, other) for one in _atoms(left) for other in _atoms(right))


def _atoms(value: Value) -> list[Value]:
    if not isinstance(value, tuple):
        return [value]
    return [node.text() for node in value] or [""]


def _is_same_number(one: float, other: float) -> bool:
    """As in JavaRosa, what binary arithmetic adds to a decimal fraction makes no difference: 0.1 + 0.2 = 0.3."""
    return one == other or abs(one - other) < _NEGLIGIBLE


def _is_same_day(left: str, right: str) -> bool:
    days = days_of(left)
    return days is not None and days == days_of(right)

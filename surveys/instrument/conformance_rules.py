"""Which cases of other engines the semantics contract decides in another way: by rule, never case by case.

`conformance_overruled.json` holds the rules: a row of the contract, the kind of case in words, and conditions that
must all hold. A rule looks at what an expression is made of and at how the two results differ, so that a result that
is wrong for any other reason is not excused by it.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from surveys.instrument.language import nodes
from surveys.instrument.language.dates import parse_date, parse_instant
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.parser import parse

_RULES = Path(__file__).with_name("conformance_overruled.json")
_EXPONENT = re.compile(r"-?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+|-?Infinity")
_TOLERANCE = 1e-9  # days; a millisecond is 1.2e-8

_LITERALS: Mapping[str, Callable[[str], bool]] = {
    "date": lambda text: parse_date(text) is not None,
    "moment": lambda text: "T" in text and parse_instant(text) is not None,
    "exponent or infinity": lambda text: _EXPONENT.fullmatch(text.strip()) is not None,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A case on which the engines differ; `zone` is the one the other engine worked in."""

    tree: nodes.Node
    wanted: str
    given: str
    zone: tzinfo


class Rules:
    def __init__(self) -> None:
        self._rules: list[Mapping[str, Any]] = json.loads(_RULES.read_text(encoding="utf-8"))

    def row(self, expression: str, wanted: str, given: str, zone: tzinfo) -> str:
        """The row of the contract that decides this case otherwise, "" where none does."""
        try:
            case = Difference(parse(expression), wanted, given, zone)
        except ExpressionError:
            return ""
        return next((str(rule["row"]) for rule in self._rules if _applies(rule, case)), "")


def _applies(rule: Mapping[str, Any], case: Difference) -> bool:
    tests = (
        all(_has_literal(case, rule[name]) for name in ("literal", "second_literal") if name in rule),
        "functions" not in rule or any(name in rule["functions"] for name in _called(case.tree)),
        "operators" not in rule or any(operator in rule["operators"] for operator in _operators(case.tree)),
        re.fullmatch(rule.get("wanted", ".*"), case.wanted, re.DOTALL) is not None,
        re.fullmatch(rule.get("given", ".*"), case.given, re.DOTALL) is not None,
        "difference" not in rule or _DIFFERENCES[rule["difference"]](case),
    )
    return all(tests)


def _literals(tree: nodes.Node) -> Iterator[str]:
    return (node.text for node in nodes.walk(tree) if isinstance(node, nodes.Literal))


def _called(tree: nodes.Node) -> Iterator[str]:
    return (node.name for node in nodes.walk(tree) if isinstance(node, nodes.Call))


def _operators(tree: nodes.Node) -> Iterator[str]:
    return (name for node in nodes.walk(tree) if isinstance(node, nodes.Operation) for name, _ in node.rest)


def _has_literal(case: Difference, kind: str) -> bool:
    return any(_LITERALS[kind](text) for text in _literals(case.tree))


# How two results differ


def _numbers(case: Difference) -> tuple[float, float] | None:
    try:
        wanted, given = float(case.wanted), float(case.given)
    except ValueError:
        return None
    return (wanted, given) if math.isfinite(wanted) and math.isfinite(given) else None


def _is_local_midnight(case: Difference) -> bool:
    """Whether what is wanted lies just as many hours after what is given as the zone lies behind UTC on that date."""
    numbers = _numbers(case)
    if numbers is None:
        return False
    days = [day for text in _literals(case.tree) if (day := parse_date(text)) is not None]
    offsets = [datetime.combine(day, time(), case.zone).utcoffset() for day in days]
    return any(
        offset and abs(numbers[0] - numbers[1] + offset.total_seconds() / 86_400) < _TOLERANCE for offset in offsets
    )


def _is_cut_off(case: Difference) -> bool:
    numbers = _numbers(case)
    return numbers is not None and numbers[0] == math.floor(numbers[1])


def _is_time_of_day(case: Difference) -> bool:
    """Whether the two lie less than a day apart."""
    numbers = _numbers(case)
    return numbers is not None and 0 < abs(numbers[0] - numbers[1]) < 1


def _is_half(case: Difference) -> bool:
    """Whether the whole expression rounds a number that lies in the middle between what is wanted and given."""
    numbers = _numbers(case)
    if numbers is None or not isinstance(case.tree, nodes.Call):
        return False
    middle = (Decimal(str(numbers[0])) + Decimal(str(numbers[1]))) / 2
    return _written_number(case.tree.arguments[0]) == middle


def _written_number(node: nodes.Node) -> Decimal | None:
    match node:
        case nodes.Literal():
            try:
                return Decimal(node.text.strip())
            except InvalidOperation:
                return None
        case nodes.Number():
            return Decimal(repr(node.value))
        case nodes.Negate():
            inner = _written_number(node.operand)
            return None if inner is None else -inner
        case _:
            return None


_DIFFERENCES: Mapping[str, Callable[[Difference], bool]] = {
    "local midnight": _is_local_midnight,
    "fraction cut off": _is_cut_off,
    "half": _is_half,
    "time of day": _is_time_of_day,
}

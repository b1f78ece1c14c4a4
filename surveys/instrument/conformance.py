"""Score the expression language on recorded cases of other engines, and the importer on forms of pyxform's tests.

`python -m surveys.instrument.conformance FILE.json [--json]`. A case is an expression, the type it is wanted as and
the value (or the error) that the other engine gives; the file's `note` may name the zone of its local times. A file
with `forms` in place of `cases` is judged by `conformance_forms`.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from surveys.instrument.analysis import analyse
from surveys.instrument.binding import FormScope
from surveys.instrument.choices import ChoiceLists
from surveys.instrument.conformance_rules import Rules
from surveys.instrument.environment import Environment
from surveys.instrument.frames import Around, Frame
from surveys.instrument.language.compiler import compile_expression
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.parser import parse
from surveys.instrument.language.values import Value, number_of_text, to_boolean, to_number, to_string
from surveys.instrument.model import Instrument
from surveys.instrument.schema import Schema
from surveys.instrument.steps import FAILURES

_ZONE = re.compile(r"\bZone ([A-Za-z]+(?:/[A-Za-z_]+)?)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`given` is what this engine makes of the case, "error: …" where it refuses it."""

    expression: str
    wanted: str
    given: str
    agrees: bool
    overruled_by: str  # the row of the semantics contract that decides otherwise, "" where none does
    source: str


def score(document: Mapping[str, Any]) -> list[Outcome]:
    """The outcome of every case. Raises KeyError where the document has no cases."""
    bench = _Bench(_zone(document))
    return [bench.outcome(case) for case in document["cases"]]


def score_forms(document: Mapping[str, Any]) -> list[Outcome]:
    """The outcome of every form: does what the importer makes of it agree with pyxform?"""
    # Only here, because the workbook readers take long to load.
    from surveys.instrument.conformance_forms import judge  # noqa: PLC0415

    return [Outcome(one.name, one.wanted, one.given, one.agrees, "", one.source) for one in judge(document)]


def _zone(document: Mapping[str, Any]) -> tzinfo:
    match = _ZONE.search(str(document.get("note", "")))
    try:
        return ZoneInfo(match.group(1)) if match else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


class _Bench:
    """An empty instrument in whose root expressions are evaluated."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        instrument = Instrument("", "", "", ("",), "", (), {}, ())
        self.schema, self.lists = Schema(instrument), ChoiceLists({})
        self.scope = FormScope(self.schema, self.lists, self.schema.root)
        environment = Environment(datetime(2020, 6, 1, 12, tzinfo=zone), date(2020, 6, 1), 1)
        around = Around(environment.now, environment.today, zone, "", "", environment, "")
        self.frame = Frame(self.schema.levels[0], None, "", 1, {}, around)
        self.frame.relevant[0] = True
        self.rules = Rules()

    def outcome(self, case: Mapping[str, Any]) -> Outcome:
        expression, error = str(case["expr"]), case.get("error")
        kind, expected = case.get("expected") or ("", "")
        wanted = f"error: {error}" if error else to_string(expected)
        try:
            value = self._value(expression)
        except ExpressionError as refusal:
            given, agrees = f"error: {refusal.message}", bool(error)
        else:
            converted = value if error else _converted(value, case.get("want") or kind)
            given, agrees = to_string(converted), not error and _agrees(converted, kind, expected)
        reason = "" if agrees else self.rules.row(expression, wanted, given, self.zone)
        return Outcome(expression, wanted, given, agrees, reason, str(case.get("from", "")))

    def _value(self, expression: str) -> Value:
        tree = parse(expression)
        for refusal in analyse(tree, self.schema, self.lists, self.schema.root).errors:
            raise refusal  # as at publication
        closure = compile_expression(tree, self.scope, is_checked=False)
        try:
            return closure(self.frame.context)
        except ExpressionError:
            raise
        except FAILURES:
            return ""


def _converted(value: Value, kind: str) -> Value:
    """The value as the type wanted. A date is compared by its text, whatever the other engine calls its type."""
    match kind:
        case "number":
            return to_number(value)
        case "boolean":
            return to_boolean(value)
        case _:
            return to_string(value)


def _agrees(value: Value, kind: str, wanted: str | bool) -> bool:
    if kind == "number":
        return _is_same_number(to_number(value), _number(str(wanted)))
    return value == wanted


def _number(text: str) -> float:
    special = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    if text in special:
        return special[text]
    return float(text) if "e" in text else number_of_text(text)


def _is_same_number(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)


# The command


def main(arguments: Sequence[str], out: TextIO) -> int:
    """0 if every case agrees, 1 if some differ, 2 if the file can't be read."""
    parser = argparse.ArgumentParser(prog="python -m surveys.instrument.conformance", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="print a JSON document instead of lines")
    options = parser.parse_args(arguments)
    try:
        document = json.loads(options.file.read_text(encoding="utf-8"))
        outcomes = score_forms(document) if "forms" in document else score(document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"{options.file}: can't be read as a file of cases ({type(error).__name__}).\n")
        return 2
    report = _Report.of(outcomes)
    if options.json:
        json.dump(asdict(report), out, ensure_ascii=False, indent=1)
        out.write("\n")
    else:
        out.write(report.lines())
    return 1 if report.differing else 0


@dataclass(frozen=True, slots=True)
class _Report:
    cases: int
    agreed: int
    share: float
    overruled: int
    share_without_overruled: float
    differing: tuple[Outcome, ...]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "_Report":
        differing = tuple(outcome for outcome in outcomes if not outcome.agrees)
        overruled = sum(bool(outcome.overruled_by) for outcome in differing)
        cases, agreed = len(outcomes), len(outcomes) - len(differing)
        without = agreed / max(1, cases - overruled)
        return cls(cases, agreed, agreed / max(1, cases), overruled, without, differing)

    def lines(self) -> str:
        lines = [
            f"{outcome.expression!r}: wanted {outcome.wanted!r}, given {outcome.given!r}"
            + (f" (contract: {outcome.overruled_by})" if outcome.overruled_by else "")
            for outcome in self.differing
        ]
        lines.append(f"{self.agreed} of {self.cases} cases agree: {self.share:.1%}.")
        lines.append(
            f"Without {self.overruled} that the contract decides otherwise: {self.share_without_overruled:.1%}."
        )
        return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))

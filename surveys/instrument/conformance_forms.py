"""Judge the importer on small forms of pyxform's own tests, written as Markdown tables.

A form that pyxform accepts must compile or be refused with a reason that has a place; one that it refuses must be
refused. The forms go the way of an author's workbook, with no option on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.instrument.authoring import adapter
from surveys.instrument.authoring.compile import compile_sheets
from surveys.instrument.authoring.reader import workbook_of
from surveys.instrument.problems import InstrumentError, Problem, Severity

REFUSED = "refused"
ACCEPTED = "compiled, or refused with a place"
_NAME = "form.xlsx"


@dataclass(frozen=True, slots=True)
class Verdict:
    name: str
    wanted: str
    given: str
    agrees: bool
    source: str


def judge(document: Mapping[str, Any]) -> Iterator[Verdict]:
    """The verdict on every form. Raises KeyError where the document is not one of forms."""
    for form in document["forms"]:
        yield _verdict(str(form["md"]), str(form["test"]), bool(form["errored"]), str(form.get("file", "")))


def _verdict(table: str, name: str, is_refused: bool, source: str) -> Verdict:
    wanted = REFUSED if is_refused else ACCEPTED
    try:
        errors = _errors(table)
    except Exception as error:
        return Verdict(name, wanted, f"crashed: {type(error).__name__}", False, source)
    given = f"refused: {errors[0]}" if errors else "compiled"
    if is_refused and not errors:
        return Verdict(name, wanted, given, _pyxform_accepts(table), source)
    is_located = not errors or any(problem.place.sheet for problem in errors)
    return Verdict(name, wanted, given, is_refused or is_located, source)


def _errors(table: str) -> tuple[Problem, ...]:
    try:
        sheets, names = adapter.read_sheets(table.encode(), ".md")
        compiled = compile_sheets(workbook_of(sheets, names), _NAME)
    except InstrumentError as error:
        return error.problems
    return tuple(problem for problem in compiled.problems if problem.severity is Severity.ERROR)


def _pyxform_accepts(table: str) -> bool:
    """Whether pyxform as installed takes the form after all: some of its tests test its own test tools."""
    try:
        sheets, names = adapter.read_sheets(table.encode(), ".md")
        adapter.verify(workbook_of(sheets, names))
    except InstrumentError:
        return False
    return True

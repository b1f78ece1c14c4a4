"""The whole way from bytes to an instrument, with every problem found on it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from surveys.instrument import evaluation
from surveys.instrument.authoring import adapter
from surveys.instrument.authoring.columns import check_columns
from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.authoring.compiler import build_instrument
from surveys.instrument.authoring.derivation import derive
from surveys.instrument.authoring.question_types import check_types
from surveys.instrument.authoring.reader import read_workbook
from surveys.instrument.authoring.sheets import Sheet, Workbook
from surveys.instrument.model import Instrument
from surveys.instrument.problems import InstrumentError, Place, Problem, Severity

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
_SHEETS = {"": 0, "survey": 1, "choices": 2, "settings": 3}


def compile_workbook(data: bytes, filename: str) -> Compiled:
    """Compile a workbook in this process. Nothing of what is wrong with it is raised; all is in `problems`.

    `filename` is only used for the form id where the settings have none.
    """
    try:
        workbook = read_workbook(data)
    except InstrumentError as error:
        return Compiled(None, error.problems)
    instrument, problems = _compile(workbook, filename)
    ordered = _ordered(workbook, problems)
    has_errors = any(problem.severity is Severity.ERROR for problem in ordered)
    return Compiled(None if has_errors else instrument, ordered)


def _compile(workbook: Workbook, filename: str) -> tuple[Instrument | None, list[Problem]]:
    types = check_types(workbook)
    problems = [*types.problems, *check_columns(workbook), *_unsupported_sheets(workbook)]
    try:
        document, warnings = adapter.structure(workbook, types.stand_ins)
    except InstrumentError as error:
        known = {problem.place.row for problem in problems if problem.severity is Severity.ERROR}
        return None, [*problems, *(found for found in error.problems if found.place.row not in known or not known)]
    problems.extend(warnings)
    instrument, structural = build_instrument(workbook, document)
    instrument, derived = derive(_identified(instrument, workbook, filename), workbook)
    problems.extend((*structural, *derived, *_in_expressions(instrument, types.stand_ins), *_empty(instrument)))
    if not any(problem.severity is Severity.ERROR for problem in problems):
        problems.extend(_refused_by_pyxform(workbook))
    return instrument, problems


def _in_expressions(instrument: Instrument, stand_ins: Mapping[int, str]) -> Iterator[Problem]:
    """What is wrong with expressions; not with the filters of selects whose type is wrong already."""
    for problem in evaluation.check(instrument):
        if problem.place.row not in stand_ins or problem.place.column != "choice_filter":
            yield problem


def _identified(instrument: Instrument, workbook: Workbook, filename: str) -> Instrument:
    if workbook.setting("form_id") or workbook.setting("id_string"):
        return instrument
    stem = filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    title = workbook.setting("form_title") or workbook.setting("title") or stem
    return replace(instrument, form_id=stem, title=title)


def _empty(instrument: Instrument) -> Iterable[Problem]:
    if not instrument.pages:
        yield Problem(Severity.ERROR, "workbook.nothing_asked", "The questionnaire asks nothing.", Place("survey"))


def _unsupported_sheets(workbook: Workbook) -> Iterable[Problem]:
    for name in ("entities", "external_choices", "osm"):
        sheet = workbook.others.get(name)
        if sheet and sheet.rows:
            message = f"The sheet '{name}' is not supported."
            yield Problem(Severity.ERROR, "workbook.unsupported_sheet", message, Place(name, 1), "Remove the sheet.")


def _refused_by_pyxform(workbook: Workbook) -> tuple[Problem, ...]:
    try:
        adapter.verify(workbook)
    except InstrumentError as error:
        return error.problems
    return ()


def _ordered(workbook: Workbook, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, its column named as the author wrote it, errors first."""
    sheets = {sheet.name: sheet for sheet in (workbook.survey, workbook.choices, workbook.settings)}
    found = {_as_written(problem, sheets): None for problem in problems}
    return tuple(sorted(found, key=lambda one: (_ORDER[one.severity], _SHEETS.get(one.place.sheet, 9), one.place.row)))


def _as_written(problem: Problem, sheets: dict[str, Sheet]) -> Problem:
    place = problem.place
    sheet = sheets.get(place.sheet)
    if sheet is None or not place.column or place.column in sheet.headers:
        return problem
    return replace(problem, place=sheet.place(place.row, place.column))

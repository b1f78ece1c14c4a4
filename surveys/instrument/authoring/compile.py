"""The whole way from bytes to an instrument, with every problem found on it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from surveys.instrument import evaluation
from surveys.instrument.authoring import adapter
from surveys.instrument.authoring.columns import check_columns
from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.authoring.compiler import build_instrument
from surveys.instrument.authoring.derivation import derive
from surveys.instrument.authoring.formulas import unworked_formulas
from surveys.instrument.authoring.lint import lint
from surveys.instrument.authoring.media_names import MediaFound, match_media
from surveys.instrument.authoring.normaliser import name_notice, normalise
from surveys.instrument.authoring.options import PLAIN, Options
from surveys.instrument.authoring.outside_lists import read_outside_lists
from surveys.instrument.authoring.question_types import check_types
from surveys.instrument.authoring.reader import read_workbook
from surveys.instrument.authoring.sheets import Sheet, Workbook
from surveys.instrument.authoring.texts import languages_of
from surveys.instrument.authoring.unsupported import without_rows, without_unsupported
from surveys.instrument.model import Instrument
from surveys.instrument.problems import InstrumentError, Place, Problem, Severity

_UNKNOWN = re.compile(r"There is no question named '(.+?)'\.")
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
_LONGEST_LANGUAGE = 50  # an interview keeps the language it is answered in
_SHEETS = {"": 0, "survey": 1, "choices": 2, "settings": 3}


def compile_workbook(data: bytes, filename: str, options: Options = PLAIN) -> Compiled:
    """Compile a workbook in this process. Nothing of what is wrong with it is raised; all is in `problems`.

    `filename` is only used for the form id where the settings have none.
    """
    try:
        workbook, file_type = read_workbook(data)
    except InstrumentError as error:
        return Compiled(None, error.problems)
    unworked = unworked_formulas(data, workbook) if file_type == ".xlsx" else ()
    if unworked:
        return Compiled(None, unworked)
    compiled = compile_sheets(workbook, filename, options)
    return replace(compiled, problems=(*compiled.problems, *name_notice(filename, file_type)))


def xform_of(data: bytes, filename: str, options: Options = PLAIN, left_out: Collection[int] = ()) -> str:
    """The XForm that ODK's own tools make of a workbook, mended as for compiling. Raises InstrumentError.

    `left_out` are the rows that the version left out: nobody is asked them in ODK Collect either. They are told, not
    found anew: without the files beside the workbook, more rows would be found that can't be asked.
    """
    workbook, _ = read_workbook(data)
    workbook = without_rows(normalise(workbook, options).workbook, left_out)
    workbook, _ = _without_foreign_sheets(workbook, may_leave_out=True)  # no version has what they say
    stem = filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return adapter.xform(workbook, stem)


def compile_sheets(workbook: Workbook, filename: str, options: Options = PLAIN) -> Compiled:
    """Compile sheets that were read already."""
    mended = normalise(workbook, options)
    instrument, media, problems = _compile(mended.workbook, filename, options)
    ordered = _ordered(workbook, (*mended.notices, *problems))
    if any(problem.severity is Severity.ERROR for problem in ordered):
        return Compiled(None, ordered)
    return Compiled(instrument, ordered, media.files)


def _compile(
    workbook: Workbook, filename: str, options: Options
) -> tuple[Instrument | None, MediaFound, list[Problem]]:
    outside = read_outside_lists(workbook, languages_of(workbook), options.attachments)
    problems: list[Problem] = []
    left_out: dict[str, int] = {}
    if options.without_unsupported:
        wrong = {problem.place.row: problem for problem in check_types(workbook, outside.by_row).problems}
        names = workbook.survey
        workbook, notices = without_unsupported(workbook, {**wrong, **outside.problems})
        left_out = {names.cell(notice.place.row, "name"): notice.place.row for notice in notices}
        outside = read_outside_lists(workbook, languages_of(workbook), options.attachments)
        problems.extend(notices)
    types = check_types(workbook, outside.by_row)
    problems.extend((*types.problems, *outside.problems.values(), *outside.notices, *check_columns(workbook)))
    workbook, sheets = _without_foreign_sheets(workbook, may_leave_out=options.without_unsupported)
    problems.extend(sheets)
    try:
        document, warnings = adapter.structure(workbook, types.stand_ins)
    except InstrumentError as error:
        known = {problem.place.row for problem in problems if problem.severity is Severity.ERROR}
        problems.extend(found for found in error.problems if found.place.row not in known or not known)
        return None, MediaFound(), problems
    problems.extend(warnings)
    instrument, structural = build_instrument(workbook, document, outside)
    instrument, derived = derive(_identified(instrument, workbook, filename), workbook)
    media = match_media(instrument, workbook, options.attachments)
    instrument = replace(instrument, media=media.by_name)
    problems.extend(
        (
            *structural,
            *derived,
            *media.problems,
            *_in_expressions(instrument, {*types.stand_ins, *outside.problems}, left_out),
            *_empty(instrument),
            *_long_languages(instrument),
        )
    )
    if not any(problem.severity is Severity.ERROR for problem in problems):
        problems.extend(_refused_by_pyxform(workbook))
    problems.extend(lint(instrument, workbook))
    return instrument, media, problems


def _in_expressions(instrument: Instrument, wrong: Collection[int], left_out: Mapping[str, int]) -> Iterator[Problem]:
    """What is wrong with expressions; not with the lists and filters of selects whose type is wrong already.

    A name that is only missing because its row (in `left_out`, by name) was left out is said to be so.
    """
    for problem in evaluation.check(instrument):
        unknown = _UNKNOWN.match(problem.message)
        if unknown and unknown.group(1) in left_out:
            advice = f"It is left out, see row {left_out[unknown.group(1)]}. Take out what refers to it as well."
            yield replace(problem, advice=advice)
        elif problem.place.row not in wrong or problem.place.column not in {"choice_filter", "type"}:
            yield problem


def _identified(instrument: Instrument, workbook: Workbook, filename: str) -> Instrument:
    if workbook.setting("form_id") or workbook.setting("id_string"):
        return instrument
    stem = filename.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    title = workbook.setting("form_title") or workbook.setting("title") or stem
    return replace(instrument, form_id=stem, title=title)


def _empty(instrument: Instrument) -> Iterator[Problem]:
    if not instrument.pages:
        message, advice = "The questionnaire asks nothing.", "Add a question that a respondent can answer."
        yield Problem(Severity.ERROR, "workbook.nothing_asked", message, Place("survey"), advice)


def _long_languages(instrument: Instrument) -> Iterator[Problem]:
    for language in instrument.languages:
        if len(language) > _LONGEST_LANGUAGE:
            message = f"The name of the language '{language[:20]}…' has more than {_LONGEST_LANGUAGE} characters."
            advice = "Name it briefly in the headers, such as 'English (en)'."
            yield Problem(Severity.ERROR, "language.too_long", message, Place("survey", 1), advice)


def _without_foreign_sheets(workbook: Workbook, *, may_leave_out: bool) -> tuple[Workbook, list[Problem]]:
    """Sheets that say what this system does not do: an error, or left out where that is asked for."""
    problems = []
    others = dict(workbook.others)
    if may_leave_out:
        workbook = replace(workbook, survey=workbook.survey.without("save_to"))  # pyxform would ask for entities
    for name in ("entities", "osm"):
        sheet = workbook.others.get(name)
        if sheet and sheet.rows and may_leave_out:
            del others[name]
            message = f"The sheet '{name}' is left out."
            problems.append(Problem(Severity.NOTICE, "workbook.sheet_left_out", message, Place(name, 1)))
        elif sheet and sheet.rows:
            message, advice = f"The sheet '{name}' is not supported.", "Remove the sheet."
            problems.append(Problem(Severity.ERROR, "workbook.unsupported_sheet", message, Place(name, 1), advice))
    return replace(workbook, others=others), problems


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

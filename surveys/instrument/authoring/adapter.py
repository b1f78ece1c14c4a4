"""The only module that touches pyxform.

pyxform gives us cells from both Excel formats, the nesting of groups and repeats, the texts by language and the
choices, all in its dict form, which keeps `${references}` as written. It also has the last word: a workbook that
its full conversion refuses is refused here, with the place it names.

Three things are hidden from the dict form, because pyxform would change more than asked or stop at the first
finding: `or_other` (it would add "Other" to every question on the list), `table-list` (it would rewrite the group)
and references (it would stop at the first unknown name; our own check finds them all).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pyxform.builder import create_survey_element_from_dict
from pyxform.errors import PyXFormError
from pyxform.utils import default_is_dynamic
from pyxform.xls2json import workbook_to_json
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from surveys.instrument.authoring.sheets import Sheet, Workbook, without_or_other
from surveys.instrument.problems import InstrumentError, Place, Problem, Severity

#: Column added to survey and choices: it comes back with each node and choice and says where it was written.
ROW_COLUMN = "outrush_row"

DAMAGED = Problem(
    Severity.ERROR,
    "workbook.damaged",
    "The workbook is damaged and can't be opened.",
    advice="Open it in a spreadsheet program and save it as .xlsx once more.",
)

#: What to do about a refusal in pyxform's words, where those don't say it.
_ADVICE = (
    ("names with spaces", "Write the code without spaces; the label may have them."),
    ("must start with '${'", "Write ${name}, without spaces between the brackets."),
    ("save_to column", "Entities are not supported here: remove the column instead."),
    ("is reserved", "Give it another name."),
    ("required column headers", "Write the names of the columns into the first row of the sheet."),
    ("Duplicate column header", "Rename or remove one of the two columns."),
    ("must be unique within their nearest", "Rename one of them."),
    ("has no label or hint", "Give it a label; what nobody is to see is a calculate or hidden."),
    ("Missing calculation", "Write what it gives into the column 'calculation'."),
    ("with no name", "Write a name without spaces into the column 'name'."),
    ("Could not find the name", "Write the name of a question as in the column 'name', or take the reference out."),
)

_MASK = "\ue000{"
_UNMASKED = {"type", "name", "parameters", "trigger"}
_HIDDEN = {"repeat_count", "trigger"}
_ROW = re.compile(r"\[row ?: ?(\d+)\]\s*")
_SHEET = re.compile(r"On the '(\w+)' sheet, (?:the '([^']+)' value(?: '[^']*')? is (?:invalid|problematic)\. )?")
_HEADERS = re.compile(r"Invalid headers provided for sheet: '(\w+)'\. ")
_DUPLICATE = re.compile(r"^Duplicate column header: (.+)$")
_DICT = re.compile(r":?\s*\{'.*\}$", re.DOTALL)  # the row as Python prints it, which helps no author
_NAMED = re.compile(r"element named '?([\w.-]+?)'?(?:[\s.]|$)|Question '([\w.-]+)'|^The question \$\{([\w.-]+)\}")
_PARAMETER = re.compile(r"seed|location-priority|track-changes|quality|randomize", re.IGNORECASE)
_CODE = re.compile(r"See \[(.+?)\] in \[(.+?)\]")
_Result = TypeVar("_Result")


def read_sheets(data: bytes, file_type: str) -> tuple[dict[str, Sheet], tuple[str, ...]]:
    """The XLSForm sheets by lower-case name, and the names of all sheets. Raises InstrumentError."""
    try:
        found: DefinitionData = _guarded(lambda: get_xlsform(data, file_type=file_type))
    except InstrumentError as error:
        if any(problem.place != Place() for problem in error.problems):
            raise
        raise InstrumentError((DAMAGED,)) from error
    sheets = {}
    for name in ("survey", "choices", "settings", "external_choices", "entities", "osm"):
        header = getattr(found, f"{name}_header")
        rows = getattr(found, name)
        if header or rows:
            sheets[name] = Sheet(name, tuple(header[0]) if header else (), tuple(rows or ()))
    return sheets, tuple(found.sheet_names or ())


def structure(workbook: Workbook, stand_ins: Mapping[int, str]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The questionnaire in pyxform's dict form, each node and choice with its row in `ROW_COLUMN`.

    `stand_ins` gives, by row, a question type to put in place of one that was already found wrong, so that the
    rest can be checked too. Raises InstrumentError.
    """
    survey = [_masked(workbook.survey, number, row, stand_ins) for number, row in _all_rows(workbook.survey)]
    choices = [_marked(number, row) for number, row in _all_rows(workbook.choices)]
    definition = _definition(workbook, survey, choices)
    warnings: list[str] = []
    try:
        document = _guarded(lambda: workbook_to_json(definition, warnings=warnings))
    except InstrumentError as error:
        raise InstrumentError(tuple(_found_by_name(problem, workbook) for problem in error.problems)) from error
    return _unmasked(document), tuple(_located(text, Severity.WARNING, "pyxform.warning") for text in warnings)


def verify(workbook: Workbook) -> None:
    """Convert in full, as ODK's own tools would. Raises InstrumentError where they refuse."""
    xform(workbook, None)


def xform(workbook: Workbook, form_id: str | None) -> str:
    """The XForm of a workbook, with `form_id` where its settings have none. Raises InstrumentError."""
    survey = [dict(row) for row in workbook.survey.rows]
    choices = [dict(row) for row in workbook.choices.rows]
    definition = _definition(workbook, survey, choices, marked=False)

    def convert() -> str:
        document = workbook_to_json(definition, fallback_form_name=form_id, warnings=[])
        # xml() rather than to_xml(): the latter writes the questionnaire into a temporary file on the way.
        return str(create_survey_element_from_dict(document).xml().toxml())

    try:
        return _guarded(convert)
    except InstrumentError as error:
        raise InstrumentError(tuple(_found_by_name(problem, workbook) for problem in error.problems)) from error


def _found_by_name(problem: Problem, workbook: Workbook) -> Problem:
    """A problem without a place that names a question or a code, there; of parameters, at the first that fits."""
    survey, choices = workbook.survey, workbook.choices
    if problem.place != Place():
        return problem
    code = _CODE.search(problem.message)
    for number, _ in choices.numbered() if code else ():
        if code and (choices.cell(number, "name"), choices.cell(number, "list_name")) == code.groups():
            return replace(problem, place=choices.place(number, "name"))
    named = _NAMED.search(problem.message)
    is_parameter = _PARAMETER.search(problem.message)
    for number, _ in survey.numbered():
        if named and survey.cell(number, "name") == next(filter(None, named.groups())):
            return replace(problem, place=survey.place(number))
        if not named and is_parameter and is_parameter.group().lower() in survey.cell(number, "parameters").lower():
            return replace(problem, place=survey.place(number, "parameters"))
    return replace(problem, place=Place("survey"))


def is_dynamic(default: str, question_type: str) -> bool:
    """Whether a default is an expression rather than a value. A default that can't be read is a value."""
    try:
        return bool(default_is_dynamic(default, question_type))
    except Exception:
        return False


def _all_rows(sheet: Sheet) -> list[tuple[int, Mapping[str, str]]]:
    return list(enumerate(sheet.rows, 2))


def _marked(number: int, row: Mapping[str, str]) -> dict[str, str]:
    return {**row, ROW_COLUMN: str(number)} if row else {}


def _masked(sheet: Sheet, number: int, row: Mapping[str, str], stand_ins: Mapping[int, str]) -> dict[str, str]:
    cells = {}
    for header, text in row.items():
        name = sheet.columns[header].name
        if name in _HIDDEN:
            continue
        if name == "type":
            cells[header] = stand_ins.get(number, without_or_other(text)[0])
        elif name == "appearance":
            kept = " ".join(token for token in text.split() if token != "table-list")  # noqa: S105
            if kept:
                cells[header] = kept
        else:
            cells[header] = text if name in _UNMASKED else text.replace("${", _MASK)
    return _marked(number, cells)


def _unmasked(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_MASK, "${")
    if isinstance(value, Mapping):
        return {key: _unmasked(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_unmasked(entry) for entry in value]
    return value


def _definition(
    workbook: Workbook, survey: list[dict[str, str]], choices: list[dict[str, str]], *, marked: bool = True
) -> DefinitionData:
    extra = (ROW_COLUMN,) if marked else ()
    others = {name: [dict(row) for row in sheet.rows] for name, sheet in workbook.others.items()}
    headers = {f"{name}_header": _header(sheet.headers) for name, sheet in workbook.others.items()}
    return DefinitionData(
        survey=survey,
        survey_header=_header((*workbook.survey.headers, *extra)),
        choices=choices,
        choices_header=_header((*workbook.choices.headers, *extra)) if choices else [],
        settings=[dict(row) for row in workbook.settings.rows],
        settings_header=_header(workbook.settings.headers),
        sheet_names=workbook.sheet_names,
        **others,
        **headers,
    )


def _header(headers: tuple[str, ...]) -> list[dict[str, None]]:
    return [dict.fromkeys(headers)] if headers else []


def _guarded(work: Callable[[], _Result]) -> _Result:
    """Run pyxform; whatever it raises becomes a located problem, its own slips included."""
    try:
        return work()
    except PyXFormError as error:
        texts = [text for text in str(error).split("\n") if text.strip()] or ["The workbook can't be read."]
        found = tuple(_located(text, Severity.ERROR, "pyxform.refused") for text in _joined(texts))
        raise InstrumentError(found) from error
    except RecursionError as error:
        problem = Problem(Severity.ERROR, "pyxform.too_deep", "The workbook is nested too deeply to be read.")
        raise InstrumentError((problem,)) from error
    except Exception as error:
        problem = Problem(
            Severity.ERROR,
            "pyxform.unreadable",
            "The workbook can't be read as an XLSForm.",
            advice="Copy the sheets survey, choices and settings as plain values into a new workbook.",
        )
        raise InstrumentError((problem,)) from error


def _joined(texts: list[str]) -> list[str]:
    """One text for each finding: lines that name no row belong to the one before."""
    joined: list[str] = []
    for text in texts:
        if joined and not _ROW.search(text):
            joined[-1] = f"{joined[-1]} {text.strip()}"
        else:
            joined.append(text.strip())
    return joined


def _located(text: str, severity: Severity, code: str) -> Problem:
    """A problem from pyxform's text, its row, sheet and column taken out of the words."""
    row, sheet, headers, duplicate = (pattern.search(text) for pattern in (_ROW, _SHEET, _HEADERS, _DUPLICATE))
    number = int(row.group(1)) if row else 0
    name, column = "survey" if row else "", ""
    if sheet:
        name, column = sheet.group(1), sheet.group(2) or ""
    elif headers:
        name, number = headers.group(1), 1
    elif duplicate:
        number, column = 1, duplicate.group(1)
    message = text
    for pattern in (_ROW, _SHEET, _HEADERS, _DICT):
        message = pattern.sub("", message)
    message = " ".join(message.replace(_MASK, "${").split())
    advice = next((advice for words, advice in _ADVICE if words in message), "")
    return Problem(severity, code, message[:600], Place(name, number, column), advice)

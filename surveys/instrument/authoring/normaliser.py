"""Mends the common first errors of old forms before anything reads them, and says of each what it did.

What is changed has one meaning only: where two readings are possible, the workbook is left alone and refused later
with its place. No question is reworded: labels and hints are never touched.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from surveys.instrument.authoring.options import Options
from surveys.instrument.authoring.question_types import canonical_type, is_ignored
from surveys.instrument.authoring.sheets import FIRST_ROW, Column, Sheet, Workbook
from surveys.instrument.languages import language_code
from surveys.instrument.problems import Place, Problem, Severity

_EXPRESSIONS = frozenset(
    (
        *("relevant", "constraint", "calculation", "choice_filter", "required", "read_only", "repeat_count"),
        *("default", "trigger", "parameters"),
    )
)
_NAMES = frozenset({"type", "name", "list_name", "consent", "trend", "disclosure", "measure", "appearance"})
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'", "‛": "'"})
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_EXCEL_NUMBER = re.compile(r"-?\d+\.0+")
_ALLOW = "allow_choice_duplicates"

Row = Mapping[str, str]
Cell = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Normalised:
    workbook: Workbook
    notices: tuple[Problem, ...]


def normalise(workbook: Workbook, options: Options) -> Normalised:
    """The workbook as its author meant it, and a located notice or warning for each change."""
    found: list[Problem] = []
    survey, choices, settings = (
        _merged(_tidied(sheet, found), found) for sheet in (workbook.survey, workbook.choices, workbook.settings)
    )
    survey = _without_ignored(_with_types(_with_plain_quotes(survey, found), found), found)
    choices = _with_whole_codes(choices, survey, found)
    others = {name: _merged(_tidied(sheet, found), found) for name, sheet in workbook.others.items()}
    tidy = replace(workbook, survey=survey, choices=choices, settings=settings, others=others)
    tidy = _with_default_language(tidy, found)
    found.extend(_texts_said_twice(tidy))
    if options.allow_duplicate_choices:
        tidy = _allowing_duplicates(tidy, found)
    return Normalised(tidy, tuple(found))


def name_notice(filename: str, actual: str) -> Iterator[Problem]:
    """A file whose name says one format and whose content is another."""
    named = f".{filename.rpartition('.')[2].lower()}"
    same = {".xlsx": {".xlsx", ".xlsm"}, ".xls": {".xls"}}[actual]
    if named in {".xls", ".xlsx", ".xlsm"} - same:
        message = f"The file is named {named}, but is {actual}; it was read as what it is."
        yield Problem(Severity.NOTICE, "normalised.file_type", message)


def _notice(code: str, message: str, place: Place, severity: Severity = Severity.NOTICE) -> Problem:
    return Problem(severity, f"normalised.{code}", message, place)


# Cells


def _mapped(sheet: Sheet, columns: Iterable[str], change: Cell, report: Callable[[int, str, str], None]) -> Sheet:
    """The sheet with `change` applied to the cells of these columns; each changed cell is reported."""
    headers = [header for header, column in sheet.columns.items() if column.name in set(columns)]
    rows: list[Row] = list(sheet.rows)
    for number, row in enumerate(sheet.rows, FIRST_ROW):
        changed = {header: change(row[header]) for header in headers if header in row}
        different = {header: text for header, text in changed.items() if text != row[header]}
        if different:
            rows[number - FIRST_ROW] = {**row, **different}
            for header, text in different.items():
                report(number, header, text)
    return replace(sheet, rows=tuple(rows))


def _tidied(sheet: Sheet, found: list[Problem]) -> Sheet:
    """Without invisible characters and odd spaces where they could only do harm, and without rows of nothing."""

    def report(row: int, header: str, _: str) -> None:
        message = "Invisible characters or unusual spaces were taken out."
        found.append(_notice("spaces", message, Place(sheet.name, row, header)))

    tidy = _mapped(sheet, _NAMES | _EXPRESSIONS, _plain_spaces, report)
    rows = [{header: text for header, text in row.items() if text.strip()} for row in tidy.rows]
    while rows and not rows[-1]:
        rows.pop()
    return replace(tidy, rows=tuple(rows))


def _plain_spaces(text: str) -> str:
    return _ODD_SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def _with_plain_quotes(survey: Sheet, found: list[Problem]) -> Sheet:
    def report(row: int, header: str, _: str) -> None:
        message = "Typographic quotation marks were read as plain ones."
        found.append(_notice("quotes", message, Place(survey.name, row, header)))

    return _mapped(survey, _EXPRESSIONS, lambda text: text.translate(_QUOTES), report)


def _with_whole_codes(choices: Sheet, survey: Sheet, found: list[Problem]) -> Sheet:
    """Codes that a spreadsheet turned into `1.0`, as `1`: unless an expression means the longer spelling."""
    cells = [text for row in survey.rows for text in row.values()]
    taken = {row[header] for row in choices.rows for header in choices.headers_of("name") if header in row}

    def whole(code: str) -> str:
        short = code.partition(".")[0]
        if not _EXCEL_NUMBER.fullmatch(code) or short in taken or any(code in cell for cell in cells):
            return code
        return short

    def report(row: int, header: str, code: str) -> None:
        message = f"The code '{code}.0' was read as '{code}': a spreadsheet adds such zeros."
        found.append(_notice("number", message, Place(choices.name, row, header)))

    return _mapped(choices, {"name"}, whole, report)


# Columns


def _merged(sheet: Sheet, found: list[Problem]) -> Sheet:
    """One column where two headers mean the same and never say different things in one row."""
    by_meaning: dict[Column, list[str]] = {}
    for header, column in sheet.columns.items():
        by_meaning.setdefault(column, []).append(header)
    for column, headers in by_meaning.items():
        if len(headers) > 1 and not _contradicts(sheet, headers):
            sheet = _joined(sheet, column, headers, found)
    return sheet


def _contradicts(sheet: Sheet, headers: list[str]) -> bool:
    return any(len({row[header].strip() for header in headers if header in row}) > 1 for row in sheet.rows)


def _joined(sheet: Sheet, column: Column, headers: list[str], found: list[Problem]) -> Sheet:
    kept = next((header for header in headers if header.partition(":")[0].strip().lower() == column.name), headers[0])
    dropped = [header for header in headers if header != kept]
    for header in dropped:
        message = f"'{header}' means the same as '{kept}'; they were read as one column."
        found.append(_notice("alias", message, Place(sheet.name, 1, header)))
    rows = []
    for row in sheet.rows:
        cells = {header: text for header, text in row.items() if header not in dropped}
        filled = next((row[header] for header in headers if header in row), "")
        rows.append({**cells, kept: filled} if filled else cells)
    return Sheet(sheet.name, tuple(header for header in sheet.headers if header not in dropped), tuple(rows))


# Types


def _with_types(survey: Sheet, found: list[Problem]) -> Sheet:
    """Types in the spelling of the standard."""

    def report(row: int, header: str, written: str) -> None:
        message = f"The type was read as '{written}'."
        found.append(_notice("type", message, Place(survey.name, row, header)))

    return _mapped(survey, {"type"}, canonical_type, report)


def _without_ignored(survey: Sheet, found: list[Problem]) -> Sheet:
    """Without rows in which another tool watches the interview or files a case: nobody is asked anything there."""
    rows = list(survey.rows)
    for number, _ in survey.numbered():
        written = " ".join(survey.cell(number, "type").split())
        if is_ignored(written):
            rows[number - FIRST_ROW] = {}
            message = f"'{written}' belongs to another tool and asks nothing; the row is left out."
            found.append(_notice("ignored", message, survey.place(number, "type")))
    return replace(survey, rows=tuple(rows))


# Settings


def _with_default_language(workbook: Workbook, found: list[Problem]) -> Workbook:
    """The default language as the headers name it: `fr` or `français` where they say `Français (fr)`."""
    stated = workbook.setting("default_language").strip()
    columns = (*workbook.survey.columns.values(), *workbook.choices.columns.values())
    named = dict.fromkeys(column.language for column in columns if column.name == "label")
    if not stated or stated in named or "" in named or not named:
        return workbook
    place = workbook.settings.place(FIRST_ROW, "default_language")
    meant = [name for name in named if _is_same_language(stated, name)]
    if len(meant) != 1:
        message = f"No label is in the language '{stated[:60]}'. The default language is '{next(iter(named))}'."
        advice = f"The columns name {', '.join(named)}."
        found.append(Problem(Severity.WARNING, "settings.default_language", message, place, advice))
        return workbook
    found.append(_notice("language", f"The default language was read as '{meant[0]}'.", place))
    header = workbook.settings.headers_of("default_language")[0]
    return replace(workbook, settings=_with_setting(workbook.settings, header, meant[0]))


def _texts_said_twice(workbook: Workbook) -> Iterator[Problem]:
    """Texts in a column without a language, which is the default one, where a column of that language has another."""
    stated = workbook.setting("default_language").strip()
    for sheet in (workbook.survey, workbook.choices):
        headers = {column: header for header, column in sheet.columns.items()}
        for column, header in headers.items():
            plain = headers.get(Column(column.name))
            if not stated or column.language != stated or plain is None:
                continue
            both = ((number, row) for number, row in sheet.numbered() if plain in row and header in row)
            rows = [number for number, row in both if row[plain] != row[header]]
            if rows:
                message = f"The column '{plain}' is in the default language, too: '{header}' is shown in its place."
                place = Place(sheet.name, rows[0], plain)
                yield _notice("language", message, place, Severity.WARNING)


def _is_same_language(stated: str, name: str) -> bool:
    return stated.casefold() == name.casefold() or language_code(stated) == language_code(name) != ""


# Choices


def _allowing_duplicates(workbook: Workbook, found: list[Problem]) -> Workbook:
    """As if the settings allowed a code twice in a list; each second one is pointed out."""
    choices = workbook.choices
    seen: dict[tuple[str, str], int] = {}
    for number, _ in choices.numbered():
        code = (choices.cell(number, "list_name"), choices.cell(number, "name"))
        if all(code) and seen.setdefault(code, number) != number:
            message = f"The code '{code[1]}' is in list '{code[0]}' already, on row {seen[code]}."
            found.append(_notice("duplicate", message, choices.place(number, "name"), Severity.WARNING))
    return replace(workbook, settings=_with_setting(workbook.settings, _ALLOW, "yes"))


def _with_setting(settings: Sheet, name: str, value: str) -> Sheet:
    row, *rest = settings.rows or ({},)
    headers = settings.headers if name in settings.headers else (*settings.headers, name)
    return Sheet("settings", headers, ({**row, name: value}, *rest))

"""Choices that stand outside the sheet 'choices': in a CSV file given beside the workbook, or on 'external_choices'."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from surveys.instrument.authoring.attachments import advice
from surveys.instrument.authoring.question_types import FROM_FILE, outside_list
from surveys.instrument.authoring.sheets import FIRST_ROW, Sheet, Workbook
from surveys.instrument.authoring.texts import Languages
from surveys.instrument.model import Choice, ChoiceList, Text
from surveys.instrument.problems import Place, Problem, Severity

MAX_CHOICES = 50_000  # of all files together
MAX_COLUMNS = 100
_EXTERNAL = "external_choices"


@dataclass
class OutsideLists:
    """By row of the survey: the name of the list it takes its choices from, or why there is none."""

    lists: dict[str, ChoiceList] = field(default_factory=dict)
    by_row: dict[int, str] = field(default_factory=dict)
    problems: dict[int, Problem] = field(default_factory=dict)
    notices: list[Problem] = field(default_factory=list)


def read_outside_lists(workbook: Workbook, languages: Languages, attachments: Mapping[str, bytes]) -> OutsideLists:
    """Every list that a select of the survey takes from a file or from 'external_choices'."""
    reader = _Reader(workbook, languages, attachments)
    survey = workbook.survey
    for number, _ in survey.numbered():
        command, name = outside_list(survey.cell(number, "type"))
        if command:
            reader.read(number, command, name)
    return reader.found


class _Reader:
    def __init__(self, workbook: Workbook, languages: Languages, attachments: Mapping[str, bytes]) -> None:
        self.workbook = workbook
        self.languages = languages
        self.attachments = attachments
        self.taken = {workbook.choices.cell(row, "list_name") for row, _ in workbook.choices.numbered()}
        self.sheets: dict[str, Sheet | str] = {}
        self.n_choices = 0
        self.found = OutsideLists()

    def read(self, row: int, command: str, name: str) -> None:
        """Take note of one row's list or problem."""
        problem = self._file(row, name) if command in FROM_FILE else self._external(row, name)
        if problem is not None:
            self.found.problems[row] = problem

    def _external(self, row: int, name: str) -> Problem | None:
        sheet = self.workbook.others.get(_EXTERNAL, Sheet(_EXTERNAL))
        numbers = [number for number, _ in sheet.numbered() if sheet.cell(number, "list_name") == name]
        if not numbers or not _headers(sheet, "name"):
            message = f"There is no list '{name}' on the sheet 'external_choices'."
            return self._problem(row, "file.no_list", message, "Add it there, or use select_one and 'choices'.")
        return self._add(row, name, sheet, numbers, ("name", "label"))

    def _file(self, row: int, name: str) -> Problem | None:
        if not name.lower().endswith(".csv"):
            message = f"The file '{name}' can't be read: choices come from .csv files only."
            return self._problem(row, "file.unreadable", message, "Save the list as CSV.")
        if name not in self.attachments:
            message = f"The choices are in the file '{name}', which is not here."
            how = advice(name, self.attachments, "attached") or f"Attach it beside the workbook: --attach {name}"
            return self._problem(row, "file.not_attached", message, how)
        sheet = self.sheets.get(name)
        if sheet is None:
            sheet = self.sheets[name] = read_csv(name, self.attachments[name])
        if isinstance(sheet, str):
            return self._problem(row, "file.unreadable", f"The file '{name}' can't be read: {sheet}", "")
        parameters = dict(_parameters(self.workbook.survey.cell(row, "parameters")))
        columns = (parameters.get("value", "name"), parameters.get("label", "label"))
        if not _headers(sheet, columns[0]):
            message = f"The file '{name}' has no column '{columns[0]}'."
            return self._problem(row, "file.unreadable", message, "Add it, or name one with parameters: value=column.")
        numbers = [number for number, _ in sheet.numbered()]
        message = f"{len(numbers)} choices were read from the file '{name}'."
        self.found.notices.append(Problem(Severity.NOTICE, "file.read", message, self._place(row)))
        return self._add(row, name, sheet, numbers, columns)

    def _add(self, row: int, name: str, sheet: Sheet, numbers: list[int], columns: tuple[str, str]) -> Problem | None:
        key = name if columns == ("name", "label") else f"{name}:{':'.join(columns)}"
        while key in self.taken:
            key = f"{key}_external"
        if key not in self.found.lists:
            self.n_choices += len(numbers)
            if self.n_choices > MAX_CHOICES:
                message = f"The lists outside the workbook have more than {MAX_CHOICES} choices together."
                return self._problem(row, "file.too_many", message, "Give shorter lists.")
            choices = tuple(self._choices(sheet, numbers, columns))
            self.found.lists[key] = ChoiceList(key, choices)
        self.found.by_row[row] = key
        return None

    def _choices(self, sheet: Sheet, numbers: list[int], columns: tuple[str, str]) -> Iterator[Choice]:
        value, label = _headers(sheet, columns[0])[0], _headers(sheet, columns[1])
        for number in numbers:
            cells = sheet.rows[number - FIRST_ROW]
            if value in cells:
                extra = {header: text for header, text in cells.items() if _is_extra(sheet, header, (value, *label))}
                place = Place(sheet.name, number, value)
                yield Choice(cells[value], self._label(sheet, cells, label), extra, place=place)

    def _label(self, sheet: Sheet, cells: Mapping[str, str], headers: list[str]) -> Text:
        languages = {header: sheet.columns[header].language or self.languages.plain for header in headers}
        return self.languages.text({languages[header]: cells[header] for header in headers if header in cells})

    def _problem(self, row: int, code: str, message: str, advice: str) -> Problem:
        return Problem(Severity.ERROR, code, message, self._place(row), advice)

    def _place(self, row: int) -> Place:
        return self.workbook.survey.place(row, "type")


def read_csv(name: str, data: bytes) -> Sheet | str:
    """A CSV file as a sheet of its name, or a sentence on why it can't be read."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "it is not UTF-8 text."
    if "\0" in text:
        return "it is not text."
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return "it is not a table."
    headers = [header.strip() for header in lines[0]] if lines else []
    if not any(headers) or len(headers) > MAX_COLUMNS:
        return "its first line names no columns."
    if len(set(filter(None, headers))) < len(list(filter(None, headers))):
        return "two of its columns have the same name."
    rows = [
        {header: cell.strip() for header, cell in zip(headers, line, strict=False) if header and cell.strip()}
        for line in lines[1:]
    ]
    return Sheet(name, tuple(filter(None, headers)), tuple(rows))


def _headers(sheet: Sheet, name: str) -> list[str]:
    """The column of exactly this name, else those that mean it, in every language."""
    return [name] if name in sheet.headers else sheet.headers_of(name)


def _is_extra(sheet: Sheet, header: str, used: tuple[str, ...]) -> bool:
    """Whether filters may read the column."""
    return header not in used and sheet.columns[header].name != "list_name"


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    for part in text.replace(",", " ").replace(";", " ").split():
        name, found, value = part.partition("=")
        if found:
            yield name.strip().lower(), value.strip()

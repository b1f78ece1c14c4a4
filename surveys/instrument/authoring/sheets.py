"""A workbook as plain cells: what the author wrote and in which row and column.

Columns have many spellings (`relevance`, `bind::relevant`, `label::English (en)`). `Column` says what a header
means; the header itself is kept, because a problem names the column as its author sees it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from surveys.instrument.problems import Place

#: The first row of a sheet holds its headers, so the first row of data is the second.
FIRST_ROW = 2

_ALIASES = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "calculate": "calculation",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "readonly": "read_only",
    "count": "repeat_count",
    "jr:count": "repeat_count",
}
_WRAPPERS = {"bind", "control", "body", "media"}
_CHOICE_ALIASES = {"caption": "label", "value": "name"}


@dataclass(frozen=True, slots=True)
class Column:
    """What a header means: a canonical name, and the language where the header ends in one."""

    name: str
    language: str = ""
    is_overfull: bool = False  # it says more than that: two headers that were pasted into one cell


def snake_case(text: str) -> str:
    return "_".join(text.split()).lower()


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows[0]` is row 2 of the spreadsheet; a row maps headers to the text of its filled cells."""

    name: str
    headers: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()

    @cached_property
    def columns(self) -> dict[str, Column]:
        """What each header means, in the order of the sheet."""
        separator = "::" if any("::" in header for header in self.headers) else ":"
        return {header: self._column(header, separator) for header in self.headers}

    def _column(self, header: str, separator: str) -> Column:
        if header.startswith("jr:"):
            return Column(_ALIASES.get(snake_case(header), header))
        first, *rest = [part.strip() for part in header.split(separator)]
        name = snake_case(first)
        if name in _WRAPPERS and rest:
            name, rest = snake_case(rest[0]), rest[1:]
        aliases = _ALIASES if self.name == "survey" else _CHOICE_ALIASES
        return Column(aliases.get(name, name), rest[0] if rest else "", len(rest) > 1)

    def numbered(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Rows that hold anything, with their number in the spreadsheet."""
        for number, row in enumerate(self.rows, FIRST_ROW):
            if row:
                yield number, row

    def cell(self, number: int, name: str) -> str:
        """Text of the first filled column of this canonical name in a row, "" where there is none."""
        index = number - FIRST_ROW
        if not 0 <= index < len(self.rows):
            return ""
        row = self.rows[index]
        return next((row[header] for header in self.headers_of(name) if header in row), "")

    def headers_of(self, name: str) -> list[str]:
        return [header for header, column in self.columns.items() if column.name == name]

    def without(self, name: str) -> "Sheet":
        """The sheet without the columns of this canonical name."""
        gone = set(self.headers_of(name))
        if not gone:
            return self
        rows = tuple({header: text for header, text in row.items() if header not in gone} for row in self.rows)
        return Sheet(self.name, tuple(header for header in self.headers if header not in gone), rows)

    def place(self, row: int, name: str = "") -> Place:
        """Place of a cell, with its column as the author wrote it where that is one column only."""
        headers = self.headers_of(name)
        return Place(self.name, row, headers[0] if len(headers) == 1 else name)


@dataclass(frozen=True)
class Workbook:
    """The sheets that matter. `sheet_names` are all there are, as written."""

    survey: Sheet
    choices: Sheet
    settings: Sheet
    others: Mapping[str, Sheet]
    sheet_names: tuple[str, ...]

    def misnamed(self, name: str) -> str:
        """What to do where a sheet has this name but for spaces, "" where there is none."""
        found = next((one for one in self.sheet_names if one.strip().lower() == name != one.lower()), "")
        return f"Take the spaces out of the name of the sheet '{found}'." if found else ""

    def setting(self, name: str) -> str:
        return self.settings.cell(FIRST_ROW, name)


_OR_OTHER = re.compile(r"\s+(?:or specify other|or_other|or other)$")


def without_or_other(question_type: str) -> tuple[str, bool]:
    """A question type without its `or_other`, and whether it had one."""
    bare, found = _OR_OTHER.subn("", question_type)
    return bare, bool(found)

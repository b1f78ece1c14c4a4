"""From the bytes of a panel file to rows of cells with their line numbers.

Each line is read for itself, so that a quotation mark left open spoils one row and not the rest of the file, and line
numbers are those an editor shows. None of our columns may hold a line break.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

COLUMNS = ("email", "language", "timezone", "country", "source", "external_id")
MAX_BYTES = 64 * 1024 * 1024
MAX_LINE = 2_000  # characters; the longest row that could be right has about 600

_NAMES = ", ".join(COLUMNS)
_DELIMITERS = (",", ";", "\t")
_SAVE_AS = "Save it as CSV in UTF-8."
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class FileRefused(Exception):
    """Something is wrong with the file as a whole. The message repeats nothing of it but our own columns' names."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One line: its cells by column, or what is wrong with it as a line."""

    line: int
    cells: dict[str, str]
    problem: str = ""


def read_rows(data: bytes) -> Iterator[RawRow]:
    """The rows below the header; empty lines are passed over. Raises FileRefused before the first row."""
    lines = enumerate(io.StringIO(decode(data), newline=None), start=1)
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        raise FileRefused("The file is empty.")
    header, delimiter = _read_header(first[1])
    return (_read_row(number, line, header, delimiter) for number, line in lines if line.strip())


def decode(data: bytes) -> str:
    """The text of a CSV file in UTF-8, with or without a byte order mark. Raises FileRefused."""
    if len(data) > MAX_BYTES:
        raise FileRefused(f"The file is larger than {MAX_BYTES // 1024**2} MiB. Split it.")
    if data.startswith(b"PK\x03\x04"):
        raise FileRefused(f"This is a workbook or an archive, not a CSV file. {_SAVE_AS}")
    if data.startswith(_UTF16):
        raise FileRefused(f"The file is in UTF-16. {_SAVE_AS}")
    if (position := data.find(b"\0")) >= 0:
        raise FileRefused(f"Line {_line_of(data, position)} holds a NUL byte, so this is no text file. {_SAVE_AS}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(f"Line {_line_of(data, error.start)} is not UTF-8. {_SAVE_AS}") from None


def _line_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _read_header(line: str) -> tuple[list[str], str]:
    """Column names and the delimiter: whichever of comma, semicolon and tab gives the most known names."""
    read = {delimiter: _names(line, delimiter) for delimiter in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda one: sum(name in COLUMNS for name in read[one]))
    names = read[delimiter]
    if not any(name in COLUMNS for name in names):
        raise FileRefused(f"The first line must name the columns: {_NAMES}.")
    for name in COLUMNS:
        if names.count(name) > 1:
            places = ", ".join(str(place) for place, other in enumerate(names, start=1) if other == name)
            raise FileRefused(f"The column {name} is there more than once, at {places}. Remove all but one.")
    if unknown := [str(place) for place, name in enumerate(names, start=1) if name not in COLUMNS]:
        raise FileRefused(f"The columns are {_NAMES}; the file has another one at {', '.join(unknown)}. Remove it.")
    if missing := [name for name in COLUMNS if name not in names]:
        columns = "column" if len(missing) == 1 else "columns"
        raise FileRefused(f"The file lacks the {columns} {', '.join(missing)}. The columns are {_NAMES}.")
    return names, delimiter


def _names(line: str, delimiter: str) -> list[str]:
    if len(line) > MAX_LINE:
        raise FileRefused(f"The first line must name the columns: {_NAMES}.")
    return [cell.strip().casefold() for cell in _split(line, delimiter) or []]


def _read_row(number: int, line: str, header: list[str], delimiter: str) -> RawRow:
    if len(line) > MAX_LINE:
        return RawRow(number, {}, f"longer than {MAX_LINE} characters")
    cells = _split(line, delimiter)
    if cells is None:
        return RawRow(number, {}, "a quotation mark is not closed, or text follows a closed one")
    if len(cells) != len(header):
        return RawRow(number, {}, f"{len(cells)} cells instead of {len(header)}")
    return RawRow(number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})


def _split(line: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([line.rstrip("\n")], delimiter=delimiter, strict=True))
    except csv.Error:
        return None

"""The data as CSV: UTF-8, comma, one header line, `\\n` at line ends, quotes where needed (RFC 4180).

Line breaks inside a cell become `\\n` too: a bare carriage return would not be quoted, and break the row.
A cell that a spreadsheet would run as a formula gets an apostrophe in front. Numbers, negative ones included, are
left alone: they can't be formulas, and the missing codes must stay numbers.
"""

import csv
import io
import re

from surveys.codebook.variables import Table

_FORMULA = re.compile(r"\s*[=+\-@\t\n|%]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def write_csv(table: Table) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([guarded(variable.name) for variable in table.variables])
    writer.writerows([guarded(cell) for cell in row] for row in table.rows)
    return file.getvalue().encode("utf-8")


def guarded(cell: str) -> str:
    """The cell, harmless to a spreadsheet."""
    cell = cell.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell

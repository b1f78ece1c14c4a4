"""Formulas that nobody ever worked out: their cells are read as blank, and a lost condition asks everybody.

Spreadsheet programs store what a formula gave beside it. Programs that write workbooks often don't.
"""

import io
import zipfile
from collections.abc import Iterator

from openpyxl import load_workbook

from surveys.instrument.authoring.sheets import Sheet, Workbook
from surveys.instrument.problems import Place, Problem, Severity

_FORMULAS = (b"<f>", b"<f ")  # in a sheet of an .xlsx file


def unworked_formulas(data: bytes, workbook: Workbook) -> tuple[Problem, ...]:
    """An error for each cell of an .xlsx file that holds a formula and was read as blank."""
    if not _has_formulas(data):
        return ()
    try:
        return tuple(_found(data, workbook))
    except Exception:  # a formula that can't be read has been read as what it gave
        return ()


def _found(data: bytes, workbook: Workbook) -> Iterator[Problem]:
    sheets = {sheet.name: sheet for sheet in (workbook.survey, workbook.choices, workbook.settings)}
    for written in load_workbook(io.BytesIO(data), read_only=True).worksheets:
        sheet = sheets.get(written.title.lower())
        if sheet is None:
            continue
        headers: list[str] = []
        for number, cells in enumerate(written.iter_rows(max_row=len(sheet.rows) + 1), 1):
            if number == 1:
                headers = [str(cell.value or "").strip() for cell in cells]
                continue
            for header, cell in zip(headers, cells, strict=False):
                if cell.data_type == "f" and header in sheet.headers and _is_blank(sheet, number, header):
                    yield _problem(Place(sheet.name, number, header))


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = (archive.read(name) for name in archive.namelist() if "/worksheets/" in name and name.endswith(".xml"))
        return any(formula in part for part in parts for formula in _FORMULAS)


def _is_blank(sheet: Sheet, number: int, header: str) -> bool:
    return not sheet.rows[number - 2].get(header, "").strip()


def _problem(place: Place) -> Problem:
    message = "The cell holds a formula that was never worked out, and would be read as blank."
    advice = "Open the workbook in a spreadsheet program and save it, or write what the formula gives."
    return Problem(Severity.ERROR, "cell.formula", message, place, advice)

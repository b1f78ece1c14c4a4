"""Formulas that nobody ever worked out: their cells are read as blank, and a lost condition asks everybody.

Spreadsheet programs store what a formula gave beside it. Programs that write workbooks often don't.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook

from surveys.instrument.authoring.sheets import Workbook
from surveys.instrument.problems import Place, Problem, Severity

_FORMULAS = (b"<f>", b"<f ", b":f>", b":f ")  # in a sheet of an .xlsx file; some programs write its tags as x:f


def unworked_formulas(data: bytes, workbook: Workbook) -> tuple[Problem, ...]:
    """An error for each cell of an .xlsx file that holds a formula and was read as blank."""
    try:
        return tuple(_found(data, workbook)) if _has_formulas(data) else ()
    except MemoryError:
        raise
    except Exception:  # a part that is damaged or of an unknown kind; those with the sheets were read before
        return ()


def _found(data: bytes, workbook: Workbook) -> Iterator[Problem]:
    sheets = {sheet.name: sheet for sheet in (workbook.survey, workbook.choices, workbook.settings)}
    formulas, results = (load_workbook(io.BytesIO(data), read_only=True, data_only=only) for only in (False, True))
    for written, given in zip(formulas.worksheets, results.worksheets, strict=True):
        sheet = sheets.get(written.title.lower())
        if sheet is None:
            continue
        rows = zip(*(one.iter_rows(max_row=len(sheet.rows) + 1) for one in (written, given)), strict=False)
        headers: list[str] = []
        for number, (cells, worked) in enumerate(rows, 1):
            if number == 1:
                headers = [str(cell.value or "").strip() for cell in worked]
            for header, cell, result in zip(headers, cells, worked, strict=False):
                if header in sheet.headers and cell.data_type == "f" and _is_unworked(result):
                    yield _problem(Place(sheet.name, number, header))


def _is_unworked(result: Any) -> bool:
    """Nothing stands beside the formula; a formula that gave an empty text has a cell of the type of texts."""
    return result.value is None and result.data_type != "str"


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = (archive.read(name) for name in archive.namelist() if "/worksheets/" in name and name.endswith(".xml"))
        return any(formula in part for part in parts for formula in _FORMULAS)


def _problem(place: Place) -> Problem:
    message = "The cell holds a formula that was never worked out, and would be read as blank."
    advice = "Open the workbook in a spreadsheet program and save it, or write what the formula gives."
    return Problem(Severity.ERROR, "cell.formula", message, place, advice)

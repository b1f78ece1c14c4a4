"""Questionnaires for tests, from small text tables.

A table is lines of cells between pipes, headers first; `\\|` is a pipe inside a cell. Blank cells stay empty.
"""

import io
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl

from surveys.instrument.authoring import Compiled, compile_workbook
from surveys.instrument.evaluation import Environment, Program, compile_program

_PIPE = re.compile(r"(?<!\\)\|")


def workbook(survey: str, choices: str = "", settings: str = "", **others: str) -> bytes:
    """An .xlsx file with these sheets; a sheet of an empty table is left out."""
    return workbook_of({"survey": survey, "choices": choices, "settings": settings, **others})


def workbook_of(sheets: Mapping[str, str]) -> bytes:
    """An .xlsx file with sheets of these names."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        if table.strip():
            sheet = book.create_sheet(name)
            for row in rows(table):
                sheet.append([cell or None for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rows(table: str) -> list[list[str]]:
    """The cells of a text table."""
    lines = (line.strip() for line in table.strip().splitlines())
    return [[_cell(part) for part in _PIPE.split(_without_edges(line))] for line in lines if line]


def _without_edges(line: str) -> str:
    line = line.removeprefix("|")
    return line[:-1] if line.endswith("|") and not line.endswith("\\|") else line


def _cell(text: str) -> str:
    return text.strip().replace("\\|", "|")


EXAMPLE = Path(__file__).parent.parent / "surveys" / "example"


def example(name: str) -> bytes:
    """A workbook of the example study: w2023, w2023_v2 or w2024."""
    return (EXAMPLE / f"{name}.xlsx").read_bytes()


def compiled(survey: str, choices: str = "", settings: str = "", **others: str) -> Compiled:
    return compile_workbook(workbook(survey, choices, settings, **others), "test.xlsx")


def program_of(survey: str, choices: str = "", settings: str = "") -> Program:
    """A compiled questionnaire that is expected to have no errors."""
    found = compiled(survey, choices, settings)
    assert found.instrument is not None, [str(problem) for problem in found.errors]
    return compile_program(found.instrument)


def example_program(name: str) -> Program:
    found = compile_workbook(example(name), f"{name}.xlsx")
    assert found.instrument is not None, [str(problem) for problem in found.errors]
    return compile_program(found.instrument)


def environment(
    *,
    today: date = date(2024, 10, 1),
    seed: int = 1,
    language: str = "",
    prior: Mapping[str, Mapping[str, str]] | None = None,
) -> Environment:
    now = datetime.combine(today, time(12), UTC)
    return Environment(now=now, today=today, seed=seed, language=language, prior=prior or {})

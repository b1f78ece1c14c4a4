"""The CSV: exact, and harmless to a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.codebook import Table, Variable, write_csv


def table(*cells: str) -> Table:
    return Table((Variable("answer", {}, "nominal"),), tuple((cell,) for cell in cells))


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


@pytest.mark.parametrize("formula", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\n=1", " =1", "-99x", "|calc", "%0"])
def test_a_formula_becomes_text(formula: str) -> None:
    assert read(write_csv(table(formula)))[1] == ["'" + formula]


@pytest.mark.parametrize("cell", ["-99", "-0.5", "+7", "3", "1e5", "a=b", "Привет", 'quote " and, comma', "", "GEO"])
def test_numbers_and_plain_text_are_left_alone(cell: str) -> None:
    assert read(write_csv(table(cell)))[1] == [cell]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"))))
def test_whatever_is_written_comes_back_but_for_the_guard(cells: list[str]) -> None:
    rows = read(write_csv(table("first", *cells)))[2:]
    expected = [cell.replace("\r\n", "\n").replace("\r", "\n").removeprefix("'") for cell in cells]
    assert [row[0].removeprefix("'") if row else "" for row in rows] == expected


def test_a_bare_carriage_return_breaks_no_row() -> None:
    assert read(write_csv(table("one\rtwo")))[1:] == [["one\ntwo"]]


def test_lines_end_alike_and_the_header_names_the_variables() -> None:
    assert write_csv(table("1", "2")) == b"answer\n1\n2\n"

"""What is refused before anything of a workbook is believed."""

import io
import zipfile

import pytest

from surveys.instrument.authoring import compile_workbook
from surveys.instrument.authoring.reader import MAX_BYTES, MAX_ROWS
from tests.builders import compiled, workbook, workbook_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FORM = "type | name | label\ntext | a | A"


def codes(data: bytes, filename: str = "form.xlsx") -> list[str]:
    found = compile_workbook(data, filename)
    assert found.instrument is None
    return [problem.code for problem in found.errors]


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "workbook.empty"),
        (b"name,email\na,b\n", "workbook.not_a_workbook"),
        (b"%PDF-1.7 nothing", "workbook.not_a_workbook"),
        (b"PK\x03\x04 cut short", "workbook.damaged"),
        (archive(**{"word/document.xml": b"<w/>"}), "workbook.not_a_workbook"),
        (OLE + b"\0" * 4000, "workbook.damaged"),
        (OLE + b"\0" * 4000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4000, "workbook.encrypted"),
        (b"x" * (MAX_BYTES + 1), "workbook.too_large"),
    ],
)
def test_what_is_no_workbook_is_refused_with_a_reason(data, code):
    assert codes(data) == [code]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    bomb = archive(**{"xl/workbook.xml": b"<w/>", "xl/sharedStrings.xml": b"a" * 200_000_000})
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("something was unpacked"))

    assert len(bomb) < MAX_BYTES
    assert codes(bomb) == ["workbook.unpacks_too_large"]


def test_many_small_parts_that_add_up_are_refused_too():
    names = {f"xl/media/{number}.bin": b"a" * 100 for number in range(1_100)}

    assert codes(archive(**{"xl/workbook.xml": b"<w/>"}, **names)) == ["workbook.unpacks_too_large"]


def test_a_workbook_without_a_survey_sheet_says_which_sheets_it_has():
    found = compile_workbook(workbook_of({"questions": FORM, "choices": "list_name | name"}), "form.xlsx")

    assert [problem.code for problem in found.errors] == ["workbook.no_survey"]
    assert "'questions'" in str(found.errors[0])


def test_an_empty_survey_sheet_is_told_from_a_missing_one():
    assert codes(workbook_of({"survey": "type | name"}))[0] == "workbook.nothing_asked"
    assert codes(workbook_of({"survey": "| |", "choices": "list_name | name"})) == ["workbook.empty_survey"]


def test_a_workbook_with_too_many_rows_is_refused():
    many = FORM + "\n" + "\n".join(f"text | a{number} | A" for number in range(MAX_ROWS["survey"] + 1))

    found = compiled(many)

    assert [problem.code for problem in found.errors] == ["workbook.too_many_rows"]
    assert found.errors[0].place.sheet == "survey"


def test_the_kind_of_file_is_told_by_its_content_not_its_name():
    assert compile_workbook(workbook(FORM), "renamed.xls").instrument is not None


def test_a_workbook_without_a_form_id_takes_the_name_of_its_file():
    instrument = compile_workbook(workbook(FORM), "folder/my_form.xlsx").instrument

    assert instrument is not None
    assert instrument.form_id == "my_form"
    assert instrument.title == "my_form"

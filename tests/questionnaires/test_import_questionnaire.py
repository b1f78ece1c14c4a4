"""The command: what it stores, what it says, and how it ends."""

import json
import zipfile
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from surveys.instrument.model import Instrument
from surveys.models import AuditEntry, Questionnaire, QuestionnaireVersion
from tests import builders
from tests.questionnaires.workbooks import CHOICES, HEAD, small, with_errors, written, zip_bomb

pytestmark = pytest.mark.django_db


def run(file: Path, *options: str, slug: str = "small") -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_questionnaire", str(file), "--slug", slug, *options, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def run_json(file: Path, *options: str, slug: str = "small") -> tuple[int, dict[str, Any]]:
    code, out, _ = run(file, "--json", *options, slug=slug)
    return code, json.loads(out)


def test_a_sound_workbook_becomes_the_first_draft(tmp_path: Path) -> None:
    data = small()
    code, out, _ = run(written(tmp_path, data))

    version = QuestionnaireVersion.objects.get()
    assert code == 0
    assert "small@1: stored as version 1 (draft)" in out
    assert "--publish" in out
    assert (version.number, version.state, version.title, version.n_items) == (1, "draft", "A small study", 2)
    assert bytes(version.workbook) == data
    assert AuditEntry.objects.get().action == "import_version"


@pytest.mark.usefixtures("compiled_here")
def test_another_workbook_becomes_the_next_version(tmp_path: Path) -> None:
    run(written(tmp_path, small()), "--publish")
    run(written(tmp_path, small("A larger study")))

    assert list(QuestionnaireVersion.objects.values_list("number", "state")) == [(2, "draft"), (1, "published")]
    assert Questionnaire.objects.get().title == "A small study", "a draft doesn't rename what is published"


@pytest.mark.usefixtures("compiled_here")
def test_the_same_workbook_again_adds_nothing_and_says_so(tmp_path: Path) -> None:
    file = written(tmp_path, small())
    run(file)
    code, out, _ = run(file)

    assert code == 0
    assert "already there" in out
    assert QuestionnaireVersion.objects.count() == 1


@pytest.mark.usefixtures("compiled_here")
def test_the_same_workbook_is_a_new_version_where_the_engine_makes_something_else_of_it(tmp_path: Path) -> None:
    file = written(tmp_path, small())
    run(file)
    stored = Instrument.from_json(QuestionnaireVersion.objects.get().content)
    older = replace(stored, title="As it was")
    QuestionnaireVersion.objects.update(content=older.to_json(), checksum=older.checksum())
    _, document = run_json(file)

    assert (document["version"], document["is_new"], document["checksum"]) == (2, True, stored.checksum())


@pytest.mark.usefixtures("compiled_here")
def test_the_same_workbook_again_with_publish_publishes_the_draft(tmp_path: Path) -> None:
    file = written(tmp_path, small())
    run(file)
    code, document = run_json(file, "--publish")

    assert code == 0
    assert (document["state"], document["is_new"], document["version"]) == ("published", False, 1)
    assert QuestionnaireVersion.objects.get().published_by == "command"


def test_problems_are_listed_with_their_place_and_nothing_is_stored(tmp_path: Path) -> None:
    code, document = run_json(written(tmp_path, with_errors()), "--publish")

    errors = {(found["sheet"], found["row"]): found for found in document["problems"] if found["severity"] == "error"}
    assert code == 1
    assert document["ok"] is False
    assert document["version"] is None
    assert document["n_errors"] == len(errors) == 2
    assert errors["survey", 3]["column"] == "relevant"
    assert "mooved" in errors["survey", 3]["message"]
    assert ("survey", 4) in errors
    assert not Questionnaire.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.usefixtures("compiled_here")
def test_the_text_names_sheet_row_and_column_too(tmp_path: Path) -> None:
    code, out, err = run(written(tmp_path, with_errors()))

    assert code == 1
    assert not out
    assert "sheet 'survey', row 3, column 'relevant'" in err
    assert "Nothing was stored." in err


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.xlsx", b"hello"),
        ("empty.xlsx", b""),
        ("cut.xlsx", small()[:700]),
        ("html.xlsx", b"<html><script>alert(1)</script></html>"),
        ("picture.xls", b"\x89PNG\r\n\x1a\n" + bytes(200)),
    ],
)
def test_a_file_that_is_no_workbook_gets_one_clear_line(tmp_path: Path, name: str, data: bytes) -> None:
    code, out, err = run(written(tmp_path, data, name))

    assert code == 1
    assert not out
    assert len(err.strip().splitlines()) == 1
    assert err.startswith(f"{name}: ")
    assert "Traceback" not in err


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    code, _, err = run(written(tmp_path, stream.getvalue()))

    assert code == 1
    assert len(err.strip().splitlines()) == 1


@pytest.mark.usefixtures("compiled_here")
def test_a_workbook_without_questions_is_refused(tmp_path: Path) -> None:
    for sheets in ({"Sheet1": "| nothing |"}, {"choices": CHOICES}, {"survey": HEAD}):
        code, _, err = run(written(tmp_path, builders.workbook_of(sheets)))
        assert code == 1
        assert "Nothing was stored." in err
    assert not Questionnaire.objects.exists()


def test_a_zip_bomb_is_refused_in_moderate_time(tmp_path: Path) -> None:
    code, _, err = run(written(tmp_path, zip_bomb()))

    assert code == 1
    assert "Nothing was stored." in err
    assert not Questionnaire.objects.exists()


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    code, _, err = run(written(tmp_path, b"PK\x03\x04" + bytes(10_000_001)))

    assert code == 1
    assert "at most 5 MB" in err


def test_a_missing_file_and_a_directory_end_with_2_and_one_line(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere.xlsx", tmp_path):
        code, out, err = run(place)
        assert code == 2
        assert not out
        assert len(err.strip().splitlines()) == 1
        assert str(tmp_path) not in err


def test_json_is_printed_for_a_missing_file_too(tmp_path: Path) -> None:
    code, document = run_json(tmp_path / "nowhere.xlsx")

    assert code == 2
    assert document["problems"][0]["code"] == "file.unreadable"
    assert set(document) == {
        *("ok", "file", "slug", "version", "state", "is_new", "checksum", "n_items"),
        *("n_errors", "n_warnings", "n_notices", "changes", "problems"),
    }


@pytest.mark.parametrize("slug", ["", "two words", "a" * 51, "../x", "w@2"])
def test_an_unusable_short_name_is_refused(tmp_path: Path, slug: str) -> None:
    code, _, err = run(written(tmp_path, small()), slug=slug)

    assert code == 1
    assert "short name" in err
    assert not Questionnaire.objects.exists()

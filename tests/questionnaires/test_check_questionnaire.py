"""check_questionnaire reads, compiles and lints, and stores nothing; export_xform gives the form for ODK Collect."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from django.conf import settings
from django.core.management import CommandError, call_command

from surveys.instrument.authoring import compile_workbook
from surveys.management.commands import check_questionnaire
from surveys.models import QuestionnaireVersion
from tests import builders
from tests.questionnaires.workbooks import small, with_errors, written


@pytest.fixture(autouse=True)
def checked_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile in this process; that the command goes the confined way is seen where it runs as a process."""
    monkeypatch.setattr(check_questionnaire, "compile_confined", compile_workbook)


UNSUPPORTED = "type | name | label\ntext | a | A\ngeopoint | b | B"
FROM_FILE = "type | name | label\nselect_one_from_file cities.csv | city | City"


def check(file: Path, *options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_questionnaire", str(file), *options, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def check_json(file: Path, *options: str) -> tuple[int, dict[str, Any]]:
    code, out = check(file, "--json", *options)
    return code, json.loads(out)


def test_a_sound_workbook_can_be_published(tmp_path: Path) -> None:
    code, document = check_json(written(tmp_path, small()))

    assert code == 0
    assert (document["ok"], document["title"], document["n_items"], document["n_errors"]) == (
        True,
        "A small study",
        2,
        0,
    )
    assert len(document["checksum"]) == 64
    assert "It can be published: A small study, 2 questions" in check(written(tmp_path, small()))[1]


def test_errors_are_told_with_their_places(tmp_path: Path) -> None:
    code, document = check_json(written(tmp_path, with_errors()))

    assert code == 1
    assert not document["ok"]
    errors = [one for one in document["problems"] if one["severity"] == "error"]
    assert [(one["sheet"], one["row"]) for one in errors] == [("survey", 3), ("survey", 4)]
    code, text = check(written(tmp_path, with_errors()))
    assert code == 1
    assert "sheet 'survey', row 3, column 'relevant'" in text
    assert "It can't be published." in text


@pytest.mark.parametrize("data", [b"", b"no workbook", small()[:500]])
def test_what_is_no_workbook_can_not_be_read(data: bytes, tmp_path: Path) -> None:
    code, document = check_json(written(tmp_path, data))

    assert code == 2
    assert document["problems"]


def test_a_file_that_is_not_there_can_not_be_read(tmp_path: Path) -> None:
    assert check(tmp_path / "nothing.xlsx")[0] == 2
    assert check(written(tmp_path, small()), "--attach", str(tmp_path / "nothing.csv"))[0] == 2


def test_a_workbook_without_a_survey_has_errors(tmp_path: Path) -> None:
    assert check(written(tmp_path, builders.workbook_of({"Sheet1": "a | b"})))[0] == 1


def test_the_lint_is_told_too(tmp_path: Path) -> None:
    data = builders.workbook("type | name | label | relevant\ntext | a | A |\ntext | b | B | false()")
    code, document = check_json(written(tmp_path, data))

    assert code == 0
    assert "lint.unreachable" in {one["code"] for one in document["problems"]}


def test_the_options_reach_the_compiler(tmp_path: Path) -> None:
    file = written(tmp_path, builders.workbook(UNSUPPORTED))
    assert check(file)[0] == 1
    assert check(file, "--without-unsupported")[0] == 0

    file = written(tmp_path, builders.workbook(FROM_FILE))
    (tmp_path / "cities.csv").write_text("name,label\ntbi,Tbilisi\n", encoding="utf-8")
    assert check(file)[0] == 1
    assert check(file, "--attach", str(tmp_path / "cities.csv"))[0] == 0


def test_no_database_is_needed(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    environment = {**os.environ, "DATABASE_URL": nowhere, "ANSWERS_DATABASE_URL": nowhere}
    command = [sys.executable, "manage.py", "check_questionnaire", str(written(tmp_path, small())), "--json"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"]


# Import with options, and the XForm


def test_the_same_workbook_without_the_option_is_not_taken_for_what_is_stored(
    db: None, compiled_here: None, tmp_path: Path
) -> None:
    file = written(tmp_path, builders.workbook(UNSUPPORTED))
    call_command("import_questionnaire", str(file), "--slug", "s", "--without-unsupported", stdout=StringIO())
    call_command("import_questionnaire", str(file), "--slug", "s", "--without-unsupported", stdout=StringIO())
    with pytest.raises(SystemExit):
        call_command("import_questionnaire", str(file), "--slug", "s", stdout=StringIO(), stderr=StringIO())

    assert QuestionnaireVersion.objects.get().n_items == 1


def test_another_attached_file_makes_another_version(db: None, compiled_here: None, tmp_path: Path) -> None:
    file = written(tmp_path, builders.workbook(FROM_FILE))
    for cities in ("tbi,Tbilisi", "tbi,Tbilisi", "bat,Batumi"):
        (tmp_path / "cities.csv").write_text(f"name,label\n{cities}\n", encoding="utf-8")
        attached = str(tmp_path / "cities.csv")
        call_command("import_questionnaire", str(file), "--slug", "s", "--attach", attached, stdout=StringIO())

    assert list(QuestionnaireVersion.objects.values_list("number", flat=True)) == [2, 1]


def test_a_version_is_exported_for_odk_collect(db: None, compiled_here: None, tmp_path: Path) -> None:
    call_command("import_questionnaire", str(written(tmp_path, small())), "--slug", "s", stdout=StringIO())
    out = StringIO()
    call_command("export_xform", "s@1", stdout=out)
    call_command("export_xform", "s@1", "--out", str(tmp_path / "s.xml"), stdout=StringIO(), stderr=StringIO())

    assert (tmp_path / "s.xml").read_text(encoding="utf-8").strip() == out.getvalue().strip()
    root = ElementTree.fromstring(out.getvalue().encode())
    binds = root.findall(".//{http://www.w3.org/2002/xforms}bind")
    assert [bind.get("nodeset") for bind in binds][:2] == ["/data/moved", "/data/moves"]


PLACES_AND_PHOTOS = """
type | name | label | calculation
text | a | Your name |
geopoint | home | Where do you live? |
image | photo | A photo |
calculate | near | | ${home}
select_one yn | b | And? |
select_one_from_file cities.csv | city | City |
"""
LOOP = """begin loop over yn | each | Of each |
text | told | Told of each |
end loop | | |
"""
YES_NO = "list_name | name | label\nyn | 1 | Yes\nyn | 1 | Also yes"


@pytest.mark.parametrize("loop", ["", LOOP], ids=["", "loop"])
def test_what_a_version_left_out_is_not_asked_in_odk_collect_either(
    db: None, compiled_here: None, tmp_path: Path, loop: str
) -> None:
    file = written(tmp_path, builders.workbook(PLACES_AND_PHOTOS + loop, YES_NO))
    (tmp_path / "cities.csv").write_text("name,label\ntbi,Tbilisi\n", encoding="utf-8")
    options = ["--without-unsupported", "--allow-duplicate-choices", "--attach", str(tmp_path / "cities.csv")]
    call_command("import_questionnaire", str(file), "--slug", "s", *options, stdout=StringIO(), stderr=StringIO())
    out = StringIO()
    call_command("export_xform", "s@1", stdout=out)

    root = ElementTree.fromstring(out.getvalue().encode())
    binds = [bind.get("nodeset") for bind in root.findall(".//{http://www.w3.org/2002/xforms}bind")]
    assert binds == ["/data/a", "/data/b", "/data/city", "/data/meta/instanceID"]
    assert not root.findall(".//{http://www.w3.org/2002/xforms}upload")
    assert not [word for word in ("home", "photo", "near", "each", "told") if f">{word}<" in out.getvalue()]
    assert "Where do you live?" not in out.getvalue()
    assert "Told of each" not in out.getvalue()


def test_an_unknown_version_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="There is no version nothing@1"):
        call_command("export_xform", "nothing@1")

"""The two commands that look at a questionnaire without storing anything, and where staff see what changed."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from surveys.models import QuestionnaireVersion
from surveys.selectors.versions import changed_since_published
from tests import builders
from tests.questionnaires.test_import_questionnaire import run, run_json
from tests.questionnaires.workbooks import small, with_errors, written

pytestmark = pytest.mark.usefixtures("compiled_here")


def called(name: str, *arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def example(folder: Path, name: str) -> str:
    return str(written(folder, builders.example(name), f"{name}.xlsx"))


def unsound() -> bytes:
    rows = "type | name | label | relevant\nselect_one yn | a | A |\ntext | never | N | ${a} = 'maybe'"
    return builders.workbook(rows, "list_name | name | label\nyn | 1 | Yes\nyn | 0 | No")


def test_a_sound_workbook_is_walked_without_a_database(tmp_path: Path) -> None:
    code, out = called("walk_questionnaire", example(tmp_path, "w2024"), "--interviews", "12", "--seed", "2")

    assert code == 0
    assert out.splitlines()[0] == "w2024.xlsx"
    assert "items reached    36 of 36" in out


def test_findings_end_the_walk_with_1_and_stand_in_the_json(tmp_path: Path) -> None:
    code, out = called("walk_questionnaire", str(written(tmp_path, unsound())), "--interviews", "5", "--json")

    document: dict[str, Any] = json.loads(out)
    assert code == 1
    assert (document["interviews"], document["items"]) == (5, {"total": 2, "reached": 1})
    assert [(found["code"], found["row"]) for found in document["problems"]] == [("walk.contradiction", 3)]


def test_a_workbook_of_others_is_walked_with_the_options_it_needs(tmp_path: Path) -> None:
    rows = "type | name | label\nselect_one_from_file x.csv | a | A\nimage | b | B"
    file, beside = written(tmp_path, builders.workbook(rows)), written(tmp_path, b"name,label\n1,One\n", "x.csv")

    code, out = called("walk_questionnaire", str(file), "--attach", str(beside), "--without-unsupported")

    assert (code, "items reached    1 of 1" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere.xlsx"], "No such file"),
        (["{errors}"], "mooved"),
        (["{sound}", "--interviews", "0"], "from 1 to"),
        (["{sound}", "--attach", "nowhere.csv"], "nowhere.csv doesn't exist"),
    ],
)
def test_what_can_not_be_walked_is_said(tmp_path: Path, arguments: list[str], reason: str) -> None:
    files = {
        "errors": written(tmp_path, with_errors(), "errors.xlsx"),
        "sound": written(tmp_path, small(), "sound.xlsx"),
    }
    with pytest.raises(CommandError, match=reason):
        call_command("walk_questionnaire", *(one.format(**files) for one in arguments))


def test_two_workbooks_are_compared_without_a_database(tmp_path: Path) -> None:
    code, out = called("compare_questionnaires", example(tmp_path, "w2023"), example(tmp_path, "w2024"))

    assert code == 0
    assert "  age: calculation" in out
    assert out.rstrip().endswith("1 changed to a new measure, 3 comparable, 9 new, 7 dropped, 28 unchanged.")


@pytest.mark.django_db
def test_two_versions_are_compared_by_their_labels(tmp_path: Path) -> None:
    run(written(tmp_path, builders.example("w2023")), "--publish", slug="w2023")
    run(written(tmp_path, builders.example("w2023_v2")), slug="w2023")

    code, out = called("compare_questionnaires", "w2023@1", "w2023@2", "--json")

    document = json.loads(out)
    assert code == 0
    assert (document["before"], document["after"]) == ("w2023@1", "w2023@2")
    assert {item["item"]: item["class"] for item in document["items"]} == {
        "interest_russia": "cosmetic",
        "trust_local_gov": "new_measure",
    }
    with pytest.raises(CommandError, match="There is no version w2023@3"):
        call_command("compare_questionnaires", "w2023@1", "w2023@3")


@pytest.mark.django_db
def test_publishing_a_next_version_says_what_changed(tmp_path: Path) -> None:
    run(written(tmp_path, builders.example("w2023")), "--publish", slug="w2023")
    _, out, _ = run(written(tmp_path, builders.example("w2023_v2")), "--publish", slug="w2023")

    assert "Against w2023@1: 1 cosmetic, 1 dropped, 37 unchanged." in out
    _, document = run_json(written(tmp_path, builders.example("w2023_v2")), "--publish", slug="w2023")
    assert document["changes"]["since"] == "w2023@1"
    assert document["changes"]["n_unchanged"] == 37


@pytest.mark.django_db
def test_a_version_is_compared_to_the_newest_published_one_before_it(tmp_path: Path) -> None:
    run(written(tmp_path, small("One")), "--publish")
    run(written(tmp_path, small("Two")))
    run(written(tmp_path, small("Three")))
    first, second, third = QuestionnaireVersion.objects.order_by("number")

    assert changed_since_published(first) is None
    for version in (second, third):
        changed = changed_since_published(version)
        assert changed is not None
        assert (changed.since, changed.summary) == (first, "2 unchanged")

"""What becomes of an item that changed between versions and waves: joined with a note, or two variables."""

import json
from pathlib import Path
from typing import Any

import pytest

from surveys.instrument.model import Comparability, Item, Kind
from surveys.models import Wave
from tests.releases.study import Study, build, item, mood, rows_of

pytestmark = pytest.mark.django_db


def codebook(tmp_path: Path, *waves: str) -> dict[str, dict[str, Any]]:
    build(tmp_path / "release", *waves, recipe=None)
    document = json.loads((tmp_path / "release" / "codebook.json").read_text())
    return {variable["name"]: variable for variable in document["variables"]}


def two_waves(first: Item, second: Item) -> Study:
    study = Study()
    study.field("w1", first)
    study.field("w2", second)
    for wave in ("w1", "w2"):
        study.many(wave, 4, "r", **{first.key if wave == "w1" else second.key: "1"})
    return study


def test_a_new_wording_is_joined_and_the_codebook_says_so(tmp_path: Path) -> None:
    two_waves(mood(), mood(label={"English (en)": "How do you feel?"}))

    found = codebook(tmp_path, "w1", "w2")

    assert found["mood"]["notes"] == ["Since w2 (w2@1): text changed."]
    assert "<p>Since w2 (w2@1): text changed.</p>" in (tmp_path / "release" / "codebook.html").read_text()
    assert {(row["wave"], row["mood"]) for row in rows_of(tmp_path / "release")} == {("w1", "1"), ("w2", "1")}


def test_another_type_makes_two_variables_that_name_each_other(tmp_path: Path) -> None:
    two_waves(mood(), item("mood", Kind.INTEGER, label={"English (en)": "About mood"}, trend="mood"))

    found = codebook(tmp_path, "w1", "w2")

    assert "mood" not in found
    assert found["mood_w1"]["notes"] == ["Since w2 (w2@1) the measure is another one: mood_w2."]
    assert found["mood_w2"]["notes"] == [
        "Since w2 (w2@1) a new measure, before it mood_w1: type (select_one, now integer) changed."
    ]
    rows = {(row["wave"], row["mood_w1"], row["mood_w2"]) for row in rows_of(tmp_path / "release")}
    assert rows == {("w1", "1", "-92"), ("w2", "-92", "1")}


def test_the_author_may_join_what_looks_new_and_the_reason_is_told(tmp_path: Path) -> None:
    before = item("age", Kind.CALCULATE, calculation="2023 - 1980", trend="age", measure="scale")
    after = item(
        *("age", Kind.CALCULATE),
        calculation="2024 - 1980",
        trend="age",
        measure="scale",
        compare=Comparability.COMPARABLE,
        compare_reason="the year of the wave",
    )
    two_waves(before, after)

    found = codebook(tmp_path, "w1", "w2")

    assert found["age"]["notes"] == ["Since w2 (w2@1): calculation. comparable, says the author: the year of the wave."]


def test_the_author_may_part_what_looks_the_same(tmp_path: Path) -> None:
    split = {"compare": Comparability.NEW_MEASURE, "compare_reason": "asked after the war began"}
    two_waves(mood(), mood(hint={"English (en)": "Today"}, **split))

    assert {"mood_w1", "mood_w2"} <= set(codebook(tmp_path, "w1", "w2"))


def test_versions_of_one_wave_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("moves", Kind.INTEGER))
    study.many("w1", 4, "a", moves="2")
    study.publish("w1", item("moves", choices="mood"))
    study.many("w1", 4, "b", moves="1")

    found = codebook(tmp_path, "w1")

    assert {"moves_w1_v1", "moves_w1_v2"} <= set(found)
    rows = sorted((row["moves_w1_v1"], row["moves_w1_v2"]) for row in rows_of(tmp_path / "release"))
    assert rows == [("-92", "1")] * 4 + [("2", "-92")] * 4


def test_a_renamed_item_of_one_questionnaire_stays_one_variable(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("moves", choices="mood"))
    study.many("w1", 4, "a", moves="2")
    study.publish("w1", item("moved", choices="mood", label={"English (en)": "About moves"}, renamed_from="moves"))
    study.many("w1", 4, "b", moved="1")

    found = codebook(tmp_path, "w1")

    assert Wave.objects.count() == 1
    assert found["moved"]["n_valid"] == 8
    assert found["moved"]["notes"] == []

"""How items become variables: joined over waves, spread over columns, coded, with a reason where there is no value."""

import json
from pathlib import Path

import pytest

from surveys.instrument.model import Disclosure, Group, Kind, Measure
from surveys.refusals import Refused
from tests.releases.study import KEEP_REGION, Study, build, item, mood, region, rows_of

pytestmark = pytest.mark.django_db


def released(tmp_path: Path, *waves: str, **options: object) -> list[dict[str, str]]:
    build(tmp_path / "release", *waves, **({"recipe": None} | options))
    return rows_of(tmp_path / "release")


def test_items_of_one_trend_are_one_variable_and_others_are_told_apart_by_questionnaire(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood(), item("extra", choices="mood"), item("only", choices="mood"))
    study.field("w-2", mood(), item("extra", choices="mood"))
    for wave in ("w1", "w-2"):
        study.many(wave, 3, "r", mood="1", extra="2", only="2")
    rows = released(tmp_path, "w1", "w-2")
    assert list(rows[0]) == ["release_id", "wave", "mood", "extra_w1", "only", "extra_w_2"]
    assert {(row["wave"], row["mood"], row["extra_w1"], row["only"], row["extra_w_2"]) for row in rows} == {
        ("w1", "1", "2", "2", "-92"),
        ("w-2", "1", "-92", "-92", "2"),
    }
    assert len({row["release_id"] for row in rows}) == 3


def test_why_there_is_no_value_stands_in_the_cell(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood())
    for reason in ("refused", "dont_know", "left_empty", "not_reached", "not_routed"):
        study.answer("w1", reason, missing={"mood": reason})
    assert {row["mood"] for row in released(tmp_path, "w1")} == {"-99", "-98", "-97", "-96", "-95"}


def test_in_quasi_identifiers_every_missing_value_looks_suppressed(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", region())
    study.answer("w1", "a", missing={"region": "refused"})
    study.answer("w1", "b", region="98")
    study.answer("w1", "c", missing={"region": "left_empty"})
    study.answer("w1", "alone", region="home")
    study.many("w1", 3, "south", region="south")
    rows = released(tmp_path, "w1", recipe=KEEP_REGION)
    assert sorted(row["region"] for row in rows) == ["-80"] * 4 + ["south"] * 3


def test_several_answers_become_a_column_each(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("why", Kind.SELECT_MULTIPLE, choices="region"), item("order", Kind.RANK, choices="mood"))
    study.answer("w1", "a", why=["south", "home"], order=["2", "1"])
    study.answer("w1", "b", why=["98"], missing={"order": "left_empty"})
    study.answer("w1", "c", missing={"why": "refused", "order": "not_reached"})
    columns = ("why_south", "why_west", "why_home", "order_1", "order_2")
    rows = released(tmp_path, "w1")
    assert list(rows[0])[2:] == list(columns)
    assert {tuple(row[name] for name in columns) for row in rows} == {
        ("1", "0", "1", "2", "1"),
        ("-98", "-98", "-98", "-97", "-97"),
        ("-99", "-99", "-99", "-96", "-96"),
    }


def test_the_ends_of_numbers_are_joined_until_k_share_them(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("friends", Kind.INTEGER))
    for number, friends in enumerate(["0", "1", "2", "3", "4", "5", "480"]):
        study.answer("w1", f"r{number}", friends=friends)
    assert sorted(row["friends"] for row in released(tmp_path, "w1")) == ["2", "2", "2", "3", "4", "4", "4"]
    assert "- friends: 2 to 4" in (tmp_path / "release" / "report.md").read_text()


def test_numbers_that_too_few_gave_are_suppressed(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("friends", Kind.INTEGER))
    study.many("w1", 4, "silent", missing={"friends": "left_empty"})
    study.answer("w1", "alone", friends="7")
    assert sorted(row["friends"] for row in released(tmp_path, "w1")) == ["-80"] + ["-97"] * 4


def test_negative_numbers_never_look_like_missing_codes_and_may_be_banded(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("balance", Kind.INTEGER))
    for number, balance in enumerate(["-150", "-99", "-20", "-5", "-1", "0", "3", "4", "5"]):
        study.answer("w1", f"r{number}", balance=balance)
    assert sorted(row["balance"] for row in released(tmp_path, "w1")) == ["0"] * 6 + ["3"] * 3
    assert "- balance: 0 to 3; 0 stands for every number below it" in (tmp_path / "release" / "report.md").read_text()
    banded = build(tmp_path / "banded", "w1", recipe="[other.balance]\nrecode='bands'\nbreaks=[-50, 0]")
    assert banded.n_rows == 9
    assert sorted(row["balance"] for row in rows_of(tmp_path / "banded")) == ["1"] * 2 + ["2"] * 3 + ["3"] * 4


def test_negative_numbers_out_of_the_way_of_missing_codes_stay(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("balance", Kind.DECIMAL))
    for number, balance in enumerate(["-150", "-0.5", "2"] * 3):
        study.answer("w1", f"r{number}", balance=balance)
    assert sorted(row["balance"] for row in released(tmp_path, "w1")) == ["-0.5"] * 3 + ["-150"] * 3 + ["2"] * 3


def test_an_identifying_number_that_looks_like_a_missing_code_is_suppressed_and_told(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("floor", Kind.INTEGER, Disclosure.QUASI))
    study.many("w1", 4, "down", floor="-2")
    study.many("w1", 4, "up", floor="3")
    rows = released(tmp_path, "w1", recipe="[quasi.floor]\nrecode='keep'")
    assert sorted(row["floor"] for row in rows) == ["-80"] * 4 + ["3"] * 4
    assert "- floor: 4" in (tmp_path / "release" / "report.md").read_text()


def test_of_a_date_only_the_year_leaves_with_its_ends_joined(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("married", Kind.DATE), item("left", Kind.DATE, Disclosure.SENSITIVE))
    for number, year in enumerate([1954, 1990, 1991, 1992, 1993, 1994, 2023]):
        study.answer("w1", f"r{number}", married=f"{year}-03-0{number + 1}", left="2022-03-05")
    rows = released(tmp_path, "w1")
    assert sorted(row["married"] for row in rows) == ["1991"] * 3 + ["1992"] + ["1993"] * 3
    assert {row["left"] for row in rows} == {"2022"}
    named = build(tmp_path / "named", "w1", recipe="[other.left]\nrecode='keep'")
    assert named.n_rows == 7
    assert {row["left"] for row in rows_of(tmp_path / "named")} == {"2022-03-05"}


def test_a_text_leaves_only_by_name_and_only_where_it_is_of_class_none(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("code", Kind.TEXT), item("diagnosis", Kind.TEXT, Disclosure.SENSITIVE), mood())
    study.many("w1", 4, "r", code="canary", diagnosis="illness", mood="1")
    assert list(released(tmp_path, "w1")[0]) == ["release_id", "wave", "mood"]
    report = (tmp_path / "release" / "report.md").read_text()
    assert "- text, and the recipe doesn't keep it: code, diagnosis" in report
    build(tmp_path / "named", "w1", recipe="[other.code]\nrecode='keep'")
    assert {row["code"] for row in rows_of(tmp_path / "named")} == {"canary"}
    with pytest.raises(Refused, match="a sensitive text is never released as given"):
        build(tmp_path / "refused", "w1", recipe="[other.diagnosis]\nrecode='keep'")


@pytest.mark.parametrize("measure", [None, Measure.NOMINAL, Measure.SCALE])
def test_calculated_values_that_are_no_numbers_leave_only_where_enough_share_them(
    tmp_path: Path, measure: Measure | None
) -> None:
    study = Study()
    study.field("w1", item("path", Kind.CALCULATE, measure=measure))
    study.many("w1", 3, "r", path="RUS-GEO")
    study.many("w1", 2, "rare", path="RUS-GEO-ISL")
    assert sorted(row["path"] for row in released(tmp_path, "w1")) == ["-80"] * 2 + ["RUS-GEO"] * 3


def test_numbers_calculated_without_a_measure_leave_only_where_enough_share_them(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("score", Kind.CALCULATE))
    for number, score in enumerate(["1", "1", "1", "2", "3000"]):
        study.answer("w1", f"r{number}", score=score)
    assert sorted(row["score"] for row in released(tmp_path, "w1")) == ["-80"] * 2 + ["1"] * 3


def test_a_summed_up_repeat_is_a_quasi_identifier(tmp_path: Path) -> None:
    study = Study()
    study.field(
        "w1", Group("moves", "moves", "/moves", (item("to", repeat="moves", path="/moves/to"),), is_repeat=True)
    )
    for number in range(8):
        study.answer("w1", f"r{number}", moves=[{"_id": f"m{n}", "to": "x"} for n in range(number // 4 + 1)])
    study.answer("w1", "none")
    study.answer("w1", "out", missing={"moves": "not_reached"})
    rows = released(tmp_path, "w1", recipe="[repeats.moves]\nsummary='count'")
    assert sorted(row["n_moves"] for row in rows) == ["1"] * 4 + ["2"] * 4
    assert "to" not in rows[0]


def test_a_recipe_may_call_more_items_quasi_identifying(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood())
    study.many("w1", 4, "r", mood="1")
    study.answer("w1", "alone", mood="2")
    rows = released(tmp_path, "w1", recipe="[quasi.mood]\nrecode='keep'")
    assert [row["mood"] for row in rows] == ["1"] * 4


def test_values_without_a_place_in_the_recode_are_refused_and_not_told(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("mobility", Kind.CALCULATE, Disclosure.QUASI, measure=Measure.NOMINAL))
    study.many("w1", 4, "r", mobility="stayed")
    study.answer("w1", "other", mobility="fled")
    recipe = "[quasi.mobility]\nrecode='groups'\ngroups={Same=['stayed']}"
    with pytest.raises(Refused, match="1 values of 'mobility' have no place in its recode") as refusal:
        released(tmp_path, "w1", recipe=recipe)
    assert "fled" not in str(refusal.value)


def test_the_codebook_tells_wordings_codes_and_treatment(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", region(label={"English (en)": "Where in ${name} do you live?"}), mood())
    study.many("w1", 4, "r", region="south", mood="1")
    recipe = "[quasi.region]\nrecode='groups'\ngroups={South=['south']}\nrest='Elsewhere'"
    released(tmp_path, "w1", recipe=recipe)
    codebook = json.loads((tmp_path / "release" / "codebook.json").read_text())
    variable = next(one for one in codebook["variables"] if one["name"] == "region")
    assert variable["label"] == {"en": "Where in [name] do you live?"}
    assert [(value["code"], value["label"][""], value["n"]) for value in variable["values"]] == [
        ("1", "South", 4),
        ("2", "Elsewhere", 0),
    ]
    assert variable["treatment"] == "Quasi-identifying: joined into 2 groups; suppressed where needed."
    assert variable["wordings"] == [{"wave": "w1", "item": "region", "text": variable["label"]}]
    names = [one["name"] for one in codebook["variables"]]
    assert names == list(rows_of(tmp_path / "release")[0])


def test_a_cell_that_a_spreadsheet_would_run_is_text(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", item("note", Kind.CALCULATE))
    study.many("w1", 3, "r", note="=HYPERLINK(1)")
    assert {row["note"] for row in released(tmp_path, "w1")} == {"'=HYPERLINK(1)"}

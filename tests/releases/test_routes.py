"""Being routed past an item because of a quasi-identifier identifies, and is treated so."""

from collections import Counter
from pathlib import Path

import pytest

from surveys.instrument.model import Disclosure, Group, Item, Kind
from surveys.refusals import Refused
from surveys.services.releasing.routes import route_taken
from tests.releases.study import KEEP_REGION, Study, build, item, mood, region, rows_of

pytestmark = pytest.mark.django_db

ABROAD = "${region} != 'home'"


def locals_group(*children: Item) -> Group:
    return Group("locals", "locals", "/locals", children, relevance=ABROAD)


def study_with_one_at_home(*items: Item | Group) -> Study:
    """Nine abroad who were asked; one at home who wasn't."""
    study = Study()
    study.field("w1", region(), *items)
    study.many("w1", 9, "abroad", region="south", trust="1", mood="2")
    study.answer("w1", "alone", region="home", mood="2", missing={"trust": "not_routed"})
    return study


def trust(**fields: object) -> Item:
    return item("trust", choices="mood", **fields)


def cells(folder: Path, name: str) -> Counter[str]:
    return Counter(row[name] for row in rows_of(folder))


@pytest.mark.parametrize(
    "items",
    [
        [trust(relevance=ABROAD)],
        [locals_group(trust(path="/locals/trust", parent="/locals"))],
        [item("is_abroad", Kind.CALCULATE, Disclosure.QUASI, calculation=ABROAD), trust(relevance="${is_abroad}")],
        [mood(relevance=ABROAD, trend=""), trust(relevance="${mood} = '2'")],
        [  # a class that its author called milder than what is read
            item("is_home", Kind.CALCULATE, calculation="not(" + ABROAD + ")"),
            item("is_abroad", Kind.CALCULATE, calculation="not(${is_home})"),
            trust(relevance="${is_abroad}"),
        ],
        [item("guess", default=ABROAD, default_is_expression=True), trust(relevance="${guess}")],
        [trust(relevance="pulldata('w0', 'region', 'panelist', ${panelist}) != 'home'")],
        [trust(relevance="pulldata('w0', 'elsewhere', 'panelist', ${panelist}) != 'home'")],
    ],
)
def test_the_only_one_who_was_not_asked_is_not_to_be_found(items: list[Item | Group], tmp_path: Path) -> None:
    """Even with the region itself left out of the file."""
    study_with_one_at_home(*items)
    build(tmp_path / "release", "w1", recipe=None)
    assert cells(tmp_path / "release", "trust")["-95"] == 0
    assert "## Routes" in (tmp_path / "release" / "report.md").read_text()


def test_a_route_that_identifies_nothing_is_told_as_it_is(tmp_path: Path) -> None:
    study_with_one_at_home(trust(relevance="${mood} = '1'"), mood())
    build(tmp_path / "release", "w1", recipe=None)
    assert cells(tmp_path / "release", "trust") == {"1": 9, "-95": 1}


def test_a_route_that_many_took_stays(tmp_path: Path) -> None:
    study = study_with_one_at_home(trust(relevance=ABROAD))
    for number in range(4):
        study.answer("w1", f"home{number}", region="home", missing={"trust": "not_routed"})
    build(tmp_path / "release", "w1", recipe=KEEP_REGION)
    assert cells(tmp_path / "release", "trust") == {"1": 9, "-95": 5}
    assert cells(tmp_path / "release", "region") == {"south": 9, "home": 5}


def test_a_suppressed_region_can_not_be_read_off_the_route(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", region(), trust(relevance=ABROAD))
    study.many("w1", 6, "south", region="south", trust="1")
    study.many("w1", 2, "west", region="west", trust="1")
    study.many("w1", 2, "home", region="home", missing={"trust": "not_routed"})
    build(tmp_path / "release", "w1", recipe=KEEP_REGION)
    hidden = [row for row in rows_of(tmp_path / "release") if row["region"] == "-80"]
    assert len(hidden) == 4
    assert {row["trust"] for row in hidden} == {"-80"}


def study_with_parties(*items: Item | Group, choice_filter: str) -> Study:
    """Parties are offered by region; the region of the two in the west has to be suppressed."""
    study = Study()
    party = item("party", choices="mood", choice_filter=choice_filter, disclosure=Disclosure.SENSITIVE)
    study.field("w1", region(), *items, party)
    study.many("w1", 4, "south", region="south", party="1", mood="1")
    study.many("w1", 4, "home", region="home", party="1", mood="2")
    study.many("w1", 2, "west", region="west", party="2", mood="1")
    study.answer("w1", "silent", mood="1", missing={"region": "left_empty", "party": "left_empty"})
    return study


@pytest.mark.parametrize(
    "items",
    [
        [],
        [item("area", Kind.CALCULATE, calculation="${region}"), item("place", Kind.CALCULATE, calculation="${area}")],
        [item("also", Kind.CALCULATE, Disclosure.SENSITIVE, calculation="${party}")],
    ],
)
def test_an_answer_whose_choices_tell_the_region_is_left_out(items: list[Item | Group], tmp_path: Path) -> None:
    reads = "place" if len(items) > 1 else "region"
    study_with_parties(*items, choice_filter=f"region = ${{{reads}}}")
    build(tmp_path / "release", "w1")
    assert cells(tmp_path / "release", "region") == {"south": 4, "home": 4, "-80": 3}
    assert not {"party", "also"} & rows_of(tmp_path / "release")[0].keys()
    report = (tmp_path / "release" / "report.md").read_text()
    assert "- the choices offered tell what identifies: " in report


def test_choices_that_tell_the_region_are_counted_where_the_recipe_says_so(tmp_path: Path) -> None:
    study_with_parties(choice_filter="region = ${region}")
    build(tmp_path / "release", "w1", recipe=KEEP_REGION + "[quasi.party]\nrecode='keep'")
    pairs = Counter((row["region"], row["party"]) for row in rows_of(tmp_path / "release"))
    assert pairs == {("south", "1"): 4, ("home", "1"): 4, ("-80", "-80"): 3}
    with pytest.raises(Refused, match=r"\[other.party\]: the choices offered tell what identifies; put it under"):
        build(tmp_path / "refused", "w1", recipe=KEEP_REGION + "[other.party]\nrecode='keep'")


def test_choices_that_tell_nothing_stay_though_a_column_of_theirs_is_called_region(tmp_path: Path) -> None:
    study_with_parties(mood(), choice_filter="region = ${mood}")
    build(tmp_path / "release", "w1")
    assert cells(tmp_path / "release", "party") == {"1": 8, "2": 2, "-97": 1}


def test_an_item_asked_because_of_such_an_answer_is_behind_a_route(tmp_path: Path) -> None:
    study = study_with_parties(trust(relevance="${party} = '1'"), choice_filter="region = ${region}")
    study.answer("w1", "alone", region="south", party="2", missing={"trust": "not_routed"})
    build(tmp_path / "release", "w1", recipe=None)
    assert "## Routes" in (tmp_path / "release" / "report.md").read_text()


@pytest.mark.parametrize(
    ("reasons", "route"),
    [
        (["", "not_routed"], "asked"),
        (["left_empty"], "asked"),
        (["not_routed", "not_routed"], "past"),
        (["not_routed", "not_reached"], "past"),
        (["not_reached"], "unreached"),
    ],
)
def test_a_route_is_told_from_why_its_items_have_no_value(reasons: list[str], route: str) -> None:
    assert route_taken(reasons) == route

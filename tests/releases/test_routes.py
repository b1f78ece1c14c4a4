"""Being routed past an item because of a quasi-identifier identifies, and is treated so."""

from collections import Counter
from pathlib import Path

import pytest

from surveys.instrument.model import Disclosure, Group, Item, Kind
from surveys.services.releasing.routes import route_taken
from tests.releases.study import KEEP_REGION, Study, build, item, mood, region, rows_of

pytestmark = pytest.mark.django_db

ABROAD = "${region} != 'home'"


def locals_group(*children: Item) -> Group:
    return Group("locals", "locals", "/locals", children, relevance=ABROAD)


def study_with_one_at_home(*items: Item | Group) -> Study:
    """Nine abroad who were asked; one at home who wasn't."""
    study = Study()
    study.open("w1", region(), *items)
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
    study.open("w1", region(), trust(relevance=ABROAD))
    study.many("w1", 6, "south", region="south", trust="1")
    study.many("w1", 2, "west", region="west", trust="1")
    study.many("w1", 2, "home", region="home", missing={"trust": "not_routed"})
    build(tmp_path / "release", "w1", recipe=KEEP_REGION)
    hidden = [row for row in rows_of(tmp_path / "release") if row["region"] == "-80"]
    assert len(hidden) == 4
    assert {row["trust"] for row in hidden} == {"-80"}


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

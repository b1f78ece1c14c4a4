"""Repeats as hubs: entries are listed, each has pages of its own, and going in and out loses nothing."""

from dataclasses import replace
from random import Random

import pytest

from surveys.instrument.advance import BACK, NEXT, STAY, Move, Step, advance, finish, show, shown_pages
from surveys.instrument.evaluation import Program
from surveys.instrument.final import final_of
from surveys.instrument.hubs import MOST_ADDED
from surveys.instrument.respondents import Profile
from surveys.instrument.resuming import resume_page
from surveys.instrument.review import review
from surveys.instrument.view import HubView, Inside, questions_in
from surveys.instrument.walk import walk_questionnaire
from tests.builders import environment, program_of
from tests.walking import walk

HERE = environment()
HOMES = """
    type | name | label | required | relevant | appearance
    text | first | First | | |
    begin_repeat | home | Homes | | |
    select_one towns | town | Which town? | yes | |
    begin_group | stay | Your stay | | | field-list
    integer | months | How many months? | | |
    text | why | Why so long? | yes | ${months} > 12 |
    end_group | | | | |
    begin_repeat | person | People | | | |
    text | name | Name | yes | |
    end_repeat | | | | |
    end_repeat | | | | |
    text | last | Last | | |
"""
TOWNS = "list_name | name | label\ntowns | tbs | Tbilisi\ntowns | evn | Yerevan"
CHILDREN = """
    type | name | label | required | repeat_count | appearance
    integer | n | How many children? | | |
    begin_repeat | child | Children | | ${n} |
    text | name | Name | | |
    begin_group | school | School | | | field-list
    text | class | Which class is ${name} in? | | |
    end_group | | | | |
    end_repeat | | | | |
    text | last | Last | | |
"""


@pytest.fixture(scope="module")
def homes() -> Program:
    return program_of(HOMES, TOWNS)


@pytest.fixture(scope="module")
def children() -> Program:
    return program_of(CHILDREN)


def go(program: Program, answers: dict, page: str, posted: dict | None = None, move: Move = NEXT) -> Step:
    """A post of a page; `posted` by question, for the entry the page is shown in."""
    view = show(program, answers, page, environment=HERE)
    controls = {question.key: question.control for question in questions_in(view.nodes)}
    values = {controls[key]: [value] for key, value in (posted or {}).items()}
    return advance(program, answers, page, values, environment=HERE, move=move)


def hub_of(step: Step) -> HubView:
    assert step.view.hub is not None, step.page
    return step.view.hub


def add(program: Program, answers: dict, page: str = "home") -> Step:
    view = show(program, answers, page, environment=HERE).hub
    assert view is not None
    return go(program, answers, page, move=Move.from_text(f"add:{view.key}" + (f":{view.outer}" if view.outer else "")))


# The way through


def test_adding_leads_into_the_entry_and_its_last_page_back_to_the_hub(homes):
    hub = go(homes, {}, "first")
    assert (hub.page, hub_of(hub).entries, hub_of(hub).may_add) == ("home", (), True)

    town = add(homes, hub.answers)
    (entry,) = [one["_id"] for one in town.answers["home"]]
    assert town.page == f"town/{entry}"
    assert town.view.inside == (Inside("Homes", 1, "home", "home"),)
    stay = go(homes, town.answers, town.page, {"town": "tbs"})
    people = go(homes, stay.answers, stay.page, {"months": "3"})
    home = go(homes, people.answers, people.page)

    assert [stay.page, people.page, home.page] == [f"stay/{entry}", f"person/{entry}", "home"]
    assert go(homes, home.answers, "home").page == "last"
    assert home.answers["home"] == [{"_id": entry, "town": "tbs", "months": "3"}]


def test_with_no_entry_the_hub_is_passed_with_one_press(homes):
    assert go(homes, {}, "home").page == "last"


def test_back_goes_the_other_way(homes):
    answers = {"home": [{"_id": "a", "town": "tbs"}, {"_id": "b", "town": "evn"}]}
    pages = ["last"]
    while pages[-1] != "first":
        pages.append(go(homes, answers, pages[-1], move=BACK).page)
    assert pages == ["last", "home", "first"]

    inside = ["person/b"]
    while inside[-1] != "home":
        inside.append(go(homes, answers, inside[-1], move=BACK).page)
    assert inside == ["person/b", "stay/b", "town/b", "home"]


def test_a_hub_inside_an_entry_keeps_its_entries_there(homes):
    answers = {"home": [{"_id": "a", "town": "tbs"}, {"_id": "b", "town": "evn"}]}
    name = add(homes, answers, "person/b")
    person = name.answers["home"][1]["person"][0]["_id"]
    assert name.page == f"name/{person}"
    assert name.view.inside == (Inside("Homes", 2, "home", "home"), Inside("People", 1, "person/b", "person"))

    hub = go(homes, name.answers, name.page, {"name": "Anna"})
    assert hub.page == "person/b"
    assert go(homes, hub.answers, hub.page).page == "home"
    assert hub.answers["home"][0] == answers["home"][0]
    assert hub.answers["home"][1]["person"] == [{"_id": person, "name": "Anna"}]


def test_pages_of_entries_come_after_their_hub_in_order(homes):
    answers = {"home": [{"_id": "a", "person": [{"_id": "p"}]}, {"_id": "b"}]}

    assert shown_pages(homes, answers, environment=HERE) == (
        *("first", "home", "town/a", "stay/a", "person/a", "name/p", "town/b", "stay/b", "person/b", "last"),
    )


def test_relevance_inside_an_entry_is_that_entrys_own(homes):
    answers = {"home": [{"_id": "a", "town": "tbs", "months": "30"}, {"_id": "b", "town": "tbs", "months": "2"}]}
    shown = [
        [question.key for question in questions_in(show(homes, answers, page, environment=HERE).nodes)]
        for page in ("stay/a", "stay/b")
    ]
    assert shown == [["months", "why"], ["months"]]


# The list


def test_entries_are_told_by_their_first_answers_with_what_is_still_open(homes):
    answers = {"home": [{"_id": "a", "town": "tbs", "months": "30"}, {"_id": "b"}]}
    hub = show(homes, answers, "home", environment=HERE).hub
    told = [[(one.label, one.values, [choice.label for choice in one.choices]) for one in e.told] for e in hub.entries]

    assert told == [[("Which town?", ("tbs",), ["Tbilisi"]), ("How many months?", ("30",), [])], []]
    assert [(entry.number, entry.page, entry.n_open, entry.mend) for entry in hub.entries] == [
        (1, "town/a", 1, "stay/a"),
        (2, "town/b", 1, "town/b"),
    ]


def test_next_names_the_entries_in_which_something_is_missing_with_the_place(homes):
    answers = {"home": [{"_id": "a", "town": "tbs"}, {"_id": "b", "town": "tbs", "person": [{"_id": "p"}]}]}
    step = go(homes, answers, "home")

    assert step.page == "home"
    assert [(one.key, one.instance, one.code) for one in step.problems] == [("home", "b", "entry_open")]
    assert [(one.page, one.control_id, one.entry) for one in step.view.problems] == [("name/p", "q-person.p.name", 2)]
    mended = go(homes, step.answers, "name/p", {"name": "Anna"})
    assert go(homes, mended.answers, "home").page == "last"


def test_an_entry_is_removed_with_all_that_is_in_it_and_only_by_its_own_hub(homes):
    answers = {"home": [{"_id": "a", "person": [{"_id": "p"}]}, {"_id": "b"}]}

    for page, move in (("home", "remove:home:zz"), ("home", "remove:person:p"), ("person/b", "remove:person:p")):
        assert go(homes, answers, page, move=Move.from_text(move)).answers == answers
    removed = go(homes, answers, "home", move=Move.from_text("remove:home:a"))
    assert (removed.page, removed.answers) == ("home", {"home": [{"_id": "b"}]})


def test_an_empty_last_entry_is_used_before_another_is_added(homes):
    first = add(homes, {})
    again = add(homes, first.answers)
    assert (again.page, again.answers) == (first.page, first.answers)

    filled = go(homes, again.answers, again.page, {"town": "evn"})
    assert len(add(homes, filled.answers).answers["home"]) == 2


def test_the_id_of_a_removed_entry_is_never_given_again(homes):
    first = add(homes, {})
    removed = go(homes, first.answers, "home", move=Move.from_text(f"remove:home:{first.page.split('/')[1]}"))
    second = add(homes, removed.answers)
    assert second.page != first.page

    late = advance(
        homes, second.answers, first.page, {f"{first.page}.town": ["tbs"]}, environment=HERE, move=Move("stay")
    )
    assert (late.is_astray, late.answers) == (True, second.answers)


def test_an_entry_in_which_only_a_default_or_a_drawn_number_stands_is_empty():
    program = program_of(
        """
        type | name | label | default | calculation
        begin_repeat | trip | Trips | |
        begin_group | g | G | |
        text | to | Where to? | |
        text | by | How? | train |
        text | on | When? | string(today()) |
        calculate | drawn | | | once(random())
        end_group | | | |
        end_repeat | | | |
        """,
        settings="style\npages",
    )
    first = add(program, {}, "trip")
    hub = go(program, first.answers, first.page, {"by": "train", "on": str(HERE.today)})
    assert {"by", "drawn"} <= hub.answers["trip"][0].keys()
    assert add(program, hub.answers, "trip").page == first.page

    for key in ("by", "on"):
        changed = go(program, first.answers, first.page, {key: "2020-01-01"})
        assert add(program, changed.answers, "trip").page != first.page


def test_no_more_entries_are_added_than_the_limit(homes):
    answers = {"home": [{"_id": f"e{n}", "town": "tbs"} for n in range(MOST_ADDED)]}
    assert not show(homes, answers, "home", environment=HERE).hub.may_add
    step = go(homes, answers, "home", move=Move.from_text("add:home"))
    assert (step.page, step.answers) == ("home", answers)


@pytest.mark.parametrize("page", ["town/zz", "town", "town/", "home/a", "first/a", "town/a/a", "name/a"])
def test_a_page_of_no_entry_is_no_page(homes, page):
    answers = {"home": [{"_id": "a", "town": "tbs"}]}

    assert page not in shown_pages(homes, answers, environment=HERE)
    step = advance(homes, answers, page, {"home.a.town": ["evn"], "first": ["x"]}, environment=HERE, move=NEXT)
    assert step.answers == answers


# Counted


def test_entries_that_a_count_asks_for_follow_each_other_until_all_were_seen(children):
    step, pages = go(children, {}, "n", {"n": "2"}), []
    hub = hub_of(step)
    assert (hub.is_by_hand, hub.may_add, [entry.is_ahead for entry in hub.entries]) == (False, False, [True, True])
    while step.page != "last":
        pages.append(step.page)
        step = go(children, step.answers, step.page)

    first, second = (entry.instance for entry in hub.entries)
    assert pages == ["child", f"name/{first}", f"school/{first}", f"name/{second}", f"school/{second}", "child"]
    seen = show(children, step.answers, "child", environment=HERE).hub.entries
    assert [entry.is_ahead for entry in seen] == [False, False]


def test_a_count_that_grows_leads_into_the_new_entry_alone_and_one_that_shrinks_keeps_the_answers(children):
    step = go(children, {}, "n", {"n": "1"})
    while step.page != "last":
        step = go(children, step.answers, step.page, {"name": "Anna"} if step.page.startswith("name") else {})
    grown = go(children, step.answers, "n", {"n": "2"})
    into = go(children, grown.answers, grown.page)
    assert into.page == f"name/{hub_of(grown).entries[1].instance}"

    none = go(children, into.answers, "n", {"n": "0"})
    assert none.page == "last"
    back = go(children, none.answers, "n", {"n": "1"})
    assert hub_of(back).entries[0].told[0].values == ("Anna",)


def test_the_end_is_reached_only_after_every_entry_that_a_count_asks_for_was_seen(children):
    step = go(children, {}, "n", {"n": "1"})
    while step.page != "last":
        step = go(children, step.answers, step.page)
    assert go(children, step.answers, "last").is_over

    grown = go(children, step.answers, "n", {"n": "3"}, Move("review"))
    entries = [one.instance for one in show(children, grown.answers, "child", environment=HERE).hub.entries]
    assert (grown.is_over, grown.problems, grown.page) == (False, (), f"name/{entries[1]}")
    assert finish(children, grown.answers, "last", environment=HERE).page == f"name/{entries[1]}"
    pages = [grown.page]
    while not grown.is_over:
        grown = go(children, grown.answers, grown.page, move=Move("review"))
        pages.append(grown.page)
    assert pages[1:4] == [f"school/{entries[1]}", f"name/{entries[2]}", f"school/{entries[2]}"]
    assert len(pages) == 5


def test_a_counted_hub_is_the_last_page_when_its_entries_were_seen():
    program = program_of(
        """
        type | name | label | repeat_count
        integer | n | How many? |
        begin_repeat | child | Children | ${n}
        text | name | Name |
        end_repeat | | |
        """
    )
    hub = go(program, {}, "n", {"n": "1"})
    assert not hub.view.is_last
    seen = go(program, hub.answers, go(program, hub.answers, "child").page)
    assert (seen.page, seen.view.is_last) == ("child", True)


def test_entries_of_a_count_keep_their_places_in_whatever_order_they_are_answered(children):
    answers = go(children, {}, "n", {"n": "3"}).answers
    entries = [one.instance for one in show(children, answers, "child", environment=HERE).hub.entries]
    for number in (2, 0, 1):
        answers = go(children, answers, f"name/{entries[number]}", {"name": f"N{number}"}).answers

    assert [(one["_id"], one["name"]) for one in answers["child"]] == [(entries[n], f"N{n}") for n in range(3)]


def test_nobody_adds_or_removes_what_a_count_asks_for(children):
    answers = go(children, {}, "n", {"n": "2"}).answers
    entry = show(children, answers, "child", environment=HERE).hub.entries[0].instance
    for move in ("add:child", f"remove:child:{entry}"):
        step = go(children, answers, "child", move=Move.from_text(move))
        assert (step.page, step.answers) == ("child", answers)


def test_without_entries_a_counted_hub_is_not_shown(children):
    assert shown_pages(children, {"n": "0"}, environment=HERE) == ("n", "last")


# The rest of the engine


def test_the_end_leads_to_the_page_of_the_entry_that_lacks_something(homes):
    answers = {"home": [{"_id": "a", "town": "tbs"}, {"_id": "b"}]}
    step = finish(homes, answers, "last", environment=HERE)

    assert (step.is_over, step.page) == (False, "town/b")
    assert [problem.control_id for problem in step.view.problems] == ["q-home.b.town"]


def test_someone_resumes_in_the_entry_that_lacks_something(homes):
    answers = {"first": "x", "home": [{"_id": "a"}, {"_id": "b", "town": "tbs", "months": "30"}]}

    assert resume_page(homes, answers, environment=HERE) == "town/a"
    answers["home"][0]["town"] = "evn"
    assert resume_page(homes, answers, environment=HERE) == "stay/b"


def test_someone_who_answered_an_entry_to_its_end_resumes_on_the_hub(children):
    answers = {"n": "1", "child": [{"_id": "a", "name": "Anna", "class": "3", "_visited": "yes"}]}

    assert resume_page(children, answers, environment=HERE) == "child"


def test_the_review_holds_the_pages_of_each_entry(homes):
    answers = {"home": [{"_id": "a", "town": "tbs"}, {"_id": "b", "town": "evn"}]}
    pages = [page.name for page in review(homes, answers, environment=HERE)]

    assert tuple(pages) == shown_pages(homes, answers, environment=HERE)


def test_a_broken_off_interview_tells_what_was_not_reached_in_each_entry(children):
    answers = go(children, {}, "n", {"n": "2"}).answers
    entries = [one.instance for one in show(children, answers, "child", environment=HERE).hub.entries]
    answers = go(children, answers, f"name/{entries[0]}", {"name": "Anna"}).answers
    final = final_of(children, answers, environment=HERE, reached=f"school/{entries[0]}")

    assert final.values["child"][0] == {"_id": entries[0], "name": "Anna"}
    assert final.missing["child"] == [
        {"_id": entries[0], "class": "left_empty"},
        {"_id": entries[1], "name": "not_reached", "class": "not_reached"},
    ]
    assert final.missing["last"] == "not_reached"


@pytest.mark.parametrize("seed", range(5))
def test_simulated_respondents_come_through_hubs(homes, seed):
    found = walk(homes, environment=HERE, random=Random(seed), profile=Profile(instances=0.95, skips=0.3))
    assert found.is_over
    assert all(home["town"] for home in found.answers.get("home", ()))


def test_simulated_respondents_mend_an_entry_that_a_later_answer_has_opened():
    program = program_of(
        """
        type | name | label | required | relevant
        begin_repeat | trip | Trips | |
        text | to | Where to? | |
        text | visa | Which visa? | yes | count(${trip}) > 1
        end_repeat | | | |
        """
    )
    found = walk(program, environment=HERE, random=Random(3), profile=Profile(instances=1.9, skips=0))
    assert found.is_over
    assert len(found.answers["trip"]) > 1
    assert all(trip["visa"] for trip in found.answers["trip"])


def test_the_walk_reaches_everything_inside_hubs_and_finds_nothing(homes):
    report = walk_questionnaire(homes, environment=replace(HERE), interviews=40, seed=1)

    assert report.problems == ()
    assert report.n_items_reached == report.n_items


def test_progress_counts_the_pages_of_entries_too(homes):
    answers = {"home": [{"_id": "a", "town": "tbs"}]}
    shown = [show(homes, answers, page, environment=HERE) for page in shown_pages(homes, answers, environment=HERE)]

    assert [(view.done, view.total) for view in shown] == [(number, 6) for number in range(6)]
    assert [view.is_last for view in shown] == [False] * 5 + [True]
    assert [view.is_first for view in shown] == [True] + [False] * 5


def test_staying_on_a_page_of_an_entry_saves_it(homes):
    answers = {"home": [{"_id": "a"}, {"_id": "b"}]}
    step = go(homes, answers, "town/b", {"town": "evn"}, STAY)

    assert (step.page, step.answers["home"]) == ("town/b", [{"_id": "a"}, {"_id": "b", "town": "evn"}])

"""Repeats inside repeats on one page: entries are added where their button stands, answers stay with their entry."""

import random

from surveys.instrument.advance import NEXT, Move, advance, show
from surveys.instrument.final import final_of
from surveys.instrument.respondents import Profile
from surveys.instrument.view import PageView, RepeatView
from tests.builders import environment, program_of
from tests.walking import walk

HERE = environment()
SURVEY = """
    type | name | label | repeat_count | relevant | appearance
    begin_repeat | household | Household | | | field-list
    text | street | Street | | |
    begin_repeat | person | Person | | |
    integer | age | Age of ${street} | | |
    text | job | Job | | ${age} > 15 |
    end_repeat | | | | |
    end_repeat | | | | |
    note | end | Bye | | |
"""
COUNTED = """
    type | name | label | repeat_count | appearance
    integer | n_homes | How many homes? | |
    begin_repeat | home | Home | ${n_homes} | field-list
    integer | n_rooms | How many rooms? | |
    begin_repeat | room | Room | ${n_rooms} |
    text | colour | Colour? | |
    end_repeat | | | |
    end_repeat | | | |
"""


def repeat_in(view: PageView, *way: int) -> RepeatView:
    """The repeat inside the instances numbered by `way`."""
    nodes = view.nodes
    found = next(node for node in nodes if isinstance(node, RepeatView))
    for number in way:
        found = next(node for node in found.instances[number].nodes if isinstance(node, RepeatView))
    return found


def test_an_entry_is_added_inside_the_entry_whose_button_was_pressed():
    program = program_of(SURVEY)
    step = advance(program, {}, "household", {}, environment=HERE, move=Move("add", "household"))
    step = advance(program, step.answers, "household", {}, environment=HERE, move=Move("add", "household"))
    second = repeat_in(step.view).instances[1].instance
    inner = repeat_in(step.view, 1)
    assert (inner.key, inner.outer) == ("person", second)

    step = advance(
        program, step.answers, "household", {}, environment=HERE, move=Move.from_text(f"add:person:{second}")
    )
    assert [len(repeat_in(step.view, number).instances) for number in (0, 1)] == [0, 1]

    age = repeat_in(step.view, 1).instances[0].nodes[0]
    posted = {age.control: ["40"], f"household.{second}.street": ["Elm"]}
    step = advance(program, step.answers, "household", posted, environment=HERE, move=Move("stay"))
    shown = repeat_in(step.view, 1).instances[0].nodes
    assert [node.label for node in shown] == ["Age of Elm", "Job"]
    assert step.answers["household"][1]["person"][0]["age"] == "40"


def test_an_inner_entry_is_never_added_outside_or_inside_a_stranger():
    program = program_of(SURVEY)
    start = advance(program, {}, "household", {}, environment=HERE, move=Move("add", "household")).answers

    for instance in ("", "nobody"):
        step = advance(program, start, "household", {}, environment=HERE, move=Move("add", "person", instance))
        assert step.answers == start


def test_removing_an_entry_takes_its_inner_entries_along():
    program = program_of(SURVEY)
    answers = {"household": [{"_id": "a", "person": [{"_id": "b", "age": "3"}]}, {"_id": "c"}]}

    step = advance(program, answers, "household", {}, environment=HERE, move=Move("remove", "person", "b"))
    assert step.answers["household"][0]["person"] == []
    step = advance(program, answers, "household", {}, environment=HERE, move=Move("remove", "household", "a"))
    assert step.answers["household"] == [{"_id": "c"}]


def test_counts_inside_counts_make_entries_that_keep_their_answers():
    program = program_of(COUNTED)
    step = advance(program, {}, "n_homes", {"n_homes": ["2"]}, environment=HERE, move=NEXT)
    rooms = {node.control: ["2"] for home in repeat_in(step.view).instances for node in home.nodes[:1]}
    step = advance(program, step.answers, "home", rooms, environment=HERE, move=Move("stay"))
    colours = {
        room.nodes[0].control: [f"colour {home}{number}"]
        for home in (0, 1)
        for number, room in enumerate(repeat_in(step.view, home).instances)
    }
    assert len(colours) == 4

    step = advance(program, step.answers, "home", colours, environment=HERE, move=NEXT)
    assert step.is_over
    final = final_of(program, step.answers, environment=HERE, reached=None)
    found = [room["colour"] for home in final.values["home"] for room in home["room"]]
    assert found == ["colour 00", "colour 01", "colour 10", "colour 11"]


def test_simulated_respondents_fill_repeats_inside_repeats():
    program = program_of(SURVEY)
    found = walk(program, environment=HERE, random=random.Random(3), profile=Profile(instances=0.95, skips=0))

    assert found.is_over
    assert any(home.get("person") for home in found.answers["household"])
    assert show(program, found.answers, "household", environment=HERE).nodes

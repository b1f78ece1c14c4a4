"""What is kept of an interview, and the reason for everything that is not there."""

from random import Random

import pytest

from surveys.instrument.final import final_of
from tests.builders import environment, example_program, program_of
from tests.walking import walk

ENVIRONMENT = environment()
SURVEY = """
type | name | label | relevant | constraint | calculation | appearance
hidden | panelist | | | | |
start | started | | | | |
begin_group | one | One | | | | field-list
select_one yn | moved | Moved | | | |
integer | times | Times | ${moved} = '1' | . < 10 | |
select_multiple why | why | Why | | | |
note | thanks | Thanks | | | |
end_group | one | | | | |
calculate | double | | | | ${times} * 2 |
begin_repeat | places | Places | ${moved} = '1' | | | field-list
text | where | Where | | | |
integer | months | Months | | | |
end_repeat | places | | | | |
begin_group | two | Two | | | | field-list
text | last | Last | | | |
end_group | two | | | | |
"""
CHOICES = """
list_name | name | label | missing
yn | 1 | Yes |
yn | 0 | No |
yn | 98 | Hard to say | dont_know
why | a | A |
why | b | B |
why | 99 | Prefer not | refused
"""


def final(answers, reached=None):
    return final_of(program_of(SURVEY, CHOICES), answers, environment=ENVIRONMENT, reached=reached)


def test_every_question_has_either_a_value_or_a_reason():
    found = final({"moved": "1", "times": "3", "why": ["b", "a"], "places": [{"_id": "i1", "where": "X"}]})

    assert found.values == {
        "moved": "1",
        "times": "3",
        "why": ["b", "a"],
        "double": "6",
        "places": [{"_id": "i1", "where": "X"}],
    }
    assert found.missing == {"places": [{"_id": "i1", "months": "left_empty"}], "last": "left_empty"}
    assert (found.n_applicable, found.n_answered) == (6, 4)


def test_answers_that_are_not_relevant_are_dropped_with_their_reason():
    found = final({"moved": "0", "times": "3", "places": [{"_id": "i1", "where": "X"}], "why": []})

    assert found.values == {"moved": "0"}
    assert found.missing == {
        "times": "not_routed",
        "why": "left_empty",
        "places": "not_routed",
        "last": "left_empty",
    }


def test_hard_to_say_and_prefer_not_are_reasons_and_count_as_answered():
    found = final({"moved": "98", "why": ["99"]})

    assert (found.missing["moved"], found.missing["why"]) == ("dont_know", "refused")
    assert "moved" not in found.values
    assert found.n_answered == 2


def test_a_substantive_choice_beside_prefer_not_is_a_value():
    assert final({"why": ["a", "99"]}).values["why"] == ["a", "99"]


@pytest.mark.parametrize(
    ("reached", "reasons"),
    [
        ("one", {"why": "left_empty", "places": "not_reached", "last": "not_reached"}),
        ("places", {"why": "left_empty", "last": "not_reached"}),
        ("two", {"why": "left_empty", "last": "left_empty"}),
        (None, {"why": "left_empty", "last": "left_empty"}),
        ("", {"why": "not_reached", "places": "not_reached", "last": "not_reached"}),
    ],
)
def test_pages_after_the_last_one_seen_were_not_reached(reached, reasons):
    assert final({"moved": "1", "times": "2"}, reached).missing == reasons


def test_an_answer_beyond_the_page_reached_is_kept():
    assert final({"moved": "0", "last": "early"}, "one").values == {"moved": "0", "last": "early"}


def test_an_answer_that_breaks_its_constraint_was_never_accepted():
    found = final({"moved": "1", "times": "11"}, "one")

    assert "times" not in found.values
    assert found.missing["times"] == "left_empty"


def test_panelist_and_moments_are_never_kept():
    found = final({"panelist": "someone", "started": "2024-10-01T08:15:00.000+00:00", "moved": "0"})

    assert "someone" not in repr(found)
    assert "08:15" not in repr(found)


def test_notes_are_no_questions():
    assert "thanks" not in final({}).missing


@pytest.mark.parametrize("name", ["w2023", "w2023_v2", "w2024"])
def test_each_question_of_the_study_is_accounted_for_once(name):
    program = example_program(name)
    asked = {item.key for item in program.instrument.items() if item.is_asked and not item.repeat}
    for seed in range(8):
        answers = walk(program, environment=ENVIRONMENT, random=Random(seed), stop_after=seed + 3).answers
        found = final_of(program, answers, environment=ENVIRONMENT, reached=None)

        assert {key for key in found.values if key in asked} | {key for key in found.missing if key in asked} == asked
        assert not {key for key in found.values if key in asked} & {key for key in found.missing if key in asked}
        assert found.n_answered <= found.n_applicable

"""Randomised choices."""

import pytest

from surveys.instrument.choices import shuffle
from surveys.instrument.model import Kind
from tests.instrument.small_instruments import choice, environment, item, program, repeat

LETTERS = [choice(letter) for letter in "ABCDEF"]


@pytest.mark.parametrize(("seed", "order"), [(42, "AFCBDE"), (-42, "EDAFBC"), (1, "BFEACD"), (11111111, "ACDBFE")])
def test_the_order_is_that_of_odks_specification(seed, order):
    """The orders are those that ODK's engines record for these seeds."""
    assert "".join(shuffle("ABCDEF", seed)) == order


def names(state, key="q", instance=""):
    return "".join(offered.name for offered in state.choices(key, instance))


def test_a_seed_written_by_the_author_gives_the_same_order_to_all():
    asked = program(
        item("q", Kind.SELECT_ONE, choices="l", parameters={"randomize": "true", "seed": "42"}), lists={"l": LETTERS}
    )
    assert {names(asked.evaluate({}, environment(seed=seed))) for seed in range(5)} == {"AFCBDE"}


def test_without_a_seed_the_order_belongs_to_interview_item_and_instance():
    randomized = {"randomize": "true"}
    asked = program(
        item("q", Kind.SELECT_ONE, choices="l", parameters=randomized),
        item("other", Kind.SELECT_ONE, choices="l", parameters=randomized),
        repeat("r", item("inner", Kind.SELECT_ONE, choices="l", parameters=randomized)),
        lists={"l": LETTERS},
    )
    answers = {"r": [{"_id": "k1"}, {"_id": "k2"}]}
    state, again = (asked.evaluate(answers, environment(seed=3)) for _ in range(2))
    assert names(state) == names(again)
    orders = {names(state), names(state, "other"), names(state, "inner", "k1"), names(state, "inner", "k2")}
    assert len(orders) > 1
    assert len({names(asked.evaluate({}, environment(seed=seed))) for seed in range(20)}) > 10


def test_missing_codes_and_fixed_choices_keep_their_places():
    lists = {
        "l": [
            choice("refused", missing="refused"),
            *LETTERS,
            choice("first", fixed="top"),
            choice("other", fixed="bottom"),
            choice("unsure", missing="dont_know"),
        ]
    }
    asked = program(item("q", Kind.SELECT_ONE, choices="l", parameters={"randomize": "true"}), lists=lists)
    for seed in range(10):
        shown = [offered.name for offered in asked.evaluate({}, environment(seed=seed)).choices("q")]
        assert shown[0] == "first"
        assert shown[-3:] == ["refused", "other", "unsure"]
        assert sorted(shown[1:-3]) == list("ABCDEF")


def test_without_randomize_the_authors_order_stays():
    asked = program(item("q", Kind.SELECT_ONE, choices="l"), lists={"l": LETTERS})
    assert names(asked.evaluate({}, environment())) == "ABCDEF"

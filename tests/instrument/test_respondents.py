"""Simulated respondents get through the study's questionnaires and give answers that hold."""

from collections import Counter
from random import Random

import pytest

from surveys.instrument import respondents
from surveys.instrument.advance import show
from surveys.instrument.respondents import Profile, answer_page
from tests.builders import environment, example_program, program_of
from tests.walking import walk

CONSENTING = Profile(fixed={"consent": "1"})


@pytest.mark.parametrize("language", ["English (en)", "Русский (ru)"])
@pytest.mark.parametrize("name", ["w2023", "w2023_v2", "w2024"])
def test_the_questionnaires_of_the_study_are_walked_from_consent_to_the_end(name, language):
    program = example_program(name)
    here = environment(language=language, prior={"w2023": {"country": "GEO"}})

    walks = [walk(program, environment=here, random=Random(seed), profile=CONSENTING) for seed in range(12)]

    assert all(one.is_over and one.outcome == "" for one in walks)
    assert all((one.pages[0], one.pages[-1]) == ("p_consent", "p_recontact") for one in walks)
    assert {page for one in walks for page in one.pages} == {page.name for page in program.instrument.pages}
    answered = {key for one in walks for key in one.answers}
    assert answered >= {item.key for item in program.instrument.items() if item.is_asked and not item.repeat} - {
        "country_other"
    }


def test_some_do_not_consent_and_their_interview_ends_there():
    program = example_program("w2023")

    outcomes = Counter(walk(program, environment=environment(), random=Random(seed)).outcome for seed in range(20))

    assert set(outcomes) == {"", "refused"}


def test_someone_who_breaks_off_leaves_the_page_they_saw_last():
    program = example_program("w2023")

    left = walk(program, environment=environment(), random=Random(1), profile=CONSENTING, stop_after=4)

    assert not left.is_over
    assert left.page == "p_place"
    assert "region" not in left.answers


def test_the_same_seed_gives_the_same_answers():
    program = example_program("w2023")

    first, second, other = (
        walk(program, environment=environment(), random=Random(seed), profile=CONSENTING).answers for seed in (5, 5, 6)
    )

    assert first == second
    assert first != other


def test_a_profile_fixes_some_answers_and_weights_others():
    program = example_program("w2023")
    profile = Profile(
        fixed={"consent": "1", "birth_year": "1988", "region": "caucasus", "country": "GEO"},
        weights={"gender": {"1": 1.0}, "legal_status": {"3": 9.0, "5": 1.0}},
        skips=0.0,
        evades=0.0,
    )

    found = [
        walk(program, environment=environment(), random=Random(seed), profile=profile).answers for seed in range(30)
    ]

    assert {one["country"] for one in found} == {"GEO"}
    assert {one["birth_year"] for one in found} == {"1988"}
    assert {one["gender"] for one in found} == {"1"}
    statuses = Counter(one["legal_status"] for one in found)
    assert set(statuses) <= {"3", "5"}
    assert statuses["3"] > statuses["5"]


def test_an_answers_document_is_given_once_more_instance_by_instance_and_over_defaults():
    program = program_of(
        """
        type | name | label | default | appearance
        integer | n | N | 5 |
        date | year | Y | | year
        text | left | L | lorem |
        begin_repeat | people | P | |
        text | name | N | |
        select_multiple yn | m | M | |
        end_repeat | | | |
        """,
        "list_name | name | label\nyn | 1 | Yes\nyn | 0 | No",
    )
    people = [{"name": "A", "m": ["1", "0"]}, {"name": "B", "m": ["0"]}, {"name": "C", "m": []}]
    given = {
        "n": "7",
        "year": "1999-01-01",
        "left": "",
        "people": [{"_id": f"p{n}", **one} for n, one in enumerate(people)],
    }

    found = walk(program, environment=environment(), random=Random(1), profile=Profile(given=given)).answers

    assert {key: found[key] for key in ("n", "year", "left")} == {"n": "7", "year": "1999-01-01", "left": ""}
    assert [(one["name"], one.get("m", [])) for one in found["people"]] == [(one["name"], one["m"]) for one in people]


def test_values_are_tried_against_constraints_that_read_other_answers():
    program = program_of(
        """
        type | name | label | required | constraint
        integer | low | Low | yes | . >= 5 and . <= 9
        integer | high | High | yes | . > ${low} and . < 20
        date | day | Day | yes | . >= date('2020-01-01') and . <= today()
        """
    )

    for seed in range(10):
        done = walk(program, environment=environment(), random=Random(seed))
        assert done.is_over
        assert 5 <= int(done.answers["low"]) < int(done.answers["high"]) < 20


def test_a_page_is_answered_without_knowing_anything_but_its_view():
    program = example_program("w2023")
    view = show(program, {"consent": "1"}, "p_you", environment=environment())

    posted = answer_page(program, view, Random(1), Profile(skips=0.0))

    assert set(posted) == {"birth_year", "gender", "education"}


def test_an_answered_page_does_not_touch_the_answers_it_was_given():
    program = example_program("w2023")
    answers = {"consent": "1", "moves": [{"_id": "i1"}]}
    view = show(program, answers, "moves", environment=environment())

    posted = respondents.answer_page(program, view, Random(1), answers=answers, environment=environment())

    assert "moves.i1.move_country" in posted or "moves.i1.move_months" in posted
    assert answers == {"consent": "1", "moves": [{"_id": "i1"}]}

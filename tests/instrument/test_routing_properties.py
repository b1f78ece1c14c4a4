"""General rules of the way through a questionnaire: where somebody ends up depends on the answers alone."""

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.instrument import respondents
from surveys.instrument.advance import BACK, NEXT, STAY, advance, show, shown_pages
from surveys.instrument.final import final_of
from surveys.instrument.view import questions_in
from tests.instrument.test_advance_properties import ENVIRONMENT, program
from tests.walking import walk

RULES = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.sampled_from(["every", "hubs", "w2023", "w2023_v2", "w2024"])
SEEDS = st.integers(0, 10_000)
TAKING_PART = respondents.Profile(fixed={"consent": "1", "one": "1"})


def interview(name: str, seed: int) -> dict[str, Any]:
    """The answers of someone who came to the end."""
    return walk(program(name), environment=ENVIRONMENT, random=Random(seed), profile=TAKING_PART).answers


def empty_instances(answers: dict[str, Any]) -> dict[str, Any]:
    """The instances of repeats with nothing in them but their ids, which are made by adding and not by posting."""
    return {
        key: [{"_id": instance["_id"], **empty_instances(instance)} for instance in value]
        for key, value in answers.items()
        if isinstance(value, list) and value and isinstance(value[0], dict)
    }


def page_as_posted(name: str, answers: dict[str, Any], page: str) -> dict[str, list[str]]:
    """What a browser posts for this page when these answers are on it."""
    view = show(program(name), answers, page, environment=ENVIRONMENT)
    return {question.control: list(question.values) or [""] for question in questions_in(view.nodes)}


def told(answers: dict[str, Any], inside: str = "") -> Iterator[tuple[str, Any]]:
    """Every answer given, with the ids of the instances it stands in."""
    for key, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for instance in value:
                yield from told(instance, f"{inside}{key}.{instance['_id']}.")
        elif value and not key.startswith("_"):
            yield f"{inside}{key}", value


@RULES
@given(NAMES, SEEDS, SEEDS)
def test_the_order_in_which_pages_are_answered_makes_no_difference(name, seed, order):
    one, wanted, random = program(name), interview(name, seed), Random(order)
    pages = list(shown_pages(one, wanted, environment=ENVIRONMENT))
    posts = {page: page_as_posted(name, wanted, page) for page in pages}

    answers = empty_instances(wanted)
    for _ in pages:  # a page may only be open once another is answered, so one comes by again
        for page in random.sample(pages, len(pages)):
            answers = advance(one, answers, page, posts[page], environment=ENVIRONMENT, move=STAY).answers

    assert shown_pages(one, answers, environment=ENVIRONMENT) == tuple(pages)
    finals = [final_of(one, some, environment=ENVIRONMENT, reached=None) for some in (wanted, answers)]
    assert dict(told(dict(finals[1].values))) == dict(told(dict(finals[0].values)))
    assert finals[0].missing == finals[1].missing


@RULES
@given(NAMES, SEEDS, SEEDS)
def test_the_order_of_answers_in_the_document_makes_no_difference(name, seed, order):
    one, answers = program(name), interview(name, seed)
    shuffled = dict(Random(order).sample(list(answers.items()), len(answers)))

    assert shown_pages(one, shuffled, environment=ENVIRONMENT) == shown_pages(one, answers, environment=ENVIRONMENT)
    for page in one.instrument.pages:
        assert show(one, shuffled, page.name, environment=ENVIRONMENT) == show(
            one, answers, page.name, environment=ENVIRONMENT
        )


@RULES
@given(NAMES, SEEDS, st.lists(st.sampled_from([NEXT, NEXT, BACK, BACK, STAY]), min_size=1, max_size=25), st.data())
def test_no_answer_is_lost_by_going_back_and_forth_through_pages_as_they_are(name, seed, moves, data):
    one, given_answers = program(name), interview(name, seed)
    page = data.draw(st.sampled_from(shown_pages(one, given_answers, environment=ENVIRONMENT)))
    answers = given_answers

    for move in moves:
        step = advance(one, answers, page, page_as_posted(name, answers, page), environment=ENVIRONMENT, move=move)
        answers, page = step.answers, step.page

    assert dict(told(answers)) == dict(told(given_answers))


@RULES
@given(NAMES, SEEDS, SEEDS)
def test_an_answer_that_closes_pages_takes_nothing_from_them(name, seed, pick):
    """Every routing answer is changed and changed back: whatever was behind it is there again."""
    one, given_answers, random = program(name), interview(name, seed), Random(pick)
    pages = shown_pages(one, given_answers, environment=ENVIRONMENT)
    page = random.choice(pages)
    before = page_as_posted(name, given_answers, page)
    blanked = {control: [""] for control in before}

    away = advance(one, given_answers, page, blanked, environment=ENVIRONMENT, move=BACK).answers
    home = away
    for _ in before:  # a question that another one opens can be answered once that is
        home = advance(one, home, page, before, environment=ENVIRONMENT, move=BACK).answers

    # The answers of an entry inside an entry are told with both, but posted with the inner one alone.
    here = tuple(f".{control}" for control in before if "." in control)
    elsewhere = {key: value for key, value in told(given_answers) if key not in before and not key.endswith(here)}
    assert elsewhere.items() <= dict(told(away)).items()
    # What counts, not what is stored: a tick that a filter hides can't be seen, so this post doesn't repeat it.
    finals = [final_of(one, some, environment=ENVIRONMENT, reached=None) for some in (given_answers, home)]
    assert dict(told(dict(finals[1].values))) == dict(told(dict(finals[0].values)))

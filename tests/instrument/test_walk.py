"""Simulated respondents reach all that can be reached, and say what can't and where nobody gets on."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.model import Item
from surveys.instrument.samples import matching, values_for
from surveys.instrument.walk import Report, prior, to_json, told, walk_questionnaire
from surveys.instrument.walk.minutes import SECONDS, SECONDS_A_PAGE, WORDS_A_MINUTE
from surveys.instrument.walk.steering import Steering
from tests.builders import environment, example_program, program_of

YES_NO = "list_name | name | label\nyn | 1 | Yes\nyn | 0 | No"
HEAD = "type | name | label | required | relevant | constraint | calculation | choice_filter"


def walked(survey: str, choices: str = YES_NO, interviews: int = 25, seed: int = 1) -> Report:
    program = program_of(survey, choices)
    return walk_questionnaire(program, environment=environment(), interviews=interviews, seed=seed)


def codes(report: Report) -> set[str]:
    return {problem.code for problem in report.problems}


@pytest.mark.parametrize("name", ["w2023", "w2023_v2", "w2024"])
def test_everything_in_the_study_is_reached_within_a_few_interviews(name):
    report = walk_questionnaire(example_program(name), environment=environment(), interviews=15, seed=1)

    assert report.problems == ()
    assert report.n_items_reached == report.n_items > 30
    assert report.n_choices_reached == report.n_choices > 200
    assert {"completed", "refused"} <= set(report.outcomes)
    assert report.shortest is not None
    assert report.longest is not None
    assert report.shortest.questions < report.longest.questions
    assert 2 < report.shortest.minutes < report.longest.minutes < 15


def test_the_same_seed_gives_the_same_walk():
    program = example_program("w2024")
    first, again = (walk_questionnaire(program, environment=environment(), interviews=8, seed=3) for _ in range(2))

    assert first == again


# Directed search


def narrow_gate(n: int) -> str:
    """An item behind n questions of ten choices each: one respondent in 10 ** n comes upon it by chance."""
    gates = "\n".join(f"select_one ten | q{place} | Q | | | | |" for place in range(n))
    condition = " and ".join(f"${{q{place}}} = '{place + 1}'" for place in range(n))
    return f"{HEAD}\n{gates}\ntext | behind | B | | {condition} | | |"


TEN = "list_name | name | label\n" + "\n".join(f"ten | {place} | C{place}" for place in range(10))


def test_an_item_that_chance_would_hardly_find_is_found():
    assert walked(narrow_gate(6), TEN, interviews=4).problems == ()


@pytest.mark.parametrize(
    "rows",
    [
        "integer | year | Y | | | | |\ncalculate | age | | | | | 2024 - ${year} |\ntext | t | T | | ${age} = 37 | | |",
        "date | born | B | | | | |\ntext | t | T | | ${born} = '1999-12-31' | | |",
        "date | born | B | | | . <= today() | |\ntext | t | T | | today() - ${born} = 12345 | | |",
        "decimal | d | D | | | | |\ntext | t | T | | ${d} > 5 and ${d} < 6 | | |",
        "integer | a | A | | | . != 5 and . > 300 | |\ntext | t | T | | ${a} < 303 | | |",
        "text | name | N | | | | |\ntext | t | T | | ${name} = 'Rumpelstiltskin' | | |",
        "text | code | C | | | | |\ntext | t | T | | regex(${code}, '^[A-Z]{3}-[0-9]{5}$') | | |",
        "text | long | L | | | | |\ntext | t | T | | string-length(${long}) > 77 | | |",
        "select_multiple ten | m | M | | | | |\n"
        "text | t | T | | count-selected(${m}) = 2 and selected(${m}, '7') | | |",
        "select_multiple ten | m | M | | | | |\n"
        "text | t | T | | not(selected(${m}, '3')) and selected(${m}, '4') | | |",
        "select_one ten | a | A | | | | |\ntext | b | B | | ${a} = '9' | | |\ntext | t | T | | ${b} = 'x' | | |",
        "select_one ten | a | A | | | | |\ncalculate | c | | | | | if(${a} = '3', 'x', if(${a} = '4', 'y', 'z')) |\n"
        "calculate | e | | | | | if(${c} = 'y', 1, 0) |\ntext | t | T | | ${e} = 1 | | |",
        "select_one ten | a | A | | | | |\ntext | t | T | | not(${a} != '8' or ${a} = '') | | |",
        "select_one ten | a | A | | | | |\nselect_one ten | b | B | | ${a} = '1' | | |\n"
        "text | t | T | | ${a} = '1' and not(selected(${b}, '2')) and ${b} != '' | | |",
        "integer | n | N | | | | |\nbegin_repeat | r | R | | | | |\ninteger | k | K | | | | |\n"
        "text | t | T | | ${k} = 4711 | | |\nend_repeat | | | | | | |",
    ],
)
def test_what_a_condition_asks_for_is_worked_out_backwards(rows):
    report = walked(f"{HEAD}\n{rows}", TEN, interviews=12)

    assert report.problems == (), told(report)


def test_choices_behind_a_filter_are_looked_for_too():
    choices = "list_name | name | label | part\npart | a | A |\npart | b | B |\n" + "\n".join(
        f"place | {part}{place} | P | {part}" for part in "ab" for place in range(5)
    )
    survey = f"{HEAD}\nselect_one part | part | P | | | | |\nselect_one place | place | P | | | | | part = ${{part}}"

    assert walked(survey, choices, interviews=4).problems == ()


def test_prior_answers_are_worked_out_backwards_too():
    report = walked(
        """
        type | name | label | relevant | calculation | disclosure
        hidden | panelist | | | | direct
        calculate | before | | | pulldata('w1', 'country', 'panelist', ${panelist}) | quasi
        text | t | T | ${before} = 'ATLANTIS' | |
        """,
        interviews=3,
    )

    assert report.problems == (), told(report)


# What can't be reached


def test_a_condition_that_no_choice_fulfils_is_a_contradiction_in_its_row():
    report = walked(f"{HEAD}\nselect_one yn | a | A | | | | |\ntext | t | T | | ${{a}} = 'yes' | | |")

    (problem,) = report.problems
    assert (problem.code, problem.place.row, problem.place.column) == ("walk.contradiction", 3, "relevant")
    assert problem.message == "This can never be true: ${a} = 'yes' (row 3)."
    assert report.n_items_reached == 1


def test_two_conditions_that_exclude_each_other_are_both_named():
    report = walked(
        f"""
        {HEAD}
        select_one yn | a | A | | | | |
        begin_group | g | G | | ${{a}} = '1' | | |
        select_one yn | b | B | | | | |
        text | never | N | | ${{b}} = '1' and ${{a}} = '0' | | |
        end_group | | | | | | |
        """
    )

    (problem,) = report.problems
    assert problem.message == "These exclude each other: ${a} = '1' (row 3) and ${a} = '0' (row 5)."
    assert (problem.code, problem.place.row) == ("walk.contradiction", 5)


def test_a_number_that_its_constraint_forbids_is_never_given():
    report = walked(f"{HEAD}\ninteger | n | N | | | . < 10 | |\ntext | t | T | | ${{n}} > 10 | | |")

    assert [problem.place.row for problem in report.of("walk.contradiction")] == [3]


def test_a_choice_that_a_filter_never_lets_through_is_named():
    choices = f"{YES_NO}\nplace | x | X\nplace | y | Y"
    report = walked(f"{HEAD}\nselect_one place | p | P | | | | | name != 'y'", choices)

    (problem,) = report.problems
    assert (problem.code, problem.place.row) == ("walk.choices", 2)
    assert "'p' can never offer: y." in problem.message


def test_a_required_question_without_a_choice_is_a_dead_end():
    report = walked(
        f"{HEAD}\nselect_one yn | a | A | yes | | | |\nselect_one yn | b | B | yes | | | | ${{a}} = '1' and name = '1'"
    )

    (problem,) = report.of("walk.dead_end")
    assert problem.place.row == 3
    assert "'b' (required)" in problem.message
    assert report.outcomes["stuck"] > 0
    assert report.outcomes["completed"] > 0


def test_a_constraint_that_nothing_meets_is_found_though_the_question_may_be_left_empty():
    report = walked(f"{HEAD}\ninteger | n | N | | | . > 9 and . < 5 | |\ntext | t | T | | | | |")

    assert [problem.place.row for problem in report.of("walk.constraint")] == [2]
    assert "dead_end" not in str(codes(report))


@pytest.mark.parametrize(
    ("kind", "constraint"),
    [
        ("text", "regex(., '^[0-9]{4}-[A-Z]{2}$')"),
        ("text", "string-length(.) = 17"),
        ("integer", ". mod 7 = 0 and . > 1000 and . < 1010"),
        ("decimal", ". > 0.2 and . < 0.3"),
        ("date", ". > today() and . <= today() + 3"),
    ],
)
def test_a_required_question_with_a_narrow_constraint_is_no_dead_end(kind, constraint):
    report = walked(f"{HEAD}\n{kind} | n | N | yes | | {constraint} | |\ntext | t | T | | | | |", interviews=6)

    assert report.outcomes == {"completed": 6}
    assert report.problems == ()


# Prior answers


def test_respondents_bring_prior_answers_or_none():
    instrument = example_program("w2024").instrument

    found = [prior.simulated(instrument, Random(seed)) for seed in range(60)]

    assert {} in found
    countries = {one["w2023"]["country"] for one in found if "country" in one.get("w2023", {})}
    assert len(countries) > 5
    assert countries <= set(prior.values_of(instrument, "country"))


# Minutes, reports, values


def test_minutes_come_from_words_and_kinds():
    report = walked("type | name | label\nselect_one yn | a | one two three four", interviews=1)

    seconds = SECONDS_A_PAGE + 60 * (4 + 2) / WORDS_A_MINUTE + 3.0
    assert SECONDS[next(iter(SECONDS))] == 3.0
    assert report.median_minutes == pytest.approx(seconds / 60, abs=0.01)


def test_a_report_is_told_and_written():
    report = walked(f"{HEAD}\nselect_one yn | a | A | | | | |\ntext | t | T | | ${{a}} = 'yes' | | |")

    lines = told(report)
    assert lines[:3] == ["25 interviews: 25 completed", "items reached    1 of 2", "choices offered  2 of 2"]
    assert any(line.startswith("warning   sheet 'survey', row 3, column 'relevant': This can") for line in lines)
    document = to_json(report)
    assert document["items"] == {"total": 2, "reached": 1}
    assert document["problems"][0]["code"] == "walk.contradiction"


@given(st.text(alphabet="ab1()[]{}|^$.*+?\\d-,:=!", max_size=25))
@settings(deadline=None)
def test_any_pattern_gives_some_short_text(pattern):
    assert len(matching(pattern)) <= 200


@given(st.sampled_from(list(example_program("w2024").instrument.items())))
def test_values_worth_trying_are_the_same_each_time(item: Item):
    assert values_for(item, (), date(2024, 1, 1)) == values_for(item, (), date(2024, 1, 1))


def test_a_plan_holds_what_the_engine_holds():
    program = program_of(narrow_gate(3), TEN)
    steering = Steering(program, environment())

    plan = steering.plan("behind", steering.goals_to_item("behind"))

    assert plan is not None
    assert plan.answers() == {"q0": "1", "q1": "2", "q2": "3"}
    assert steering.state(plan).is_relevant("behind")

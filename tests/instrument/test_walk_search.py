"""What can be reached is reached, rule by rule; what can't be is called a contradiction only where that is certain."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.evaluation import Program
from surveys.instrument.walk import Report, told, walk_questionnaire
from tests.builders import environment, program_of

HEAD = "type | name | label | required | relevant | constraint | calculation | choice_filter | repeat_count | default"
CHOICES = "\n".join(
    [
        "list_name | name | label | outcome",
        "yn | 1 | Yes |",
        "yn | 0 | No |",
        "part | take | Take part |",
        "part | leave | Don't | refused",
        *(f"ten | {place} | C{place} |" for place in range(10)),
    ]
)


def walked(rows: str, interviews: int = 12, choices: str = CHOICES) -> Report:
    program = program_of(f"{HEAD}\n{rows}", choices)
    return walk_questionnaire(program, environment=environment(), interviews=interviews, seed=1)


# Many conditions at once

#: An age from two dates or, where one isn't known, from an age group: two ways, of which each needs several answers.
AGES = """
select_one yn | knows_birth | B | yes | | | | | |
date | born | B | yes | ${knows_birth} = '1' | . <= today() | | | |
select_one yn | knows_death | D | yes | | | | | |
date | died | D | yes | ${knows_death} = '1' and ${knows_birth} = '1' | . >= ${born} | | | |
date | died_too | D | yes | ${knows_death} = '1' and ${knows_birth} = '0' | | | | |
calculate | end | | | | | if(${knows_death} = '1' and ${knows_birth} = '1', ${died}, ${died_too}) | | |
calculate | days | | | | | ${end} - ${born} | | |
calculate | years | | | | | int(${days} div 365.25) | | |
select_one ten | years_told | Y | yes | ${knows_birth} != '1' or ${knows_death} != '1' | | | | |
calculate | lived | | | | | if(${days} = 'NaN' or string-length(${days}) = 0, ${years_told}, ${years}) | | |
select_one yn | went_to_school | S | | ${lived} > 6 and ${lived} < 9 | | | | |
"""


@pytest.mark.parametrize(
    "condition",
    [
        "${went_to_school} = '1' and ${lived} = 7",
        "${went_to_school} = '0' and ${days} > 0 and ${years} = 8",
        "${went_to_school} = '0' and ${days} = 2700",
        "${lived} = 8 and ${knows_birth} = '0' and ${died_too} != ''",
    ],
)
def test_conditions_that_hang_together_over_calculated_ages_are_met(condition):
    report = walked(f"{AGES}\ntext | t | T | | {condition} | | | | |")

    assert report.problems == (), told(report)


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [
        ("integer", "{0} >= -90 and {0} <= -80"),
        ("integer", "{0} > -90 and {0} < -80"),
        ("decimal", "{0} > -0.5 and {0} < 0"),
        ("decimal", "{0} > -2.5 and {0} < -2"),
        ("decimal", "{0} >= -73.99 and {0} <= -73.9"),
        ("decimal", "{0} > -73.99 and {0} < -73.9"),
        ("decimal", "{0} > 2.1 and {0} < 2.3"),
    ],
)
def test_numbers_between_bounds_below_zero_are_found(kind, bounds):
    asked = walked(f"{kind} | n | N | yes | | {bounds.format('.')} | | | |\ntext | t | T | | | | | | |")
    shown = walked(f"{kind} | n | N | | | | | | |\ntext | t | T | | {bounds.format('${n}')} | | | | |")

    assert asked.problems == (), told(asked)
    assert shown.problems == (), told(shown)


def test_a_choice_whose_code_is_below_zero_is_found():
    ten = "\n".join(f"ten | {place} | C{place} |" for place in (*range(400), -99))
    choices = f"list_name | name | label | outcome\n{ten}"
    report = walked("select_one ten | s | S | | | | | | |\ntext | t | T | | ${s} = -99 | | | | |", choices=choices)

    assert report.problems == (), told(report)


@pytest.mark.parametrize(
    "rows",
    [
        # Sums under constraints: no answer alone is enough.
        "integer | a | A | | | . <= 40 | | | |\ninteger | b | B | | | . <= 40 | | | |\n"
        "integer | c | C | | | . <= 40 | | | |\ntext | t | T | | ${a} + ${b} + ${c} = 117 | | | | |",
        "decimal | a | A | yes | | . >= 0 and . <= 100 | | | |\n"
        "decimal | b | B | yes | | . >= 0 and . <= 100 | | | |\n"
        "calculate | all | | | | | ${a} + ${b} | | |\n"
        "text | t | T | | ${all} = 100 and ${a} > 3 * ${b} and ${b} > 20 | | | | |",
        "integer | a | A | | | | | | |\ntext | t | T | | 3 * ${a} - 7 = 12344 | | | | |",
        "integer | a | A | | | . >= 1900 | | | |\ntext | t | T | | (${a} - 3) div 4 = 1234 | | | | |",
        # A constraint that reads another answer.
        "integer | a | A | | | | | | |\ninteger | b | B | | | . > ${a} + 50 | | | |\n"
        "text | t | T | | ${b} = 20 | | | | |",
        # So many choices, whichever.
        "select_multiple ten | m | M | | | | | | |\ntext | t | T | | count-selected(${m}) = 6 | | | | |",
        "select_multiple ten | m | M | | | | | | |\n"
        "text | t | T | | count-selected(${m}) = 4 and not(selected(${m}, '0')) and selected(${m}, '9') | | | | |",
        # What stands there from the start gives way.
        "integer | a | A | | | | | | | 5\ntext | t | T | | ${a} = 4712 | | | | |",
        # The first value is kept.
        "select_one ten | a | A | yes | | | | | |\ncalculate | first | | | | | once(${a}) | | |\n"
        "text | t | T | | ${first} = '7' | | | | |",
        # Two choices of which the second is only offered with the first.
        "select_one ten | a | A | yes | | | | | |\nselect_one ten | b | B | | | | | name = 9 - ${a} | |\n"
        "text | t | T | | ${b} = '8' and ${a} != '3' | | | | |",
        # A calculated item that isn't there is blank.
        "select_one yn | a | A | yes | | | | | |\nselect_one ten | b | B | yes | | | | | |\n"
        "calculate | c | | | ${a} = '1' | | if(${b} = '3', 'x', 'y') | | |\n"
        "text | t | T | | ${c} != 'x' and ${c} != 'y' and ${b} = '3' | | | | |",
    ],
)
def test_answers_are_changed_towards_what_is_looked_for(rows):
    report = walked(rows)

    assert report.problems == (), told(report)


# Repeats


@pytest.mark.parametrize(
    "condition",
    [
        "count(${moves}) = 4",
        "sum(${months}) = 4711",
        "max(${months}) = 90 and min(${months}) = 20",
        "count(${moves}) = 2 and indexed-repeat(${months}, ${moves}, 2) = 77",
    ],
)
def test_instances_are_added_and_answered_one_by_one(condition):
    rows = (
        "begin_repeat | moves | M | | | | | | |\ninteger | months | N | | | . < 5000 | | | |\n"
        f"end_repeat | | | | | | | | |\ntext | t | T | | {condition} | | | | |"
    )

    assert walked(rows).problems == ()


@pytest.mark.parametrize(
    ("count", "inside"),
    [("", "position(..) = 3"), ("${n}", "position(..) = 5"), ("${n} + 2", "${n} = 1 and position(..) = 3")],
)
def test_what_stands_only_in_a_later_instance_is_reached(count, inside):
    rows = (
        "integer | n | N | yes | | . >= 0 and . <= 9 | | | |\n"
        f"begin_repeat | people | P | | | | | | {count} |\ntext | name | N | | | | | | |\n"
        f"text | t | T | | {inside} | | | | |\nend_repeat | | | | | | | | |"
    )

    assert walked(rows).problems == ()


# The way through the pages


def test_a_note_that_answers_bring_up_on_their_own_page_is_seen():
    rows = "select_one ten | a | A | | | | | | |\nnote | n | Are you sure? | | ${a} = '4' | | | | |"

    assert walked(rows).problems == ()


def test_someone_goes_back_to_what_a_later_answer_brought_up():
    rows = (
        "begin_group | one | First | | | | | | |\nselect_one yn | a | A | yes | | | | | |\n"
        "text | t | T | | ${b} = '4' | | | | |\nend_group | | | | | | | | |\n"
        "begin_group | two | Second | | | | | | |\nselect_one ten | b | B | yes | | | | | |\n"
        "end_group | | | | | | | | |"
    )
    program = program_of(f"{HEAD}\n{rows}", CHOICES, "style\npages")

    assert walk_questionnaire(program, environment=environment(), interviews=8, seed=1).problems == ()


#: Someone who doesn't take part leaves from the first page.
PART = (
    "begin_group | one | First | | | | | | |\nselect_one part | part | P | yes | | | | | |\n{on}"
    "end_group | | | | | | | | |\nbegin_group | two | Second | | | | | | |\n"
    "select_one ten | b | B | yes | | | | | |\n{after}end_group | | | | | | | | |"
)


def paged(rows: str, interviews: int = 12) -> Report:
    program = program_of(f"{HEAD}\n{rows}", CHOICES, "style\npages")
    return walk_questionnaire(program, environment=environment(), interviews=interviews, seed=1)


def test_what_a_refusal_brings_up_on_its_page_is_seen():
    report = paged(PART.format(on="note | bye | Bye | | ${part} = 'leave' | | | | |\n", after=""))

    assert report.problems == (), told(report)
    assert report.outcomes["refused"] > 0


def test_nobody_gets_to_a_later_page_with_an_answer_that_ends_the_interview():
    report = paged(PART.format(on="", after="note | bye | Bye | | ${part} = 'leave' | | | | |\n"))

    (problem,) = report.problems
    assert (problem.code, problem.place.row) == ("walk.contradiction", 7)
    assert problem.message == (
        "Only an answer that ends the interview before this page makes this true: ${part} = 'leave' (row 7)."
    )


def test_a_required_question_whose_constraint_lets_nothing_pass_is_held_by_its_constraint():
    rows = (
        "integer | a | A | yes | | . >= 0 and . <= 5 | | | |\n"
        "integer | b | B | yes | ${a} < 2 | . > 3 and . <= ${a} | | | |"
    )

    (problem,) = walked(rows).of("walk.dead_end")
    assert (problem.place.row, problem.place.column) == (3, "constraint")


# Choices

PLACES = "\n".join(
    [
        "list_name | name | label | up",
        *(f"state | s{a} | S | " for a in range(4)),
        *(f"county | c{a}{b} | C | s{a}" for a in range(4) for b in range(4)),
        *(f"town | t{a}{b}{c} | T | c{a}{b}" for a in range(4) for b in range(4) for c in range(3)),
        "town | nowhere | N | c99",
    ]
)
CASCADE = (
    "select_one state | state | S | yes | | | | | |\nselect_one county | county | C | yes | | | | up = ${state} | |\n"
    "select_one town | town | T | yes | | | | up = ${county} | |"
)


def test_what_too_few_people_are_offered_is_found_and_no_complaint():
    report = walked(CASCADE, 5, PLACES)

    assert report.n_choices_reached < report.n_choices - 1
    assert report.n_choices_reached + report.n_choices_found == report.n_choices - 1
    assert [problem.message for problem in report.problems] == ["'town' can never offer: nowhere."]
    assert f"{report.n_choices_found} more under answers that nobody gave" in "\n".join(told(report))


def test_what_lies_behind_a_cascade_of_choices_is_reached():
    assert walked(f"{CASCADE}\ntext | t | T | | ${{town}} = 't312' | | | | |", 30, PLACES).of("walk.unreached") == ()


# What is certain and what is not


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "select_one ten | a | A | | | | | | |\nselect_one ten | b | B | | ${a} = '1' | | | | |\n"
            "text | t | T | | ${b} = '2' and ${a} = '3' | | | | |",
            "These exclude each other: ${b} = '2' (row 4) and ${a} = '3' (row 4).",
        ),
        (
            "select_one ten | a | A | | | | | | |\ncalculate | c | | | | | if(${a} > 4, 'high', 'low') | | |\n"
            "text | t | T | | ${c} = 'high' and ${a} != '5' and ${a} < 6 | | | | |",
            "These exclude each other: ${c} = 'high' (row 4), ${a} != '5' (row 4) and ${a} < 6 (row 4).",
        ),
        (
            "select_multiple ten | m | M | | | . != '' and count-selected(.) < 3 | | | |\n"
            "text | t | T | | selected(${m}, '1') and selected(${m}, '2') and selected(${m}, '3') | | | | |",
            "These exclude each other: selected(${m}, '1') (row 3), selected(${m}, '2') (row 3) "
            "and selected(${m}, '3') (row 3).",
        ),
        (
            "integer | n | N | | | . >= 18 and . < 100 | | | |\ntext | t | T | | ${n} <= 17.5 | | | | |",
            "This can never be true: ${n} <= 17.5 (row 3).",
        ),
        (
            "integer | n | N | | | | | | |\ntext | t | T | | ${n} > 17 and ${n} < 18 | | | | |",
            "These exclude each other: ${n} > 17 (row 3) and ${n} < 18 (row 3).",
        ),
        (
            "date | d | D | | | . >= '2022-02-24' | | | |\ntext | t | T | | ${d} = '2022-02-23' | | | | |",
            "This can never be true: ${d} = '2022-02-23' (row 3).",
        ),
        (
            "text | name | N | | | | | | |\ntext | t | T | | ${name} = 'x' and ${name} = 'y' | | | | |",
            "These exclude each other: ${name} = 'x' (row 3) and ${name} = 'y' (row 3).",
        ),
        (
            "select_one ten | a | A | | | | | | |\nselect_one ten | b | B | | | | | name != ${a} | |\n"
            "text | t | T | | ${a} = '4' and ${b} = '4' | | | | |",
            "These exclude each other: ${a} = '4' (row 4) and ${b} = '4' (row 4).",
        ),
    ],
)
def test_contradictions_are_proven_and_named_by_the_conditions_they_need(rows, said):
    report = walked(rows)

    assert [problem.message for problem in report.problems] == [said]
    assert report.problems[0].code == "walk.contradiction"


@pytest.mark.parametrize(
    "rows",
    [
        "integer | n | N | | | . > 3 | | | |\ntext | t | T | | ${n} * ${n} = -1 | | | | |",
        "text | name | N | | | | | | |\ntext | t | T | | regex(${name}, '^(?!x)x$') | | | | |",
        "date | d | D | | | . <= today() | | | |\ntext | t | T | | ${d} > today() + 1 | | | | |",
        "begin_repeat | r | R | | | | | | |\ninteger | k | K | | | . > 0 | | | |\nend_repeat | | | | | | | | |\n"
        "text | t | T | | sum(${k}) < 0 | | | | |",
    ],
)
def test_what_goes_beyond_a_proof_is_only_said_not_to_have_been_reached(rows):
    report = walked(rows, interviews=6)

    assert [problem.code for problem in report.problems] == ["walk.unreached"]


def test_a_constraint_that_nobody_found_a_value_for_is_no_error():
    report = walked("integer | n | N | | | . * . = 2 | | | |\ntext | t | T | | | | | | |", interviews=6)

    (problem,) = report.problems
    assert (problem.code, problem.severity.value) == ("walk.constraint", "warning")


# Chained conditions at random, held against every answer there is

ANSWERS = ("", "1", "2", "3")
THREE = "list_name | name | label\n" + "\n".join(f"three | {name} | C" for name in ANSWERS[1:])


@st.composite
def chained(draw: st.DrawFn) -> str:
    """Questions of three choices, each behind a condition on those before it; calculated items in between."""
    rows, names = ["select_one three | q0 | Q | | |"], ["q0"]
    for place in range(1, draw(st.integers(2, 4))):
        if draw(st.booleans()):
            calculation = f"if({draw(conditions(names))}, '1', if({draw(conditions(names))}, '2', '3'))"
            rows.append(f"calculate | c{place} | | | | {calculation}")
            names.append(f"c{place}")
        required = draw(st.sampled_from(["", "yes"]))
        rows.append(f"select_one three | q{place} | Q | {required} | {draw(conditions(names))} |")
        names.append(f"q{place}")
    rows.append(f"note | n | N | | {draw(conditions(names))} |")
    return "\n".join(["type | name | label | required | relevant | calculation", *rows])


def conditions(names: list[str]) -> st.SearchStrategy[str]:
    leaf = st.builds(
        "${{{}}} {} '{}'".format, st.sampled_from(names), st.sampled_from(["=", "!="]), st.sampled_from("1234")
    )
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner)
            | st.builds("not({})".format, inner)
        ),
        max_leaves=4,
    )


def reachable(program: Program) -> Iterator[str]:
    """Every item that some answers bring up, no required question before it being left out."""
    asked = [item.key for item in program.instrument.items() if item.is_asked]
    now = environment()
    for values in product(ANSWERS, repeat=len(asked)):
        state = program.evaluate(dict(zip(asked, values, strict=True)), now)
        if not any(state.is_required(key) and state.is_relevant(key) and not state.value(key) for key in asked):
            yield from (key for key in (*asked, "n") if state.is_relevant(key))


@given(chained())
@settings(max_examples=25, deadline=None)
def test_each_item_that_some_answers_bring_up_is_reached_and_never_called_a_contradiction(survey):
    program = program_of(survey, THREE)
    wanted = set(reachable(program))

    report = walk_questionnaire(program, environment=environment(), interviews=20, seed=1)

    rows = {item.place.row: item.key for item in program.instrument.items()}
    missed = {rows[problem.place.row] for problem in report.problems}
    assert missed.isdisjoint(wanted), told(report)
    assert report.n_items_reached >= len(wanted)

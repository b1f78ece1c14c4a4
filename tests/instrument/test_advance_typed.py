"""What a respondent types, and what is made of it."""

import pytest

from surveys.instrument.advance import BACK, NEXT, STAY, advance, show
from surveys.instrument.view import ProblemView, questions_in
from tests.builders import environment, program_of

CHOICES = "list_name | name | label\nyn | 1 | Yes\nyn | 0 | No\nyn | x y | Spaced"
SURVEY = """
type | name | label | appearance | parameters
{kind} | q | Q | {appearance} | {parameters}
integer | other | O | |
"""


def post(kind, posted, *, appearance="", parameters="", answers=None, move=NEXT):
    choices = CHOICES.replace("yn | x y | Spaced", "") if kind.startswith(("select_multiple", "rank")) else CHOICES
    program = program_of(SURVEY.format(kind=kind, appearance=appearance, parameters=parameters), choices)
    return advance(program, answers or {}, "q", posted, environment=environment(), move=move)


@pytest.mark.parametrize(
    ("kind", "appearance", "typed", "stored"),
    [
        ("integer", "", " 42 ", "42"),
        ("integer", "", "+007", "7"),
        ("integer", "", "-0", "0"),
        ("integer", "", "-" + "0" * 5000 + "7", "-7"),
        ("integer", "", "12 000", "12000"),
        ("integer", "", "٤٢", "42"),
        ("decimal", "", "3,50", "3.5"),
        ("decimal", "", "1 200,5", "1200.5"),
        ("decimal", "", ".5", "0.5"),
        ("decimal", "", "−2", "-2"),
        ("text", "", "  a\r\nb\x00 ", "a\nb"),
        ("date", "", "2024-05-31", "2024-05-31"),
        ("date", "", "31.5.2024", "2024-05-31"),
        ("date", "month-year", "2024-05", "2024-05-01"),
        ("date", "month-year", "2024-5", "2024-05-01"),
        ("date", "month-year", "2024-05-17", "2024-05-01"),
        ("date", "year", "2024", "2024-01-01"),
        ("time", "", "9:05", "09:05:00"),
        ("dateTime", "", "2024-05-31T14:30", "2024-05-31T14:30:00"),
        ("select_one yn", "", "1", "1"),
        ("select_one yn", "", "x y", "x y"),
        ("acknowledge", "", "on", "OK"),
        ("rank yn", "", "0", None),
    ],
)
def test_what_can_be_read_is_stored_in_one_way(kind, appearance, typed, stored):
    step = post(kind, {"q": [typed]}, appearance=appearance)

    if stored is None:
        assert [finding.code for finding in step.problems] == ["not_ranked"]
    else:
        assert step.is_over
        assert step.answers == {"q": stored}


@pytest.mark.parametrize(
    ("kind", "appearance", "typed", "code"),
    [
        ("integer", "", "4.5", "not_an_integer"),
        ("integer", "", "abc", "not_an_integer"),
        ("integer", "", "1" * 16, "number_too_long"),
        ("decimal", "", "1e5", "not_a_number"),
        ("decimal", "", "NaN", "not_a_number"),
        ("date", "", "2024-02-30", "not_a_date"),
        ("date", "", "yesterday", "not_a_date"),
        ("date", "month-year", "2024-13", "not_a_month"),
        ("date", "year", "24", "not_a_year"),
        ("time", "", "25:00", "not_a_time"),
        ("dateTime", "", "2024-05-31", "not_a_datetime"),
        ("select_one yn", "", "7", "not_offered"),
        ("select_multiple yn", "", "7", "not_offered"),
        ("text", "", "x" * 10_001, "too_long"),
    ],
)
def test_what_cannot_be_read_is_shown_again_and_a_good_answer_is_kept(kind, appearance, typed, code):
    step = post(kind, {"q": [typed]}, appearance=appearance, answers={"q": "keep"})

    assert [(finding.key, finding.code) for finding in step.problems] == [("q", code)]
    assert step.answers == {"q": "keep"}
    assert not step.is_over
    (question,) = [question for question in questions_in(step.view.nodes) if question.key == "q"]
    assert question.values == (typed[:10_000],)
    assert question.problem == step.problems[0].message
    assert step.view.problems == (ProblemView("q-q", "Q", question.problem),)


@pytest.mark.parametrize("move", [BACK, STAY])
def test_only_next_validates(move):
    step = post("integer", {"q": ["abc"], "other": ["5"]}, answers={"q": "1"}, move=move)

    assert step.problems == ()
    assert step.answers == {"q": "1", "other": "5"}


@pytest.mark.parametrize(
    ("typed", "stored", "code"),
    [("20", "20", None), ("105", None, "out_of_range"), ("7", None, "not_on_step"), ("x", None, "not_a_number")],
)
def test_a_range_keeps_to_its_bounds_and_steps(typed, stored, code):
    step = post("range", {"q": [typed]}, parameters="start=0 end=100 step=5")

    assert step.answers.get("q") == stored
    assert [finding.code for finding in step.problems] == ([code] if code else [])


@pytest.mark.parametrize(
    ("appearance", "parts", "stored"),
    [
        ("month-year", {"q.year": ["2023"], "q.month": ["5"]}, "2023-05-01"),
        ("month-year", {"q.year": [""], "q.month": [""]}, None),
        ("year", {"q.year": ["2023"]}, "2023-01-01"),
        ("", {"q.year": ["2023"], "q.month": ["5"], "q.day": ["7"]}, "2023-05-07"),
    ],
)
def test_a_date_may_come_in_parts(appearance, parts, stored):
    assert post("date", parts, appearance=appearance).answers.get("q") == stored


def test_half_a_month_year_is_no_date_and_both_halves_are_shown_again():
    step = post("date", {"q.year": ["2023"], "q.month": [""]}, appearance="month-year")

    assert [finding.code for finding in step.problems] == ["not_a_month"]
    assert next(questions_in(step.view.nodes)).values == ("2023-",)


def test_a_month_year_is_shown_without_its_day():
    program = program_of(SURVEY.format(kind="date", appearance="month-year", parameters=""))

    view = show(program, {"q": "2023-05-01"}, "q", environment=environment())

    assert next(questions_in(view.nodes)).value == "2023-05"


def test_boxes_that_are_not_ticked_send_nothing_and_mean_empty():
    assert post("select_multiple yn", {}, answers={"q": ["1"]}).answers == {}
    assert post("acknowledge", {}, answers={"q": "OK"}).answers == {}


def test_another_control_that_is_not_sent_says_nothing():
    assert post("text", {}, answers={"q": "kept"}).answers == {"q": "kept"}
    assert post("select_one yn", {}, answers={"q": "1"}).answers == {"q": "1"}


def test_choices_are_stored_in_the_order_of_their_list_and_ranks_in_the_order_given():
    assert post("select_multiple yn", {"q": ["0", "1", "0"]}).answers == {"q": ["1", "0"]}
    assert post("rank yn", {"q": ["0", "1"]}).answers == {"q": ["0", "1"]}


def test_a_rank_given_twice_is_refused():
    assert [finding.code for finding in post("rank yn", {"q": ["0", "0"]}).problems] == ["not_ranked"]


def test_messages_are_in_the_language_of_the_respondent():
    program = program_of("type | name | label::English (en) | label::Русский (ru)\ninteger | q | Q | В")

    step = advance(program, {}, "q", {"q": ["x"]}, environment=environment(language="Русский (ru)"), move=NEXT)

    assert step.problems[0].message == "Укажите целое число, например 7."
    assert step.view.language_code == "ru"


def test_the_message_of_the_author_comes_before_ours():
    program = program_of(
        """
        type | name | label | required | required_message | constraint | constraint_message
        integer | q | Q | yes | Say it! | . < 10 | Less than 10, not ${q}.
        """
    )

    blank = advance(program, {}, "q", {"q": [""]}, environment=environment(), move=NEXT)
    large = advance(program, {}, "q", {"q": ["12"]}, environment=environment(), move=NEXT)

    assert [finding.message for finding in blank.problems] == ["Say it!"]
    assert [finding.message for finding in large.problems] == ["Less than 10, not 12."]

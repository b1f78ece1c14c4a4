"""What an author should look at though it can be published: each check finds its case, with its place, and no other."""

import pytest

from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.problems import Problem, Severity
from tests.builders import compiled

CHOICES = """
    list_name | name | label
    yn | yes | Yes
    yn | no | No
    n | 1 | One
    n | 2 | Two
"""
HEAD = "type | name | label | relevant | constraint | calculation | required\n"
SOUND = HEAD + "select_one yn | a | A | | | |\nselect_one n | n | N | | | |\n"


def lint(found: Compiled) -> list[Problem]:
    assert found.instrument is not None, [str(problem) for problem in found.errors]
    return [problem for problem in found.problems if problem.code.startswith("lint.")]


def only(found: Compiled, code: str) -> Problem:
    matching = [problem for problem in lint(found) if problem.code == f"lint.{code}"]
    assert len(matching) == 1, [str(problem) for problem in lint(found)]
    return matching[0]


def where(problem: Problem) -> tuple[str, int, str]:
    return problem.place.sheet, problem.place.row, problem.place.column


def test_a_sound_questionnaire_has_nothing_to_look_at():
    assert lint(compiled(SOUND, CHOICES)) == []


@pytest.mark.parametrize("relevance", ["false()", "1 = 2", "${a} = 'yes' and false()", "not(true())", "'x' = 'y'"])
def test_a_question_that_nobody_can_be_asked_is_pointed_out(relevance):
    found = compiled(SOUND + f"text | t | T | {relevance} | | |", CHOICES)

    assert where(only(found, "unreachable")) == ("survey", 4, "relevant")


@pytest.mark.parametrize("relevance", ["true()", "${a} = 'yes' or false()", "1 = 1", "${a} = 'yes' or ${a} = 'no'"])
def test_a_question_that_someone_may_be_asked_is_not(relevance):
    found = compiled(SOUND + f"text | t | T | {relevance} | | |", CHOICES)

    assert not [problem for problem in lint(found) if problem.code in {"lint.unreachable", "lint.contradiction"}]


def test_two_answers_of_one_question_at_once_are_a_contradiction():
    found = compiled(SOUND + "text | t | T | ${a} = 'yes' and ${n} = 1 and ${a} = 'no' | | |", CHOICES)

    assert where(only(found, "contradiction")) == ("survey", 4, "relevant")


@pytest.mark.parametrize(
    ("relevance", "advice"),
    [
        ("${a} = 'yse'", "'yes'"),
        ("selected(${a}, 'non')", "'no'"),
        ("'nope' = ${a}", "'no'"),
        ("${a} = 1", "'yes', 'no'"),
        ("${a} = 'No'", "Compare with the code 'no', not with the label."),
    ],
)
def test_a_code_that_is_not_on_the_list_gets_a_suggestion(relevance, advice):
    problem = only(compiled(SOUND + f"text | t | T | {relevance} | | |", CHOICES), "unknown_code")

    assert where(problem) == ("survey", 4, "relevant")
    assert advice in problem.advice


@pytest.mark.parametrize("relevance", ["${n} = 1", "${n} = '2'", "${n} = 1.0", "${a} != ''", "selected(${a}, 'yes')"])
def test_a_code_of_the_list_is_fine_in_each_spelling(relevance):
    assert "lint.unknown_code" not in {
        problem.code for problem in lint(compiled(SOUND + f"text | t | T | {relevance} | | |", CHOICES))
    }


@pytest.mark.parametrize(
    ("question", "relevance"),
    [
        ("select_multiple yn", "${q} = 'yes'"),
        ("select_one yn", "${q} > 3"),
        ("integer", "${q} = 'many'"),
        ("date", "${q} > 2020"),
        ("date", "${q} = 'yesterday'"),
        ("integer", "selected(${q}, '1')"),
    ],
)
def test_an_answer_compared_as_what_it_never_is_is_pointed_out(question, relevance):
    found = compiled(SOUND + f"{question} | q | Q | | | |\ntext | t | T | {relevance} | | |", CHOICES)

    assert where(only(found, "wrong_type")) == ("survey", 5, "relevant")


@pytest.mark.parametrize(
    "constraint", [". != ''", "'' != .", "string-length(.) > 0", "count-selected(.) >= 1", "0 = string-length(.)"]
)
def test_a_constraint_that_tests_for_blank_is_pointed_out(constraint):
    problem = only(compiled(SOUND + f"text | t | T | | {constraint} | |", CHOICES), "blank_constraint")

    assert where(problem) == ("survey", 4, "constraint")
    assert "required" in problem.advice


@pytest.mark.parametrize("constraint", ["string-length(.) > 3", ". != 'x'", "string-length(${a}) > 0"])
def test_other_constraints_are_not(constraint):
    found = compiled(SOUND + f"text | t | T | | {constraint} | |", CHOICES)

    assert "lint.blank_constraint" not in {problem.code for problem in lint(found)}


def test_a_required_note_is_pointed_out():
    found = compiled(SOUND + "note | t | T | | | | yes", CHOICES)

    assert where(only(found, "required_note")) == ("survey", 4, "required")


def test_one_notice_for_a_page_whose_questions_depend_on_each_other():
    found = compiled(SOUND + "text | t | T | ${a} = 'yes' | | |\ntext | u | U | ${a} = 'no' | | |", CHOICES)
    problem = only(found, "same_page")

    assert where(problem) == ("survey", 4, "relevant")
    assert "'a'" in problem.message
    assert "1 more" in problem.message


def test_a_dependency_over_pages_is_fine():
    found = compiled(
        HEAD + "select_one yn | a | A | | | |\nbegin_group | g | G | | | |\nselect_one n | n | N | ${a} = 'yes' | | |\n"
        "end_group | g | | | | |",
        CHOICES,
        "style\npages",
    )

    assert lint(found) == []


def test_a_list_that_no_question_uses_is_pointed_out_once():
    found = compiled(HEAD + "select_one yn or_other | a | A | | | |", CHOICES)

    assert where(only(found, "unused_list"))[:2] == ("choices", 4)


def test_a_word_with_two_meanings_is_pointed_out_and_a_number_is_not():
    found = compiled(
        SOUND + "select_one m | m | M | | | |",
        CHOICES + "    m | yes | Certainly\n    m | 1 | Eleven\n",
    )

    assert where(only(found, "reused_code"))[:2] == ("choices", 6)


def test_texts_that_lack_a_language_are_counted_by_column():
    found = compiled(
        """
        type | name | label::English (en) | label::Русский (ru)
        text | a | A | А
        text | b | B |
        text | c | C |
        """
    )
    problem = only(found, "translation")

    assert where(problem) == ("survey", 3, "label::Русский (ru)")
    assert "2 texts lack" in problem.message
    assert "rows 3, 4" in problem.message


def test_labels_and_names_over_the_limits_of_archives_are_pointed_out():
    name = "n" * 33
    found = compiled(f"type | name | label\ntext | {name} | {'x' * 81}\ntext | b | {'x' * 256}\ntext | B | short")
    by_severity = {problem.severity: problem for problem in lint(found) if problem.code == "lint.long_label"}

    assert where(by_severity[Severity.NOTICE])[1] == 2
    assert where(by_severity[Severity.WARNING])[1] == 3
    assert where(only(found, "long_name")) == ("survey", 2, "name")
    assert where(only(found, "name_capitals")) == ("survey", 4, "name")


def test_typographic_quotes_in_a_code_are_pointed_out():
    found = compiled(SOUND + "select_one q | q | Q | | | |", CHOICES + "    q | don’t | Don’t\n")

    assert where(only(found, "quotes")) == ("choices", 6, "name")


@pytest.mark.parametrize("relevance", ["${t} > '12:00'", "'12:00' >= ${t}"])
def test_a_time_that_is_compared_like_a_number_is_pointed_out(relevance):
    found = compiled(SOUND + f"time | t | T | | | |\ntext | x | X | {relevance} | | |", CHOICES)

    assert "decimal-time" in only(found, "wrong_type").advice


@pytest.mark.parametrize(
    ("kind", "default", "lost", "advice"),
    [
        ("date", "31.12.2024", "31.12.2024", "2024-12-31"),
        ("dateTime", "2024-12-31 9:30", "2024-12-31 9:30", "2024-12-31T09:30"),
        ("integer", "many", "many", "digits"),
        ("select_one yn", "Yes", "Yes", "'yn'"),
        ("select_multiple n", "1, 2", "1,", "spaces"),
    ],
)
def test_a_default_that_is_no_answer_is_pointed_out(kind, default, lost, advice):
    head = "type | name | label | default"
    found = only(
        compiled(f"{head}\n{kind} | q | Q | {default}\nselect_one yn | a | A |\nselect_one n | n | N |", CHOICES),
        "default",
    )

    assert where(found) == ("survey", 2, "default")
    assert f"'{lost}'" in found.message
    assert advice in found.advice


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("date", "2024-12-31"),
        ("integer", "-5"),
        ("select_one yn", "yes"),
        ("select_multiple n", "2 1"),
        ("date", "today()"),
    ],
)
def test_a_default_that_is_an_answer_is_left_alone(kind, default):
    head = "type | name | label | default"
    found = compiled(f"{head}\n{kind} | q | Q | {default}\nselect_one yn | a | A |\nselect_one n | n | N |", CHOICES)

    assert lint(found) == []


def test_a_condition_on_the_row_that_ends_a_group_is_pointed_out():
    found = compiled(
        """
        type | name | label | relevant
        text | z | Z |
        begin_group | g | G |
        text | t | T |
        end_group | | | ${z} = 'x'
        """
    )

    assert where(only(found, "end_row")) == ("survey", 5, "relevant")

"""First errors of old forms are mended, each with a located notice; what has two meanings is left to be refused."""

import pytest

from surveys.instrument.authoring import Options, compile_workbook
from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.model import Kind
from surveys.instrument.problems import Problem, Severity
from tests.builders import compiled, workbook

CHOICES = """
    list_name | name | label
    yn | yes | Yes
    yn | no | No
"""


def found(result: Compiled, code: str) -> list[Problem]:
    return [problem for problem in result.problems if problem.code == f"normalised.{code}"]


def places(result: Compiled, code: str) -> list[tuple[str, int, str]]:
    return [(one.place.sheet, one.place.row, one.place.column) for one in found(result, code)]


def test_a_sound_workbook_is_left_alone():
    result = compiled("type | name | label\nselect_one yn | a | A", CHOICES)

    assert not [problem for problem in result.problems if problem.code.startswith("normalised.")]


def test_two_headers_for_one_column_are_joined_where_they_never_disagree():
    result = compiled(
        """
        type | name | label | relevant | relevance
        text | a | A | | false()
        text | b | B | ${a} = 'x' |
        text | c | C | |
        """
    )

    assert places(result, "alias") == [("survey", 1, "relevance")]
    assert result.instrument is not None
    assert [item.relevance for item in result.instrument.items()] == ["false()", "${a} = 'x'", ""]


def test_two_headers_that_disagree_are_refused():
    result = compiled("type | name | label | relevant | relevance\ntext | a | A | true() | false()")

    assert result.instrument is None
    assert result.errors[0].place.sheet == "survey"


@pytest.mark.parametrize("written", ["caseid", "text audit", "comments", "speed violations audit", "Text Audit"])
def test_rows_of_another_tool_are_left_out(written):
    result = compiled(f"type | name | label\n{written} | x |\ntext | a | A")

    assert places(result, "ignored") == [("survey", 2, "type")]
    assert result.instrument is not None
    assert [item.name for item in result.instrument.items()] == ["a"]


@pytest.mark.parametrize(
    ("begin", "end"), [("Begin Group", "End Group"), ("begin-group", "end-group"), ("BEGIN_GROUP", "endgroup")]
)
def test_groups_may_be_begun_in_any_spelling(begin, end):
    result = compiled(f"type | name | label\n{begin} | g | G\ntext | a | A\n{end} | |")

    assert [row for _, row, _ in places(result, "type")] == [2, 4]
    assert result.instrument is not None
    assert [node.path for node in result.instrument.nodes()] == ["/g", "/g/a"]


@pytest.mark.parametrize(
    ("written", "kind"),
    [("Text", Kind.TEXT), ("Select_One yn", Kind.SELECT_ONE), ("select-multiple yn", Kind.SELECT_MULTIPLE)],
)
def test_capitals_and_hyphens_of_a_type_are_read_as_meant(written, kind):
    result = compiled(f"type | name | label\n{written} | a | A", CHOICES)

    assert places(result, "type") == [("survey", 2, "type")]
    assert result.instrument is not None
    assert next(result.instrument.items()).kind is kind


def test_a_type_that_only_resembles_one_is_still_refused():
    assert compiled("type | name | label\nselect_one_with_other yn | a | A", CHOICES).instrument is None


def test_typographic_quotes_in_expressions_become_plain_ones():
    result = compiled("type | name | label | relevant\ntext | a | “A” |\ntext | b | B | ${a} = ‘x’")

    assert places(result, "quotes") == [("survey", 3, "relevant")]
    assert result.instrument is not None
    assert [item.relevance for item in result.instrument.items()][1] == "${a} = 'x'"


def test_invisible_characters_are_taken_out_of_names_and_expressions():
    result = compiled("type | name | label | relevant\ntext | a\u200b | A |\ntext | b | B | ${a}\u2009= 'x'")

    assert places(result, "spaces") == [("survey", 2, "name"), ("survey", 3, "relevant")]
    assert result.instrument is not None


def test_codes_that_a_spreadsheet_made_decimal_are_whole_again():
    survey = "type | name | label | relevant\nselect_one n | a | A |\ntext | b | B | selected(${a}, '1')"
    choices = "list_name | name | label\nn | 1.0 | One\nn | 2.0 | Two"
    result = compiled(survey, choices)

    assert places(result, "number") == [("choices", 2, "name"), ("choices", 3, "name")]
    assert result.instrument is not None
    assert [choice.name for choice in result.instrument.choice_lists["n"].choices] == ["1", "2"]


def test_a_decimal_code_that_an_expression_means_stays():
    survey = "type | name | label | relevant\nselect_one n | a | A |\ntext | b | B | ${a} = '1.0'"
    result = compiled(survey, "list_name | name | label\nn | 1.0 | One")

    assert not found(result, "number")


def test_duplicate_choices_are_refused_with_their_place_unless_allowed():
    data = workbook("type | name | label\nselect_one yn | a | A", CHOICES + "    yn | no | Never\n")

    refused = compile_workbook(data, "f.xlsx")
    assert [(one.place.sheet, one.place.row) for one in refused.errors] == [("choices", 4)]

    allowed = compile_workbook(data, "f.xlsx", Options(allow_duplicate_choices=True))
    assert allowed.instrument is not None
    assert places(allowed, "duplicate") == [("choices", 4, "name")]
    assert found(allowed, "duplicate")[0].severity is Severity.WARNING


def test_a_file_with_the_wrong_ending_is_read_with_a_notice():
    data = workbook("type | name | label\ntext | a | A")

    assert found(compile_workbook(data, "old.xls"), "file_type")
    assert not found(compile_workbook(data, "new.xlsx"), "file_type")


LANGUAGES = "type | name | label::English (en) | label::Français (fr)\ntext | a | A | B"


@pytest.mark.parametrize("written", ["fr", "FRANÇAIS (FR)", "French"])
def test_a_default_language_is_found_by_its_code_or_in_other_capitals(written):
    result = compiled(LANGUAGES, settings=f"default_language\n{written}")

    assert places(result, "language") == [("settings", 2, "default_language")]
    assert result.instrument is not None
    assert result.instrument.default_language == "Français (fr)"


def test_a_default_language_that_no_label_has_is_pointed_out():
    result = compiled(LANGUAGES, settings="default_language\nDeutsch")

    warnings = [one for one in result.problems if one.code == "settings.default_language"]
    assert [(str(one.place), one.severity) for one in warnings] == [
        ("sheet 'settings', row 2, column 'default_language'", Severity.WARNING)
    ]
    assert result.instrument is not None
    assert result.instrument.default_language == "English (en)"


def test_a_column_without_a_language_is_in_the_default_one():
    result = compiled(
        """
        type | name | label | label::Français (fr)
        text | a | Plain | Français
        text | b | Only plain |
        """,
        settings="default_language\nFrançais (fr)",
    )

    assert result.instrument is not None
    assert result.instrument.languages == ("Français (fr)",)
    labels = [item.label for item in result.instrument.items()]
    assert labels == [{"Français (fr)": "Français"}, {"Français (fr)": "Only plain"}]
    assert [(one.severity, one.place.row, one.place.column) for one in found(result, "language")] == [
        (Severity.WARNING, 2, "label")
    ]

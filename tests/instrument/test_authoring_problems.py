"""Problems are found all at once, each with sheet, row and column, in words that help."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from surveys.instrument.authoring import Options, compile_workbook
from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.problems import Problem, Severity
from tests.builders import compiled, workbook, workbook_of

CHOICES = "list_name | name | label\nyn | 1 | Yes\nyn | 0 | No"


def one(found: Compiled, code: str) -> Problem:
    matching = [problem for problem in found.problems if problem.code == code]
    assert len(matching) == 1, [str(problem) for problem in found.problems]
    return matching[0]


def where(problem: Problem) -> tuple[str, int, str]:
    return problem.place.sheet, problem.place.row, problem.place.column


def test_every_problem_of_a_workbook_is_listed_at_once():
    found = compiled(
        """
        type | name | label | relevant
        txt | a | A |
        select_one yesno | b | B |
        geopoint | c | C |
        integer | d | D | ${nobody} = 1
        integer | e | E | ${d} = (1
        """,
        CHOICES,
    )

    assert found.instrument is None
    assert [(problem.code, *where(problem)) for problem in found.errors] == [
        ("type.unknown", "survey", 2, "type"),
        ("choices.unknown_list", "survey", 3, "type"),
        ("type.unsupported", "survey", 4, "type"),
        ("expression.unknown_name", "survey", 5, "relevant"),
        ("expression.syntax", "survey", 6, "relevant"),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("interger", "integer"),
        ("txt", "text"),
        ("select_on yn", "select_one"),
        ("selectmultiple yn", "select_multiple"),
        ("calculat", "calculate"),
    ],
)
def test_a_misspelled_type_gets_a_suggestion(written, meant):
    found = compiled(f"type | name | label\n{written} | a | A\ntext | b | B", CHOICES)

    assert f"'{meant}'" in one(found, "type.unknown").advice


def test_a_misspelled_list_gets_a_suggestion():
    found = compiled("type | name | label\nselect_one yess_no | a | A", CHOICES.replace("yn", "yes_no"))

    assert one(found, "choices.unknown_list").advice == "Did you mean 'yes_no'?"


@pytest.mark.parametrize(
    "written",
    [
        *("image", "audio", "video", "file", "geopoint", "geotrace", "geoshape", "start-geopoint", "barcode"),
        *("background-audio", "csv-external", "photo", "background-geopoint"),
    ],
)
def test_what_is_not_supported_is_a_located_error(written):
    found = compiled(f"type | name | label\ntext | b | B\n{written} | a | A", CHOICES)

    assert found.instrument is None
    assert where(one(found, "type.unsupported")) == ("survey", 3, "type")


def test_a_search_and_a_trigger_that_names_nothing_are_located_errors():
    found = compiled(
        """
        type | name | label | trigger | calculation | appearance
        text | a | A | | |
        calculate | b | | ${aa} | 1 + 1 |
        select_one yn | c | C | | | search('file')
        """,
        CHOICES,
    )

    assert where(one(found, "expression.unknown_name")) == ("survey", 3, "trigger")
    assert where(one(found, "appearance.unsupported")) == ("survey", 4, "appearance")


def test_metadata_comes_with_a_notice_of_what_is_kept():
    found = compiled("type | name | label\nstart | started | \ndeviceid | device | \ntext | a | A")

    assert found.instrument is not None
    notices = [problem for problem in found.problems if problem.code == "type.metadata"]
    assert [(problem.severity, problem.place.row) for problem in notices] == [
        (Severity.NOTICE, 2),
        (Severity.NOTICE, 3),
    ]
    assert "date" in notices[0].message
    assert "nothing" in notices[1].message


def test_values_of_our_own_columns_are_checked_with_suggestions():
    found = compiled(
        """
        type | name | label | disclosure | measure | consent | preload_shown
        select_one yn | a | A | quasy | nominal | take_part | yes
        select_one yn | b | B | none | scalar | takepart | perhaps
        """,
        "list_name | name | label | missing | outcome\nyn | 1 | Yes | dontknow |\nyn | 0 | No | | refusal",
    )

    assert [(where(problem), problem.advice) for problem in found.errors] == [
        (("survey", 2, "disclosure"), "Did you mean 'quasi'?"),
        (("survey", 3, "measure"), "Did you mean 'scale'?"),
        (("survey", 3, "consent"), "Did you mean 'take_part'?"),
        (("survey", 3, "preload_shown"), "Use one of: yes, no, true, false."),
        (("choices", 2, "missing"), "Did you mean 'dont_know'?"),
        (("choices", 3, "outcome"), "Did you mean 'refused'?"),
    ]


def test_a_trend_and_a_consent_belong_to_one_question():
    found = compiled(
        """
        type | name | label | disclosure | trend | consent
        select_one yn | a | A | none | happy | recontact
        select_one yn | b | B | none | happy | recontact
        """,
        CHOICES,
    )

    assert [(problem.code, problem.place.row) for problem in found.errors] == [
        ("trend.duplicate", 3),
        ("consent.duplicate", 3),
    ]


def test_a_misspelled_column_is_pointed_out_because_it_would_have_no_effect():
    found = compiled("type | name | label | relevent | concept\ntext | a | A | 1 = 2 | c")

    unknown = [problem for problem in found.problems if problem.code == "column.unknown"]
    assert [(problem.severity, problem.place.column, problem.advice) for problem in unknown] == [
        (Severity.WARNING, "relevent", "Did you mean 'relevant'?"),
        (Severity.NOTICE, "concept", ""),
    ]


def test_a_problem_names_the_column_as_its_author_wrote_it():
    found = compiled("type | name | label::English (en) | bind::relevant\ntext | a | A | ${b} = 1")

    assert where(one(found, "expression.unknown_name")) == ("survey", 2, "bind::relevant")


def test_what_pyxform_refuses_is_refused_with_its_row_and_no_python_in_the_words():
    found = compiled(
        """
        type | name | label
        text | a | A
        text | a | Again
        """
    )

    problem = one(found, "pyxform.refused")
    assert where(problem) == ("survey", 3, "name")
    assert "unique" in problem.message
    assert "{" not in problem.message


@pytest.mark.parametrize(
    ("row", "says", "advises"),
    [
        ("text | meta | M |", "reserved", "another name"),
        ("text | b | |", "no label", "Give it a label"),
        ("calculate | b | |", "Missing calculation", "column 'calculation'"),
        ("text | | B |", "no name", "without spaces"),
    ],
)
def test_what_pyxform_refuses_comes_with_what_to_do(row, says, advises):
    found = compiled(f"type | name | label | calculation\ntext | a | A |\n{row}")

    problem = one(found, "pyxform.refused")
    assert says in problem.message
    assert advises in problem.advice
    assert where(problem)[:2] == ("survey", 3)


def test_two_headers_in_one_cell_are_a_located_error():
    found = compiled(
        "type | name | label | required_message::French(fr)required_message::English(en)\ntext | a | A | !"
    )

    problem = one(found, "column.header")
    assert where(problem)[:2] == ("survey", 1)
    assert problem.advice == "Give each its own column."


def test_an_expression_where_a_name_belongs_is_told_to_become_a_calculate():
    found = compiled("type | name | label\ntext | a | A\nnote | n | ${concat('a', 'b')}")

    problem = one(found, "expression.syntax")
    assert where(problem) == ("survey", 3, "label")
    assert "the name of a question, not an expression" in problem.message
    assert "calculate" in problem.advice


def test_what_is_wrong_with_the_label_of_a_group_is_said_once_and_with_its_row():
    found = compiled("type | name | label\nbegin_group | g | ${nobody}\ntext | a | A\nend_group | | ")

    assert where(one(found, "expression.unknown_name")) == ("survey", 2, "label")


def test_a_group_that_depends_on_what_is_inside_it_is_told_why_it_can_not():
    found = compiled("type|name|label|relevant\nbegin_group|g|G|${a} = 'x'\ntext|a|A|\nend_group|||")

    assert one(found, "expression.cycle").advice.startswith("Whether 'g' is asked, or how often, can't depend on")


def test_a_column_of_entities_is_refused_with_true_advice_or_left_out():
    data = workbook("type | name | label | save_to\ntext | a | A | name_of_it")

    refused = one(compile_workbook(data, "f.xlsx"), "pyxform.refused")
    assert where(refused) == ("survey", 2, "save_to")
    assert "remove the column" in refused.advice

    found = compile_workbook(data, "f.xlsx", Options(without_unsupported=True))
    assert found.errors == ()
    assert where(one(found, "column.left_out")) == ("survey", 1, "save_to")


def test_a_default_may_take_what_was_answered_in_the_instance_before():
    found = compiled(
        """
        type | name | label | default
        begin_repeat | moves | Moves |
        text | city | City | ${moves}[position() = position(current()/..) - 1]/city
        end_repeat | | |
        """
    )

    assert found.errors == ()


def test_an_unmatched_group_is_located():
    found = compiled("type | name | label\nbegin_group | g | G\ntext | a | A")

    assert one(found, "pyxform.refused").place.row == 2


def test_duplicate_choices_are_located_on_the_choices_sheet():
    found = compiled("type | name | label\nselect_one yn | a | A", CHOICES + "\nyn | 1 | Again")

    assert where(one(found, "pyxform.refused")) == ("choices", 4, "name")


def test_rows_after_empty_ones_keep_their_number():
    found = compiled("type | name | label\ntext | a | A\n | | \n | | \ninterger | b | B")

    assert one(found, "type.unknown").place.row == 5


def test_a_table_list_over_different_lists_is_refused():
    found = compiled(
        """
        type | name | label | appearance
        begin_group | g | G | table-list
        select_one yn | a | A |
        select_one other | b | B |
        end_group | g | |
        """,
        CHOICES + "\nother | 1 | One",
    )

    assert where(one(found, "matrix.lists_differ")) == ("survey", 2, "appearance")


def test_errors_come_first_and_then_the_order_of_rows():
    found = compiled("type | name | label\nstart | s | \ninterger | a | A\ntext | b | B\ntxet | c | C")

    assert [(problem.severity, problem.place.row) for problem in found.problems][:2] == [
        (Severity.ERROR, 3),
        (Severity.ERROR, 5),
    ]
    assert found.problems[-1].severity is Severity.NOTICE


def test_a_language_whose_name_no_interview_can_keep_is_refused():
    found = compiled(f"type | name | label::{'English' * 8}\ntext | a | A")

    assert found.instrument is None
    assert where(one(found, "language.too_long")) == ("survey", 1, "")


def test_a_repeat_whose_buttons_could_not_be_told_apart_is_refused():
    found = compiled("type | name | label\nbegin repeat | a:b | R\ntext | q | Q\nend repeat | |")

    assert found.instrument is None
    assert where(one(found, "repeat.colon")) == ("survey", 2, "name")


def test_the_hint_of_a_group_which_nobody_sees_is_pointed_out():
    found = compiled("type | name | label | hint\nbegin group | g | G | Look\ntext | q | Q | Here\nend group | | |")

    assert found.instrument is not None
    assert where(one(found, "group.hint")) == ("survey", 2, "hint")


@pytest.mark.parametrize(
    ("choices", "advice"),
    [
        ("list_name | name | label\nyesno | 1 | Yes", "Did you mean 'yesno'?"),
        ("list_name | name | label\nyes_no | 1 | Yes", "Did you mean 'yes_no'?"),
        ("list | name | label\nYesNo | 1 | Yes", "Write the name of each choice's list into a column 'list_name'"),
        ("", "Add it to the sheet 'choices'."),
    ],
)
def test_where_a_list_is_missing_the_advice_says_why(choices, advice):
    found = compiled("type | name | label\nselect_one YesNo | a | A", choices)

    assert one(found, "choices.unknown_list").advice.startswith(advice)


def test_sheets_whose_names_have_a_space_too_many_are_named():
    survey = "type | name | label\nselect_one yn | a | A"
    without_survey = compile_workbook(workbook_of({"Survey ": survey, "choices": CHOICES}), "a.xlsx")
    without_choices = compile_workbook(workbook_of({"survey": survey, " Choices": CHOICES}), "a.xlsx")

    assert one(without_survey, "workbook.no_survey").advice == "Take the spaces out of the name of the sheet 'Survey '."
    assert "' Choices'" in one(without_choices, "choices.unknown_list").advice


def test_a_misspelled_setting_is_pointed_out():
    found = compiled("type | name | label\ntext | a | A", settings="form_title | stlye | theme_of_ours\nT | pages | x")

    assert found.instrument is not None
    unknown = [problem for problem in found.problems if problem.code == "column.unknown"]
    assert [(where(problem), problem.severity, problem.advice) for problem in unknown] == [
        (("settings", 1, "stlye"), Severity.WARNING, "Did you mean 'style'?"),
        (("settings", 1, "theme_of_ours"), Severity.NOTICE, ""),
    ]


@pytest.mark.parametrize("header", ["constraint-msg", "constraint_msg"])
def test_an_old_spelling_is_told_from_the_column_that_it_resembles(header):
    found = compiled(f"type | name | label | constraint | {header}\ninteger | a | A | . > 1 | More")

    assert one(found, "column.unknown").advice == "Did you mean 'constraint_message'?"


def test_a_code_with_a_space_that_several_choices_cant_hold_is_found_where_it_stands():
    choices = "list_name | name | label\nc | tbilisi | T\nc | new york | NY"
    assert compiled("type | name | label\nselect_one c | a | A", choices).instrument is not None

    found = one(compiled("type | name | label\nselect_multiple c | a | A", choices), "pyxform.refused")

    assert where(found) == ("choices", 3, "name")


def test_what_a_spreadsheet_writes_where_a_formula_fails_is_pointed_out():
    found = compiled("type | name | label\nselect_one yn | a | #REF!", CHOICES + "\nyn | 2 | #N/A")

    wrong = [where(problem) for problem in found.problems if problem.code == "cell.spreadsheet_error"]
    assert wrong == [("survey", 2, "label"), ("choices", 4, "label")]


def test_a_formula_that_was_never_worked_out_is_refused_rather_than_read_as_blank():
    found = compiled("type | name | label | relevant\ntext | a | =1+1 |\ntext | b | B | =1=2")

    assert found.instrument is None
    assert [(problem.code, *where(problem)) for problem in found.errors] == [
        ("cell.formula", "survey", 2, "label"),
        ("cell.formula", "survey", 3, "relevant"),
    ]


def with_sheet(written: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with its first sheet changed as it is written in the file."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written)) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(name, change(part) if name.endswith("/sheet1.xml") else part)
    return changed.getvalue()


def test_a_formula_is_found_whatever_the_tags_of_the_sheet_are_prefixed_with():
    written = workbook("type | name | label | relevant\ntext | a | A | =1=2")
    prefixed = with_sheet(
        written, lambda sheet: re.sub(rb"<(/?)(?=\w)", rb"<\1x:", sheet).replace(b"xmlns=", b"xmlns:x=")
    )

    assert one(compile_workbook(prefixed, "a.xlsx"), "cell.formula").place.row == 2


def test_a_formula_that_gave_an_empty_text_was_worked_out():
    written = workbook('type | name | label | relevant\ntext | a | A | =IF(1=2,"x","")')
    # as spreadsheet programs write it
    worked = with_sheet(written, lambda sheet: sheet.replace(b'<c r="D2">', b'<c r="D2" t="str">'))

    assert one(compile_workbook(written, "a.xlsx"), "cell.formula").place.row == 2
    assert compile_workbook(worked, "a.xlsx").instrument is not None


def test_a_damaged_part_that_is_no_sheet_of_the_workbook_makes_no_difference():
    part, damage = b"<old>" * 100, b"<new>" * 100
    written = io.BytesIO(workbook("type | name | label\ntext | a | A"))
    with zipfile.ZipFile(written, "a") as archive:
        archive.writestr("xl/worksheets/old.xml", part)
    damaged = written.getvalue().replace(part, damage)  # its checksum is another now

    assert damaged != written.getvalue()
    assert compile_workbook(damaged, "a.xlsx").instrument is not None

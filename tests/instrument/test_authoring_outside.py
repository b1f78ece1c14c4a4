"""Choices from files and other sheets, and publishing without what can't be asked on the web."""

import pytest

from surveys.instrument.advance import NEXT, advance, show
from surveys.instrument.authoring import Compiled, Options, compile_workbook
from surveys.instrument.authoring.confined import compile_confined
from surveys.instrument.evaluation import compile_program
from surveys.instrument.model import Instrument
from surveys.instrument.view import QuestionView
from tests.builders import environment, workbook

HERE = environment()
CITIES = (
    "name,label,country,label::Русский (ru)\ntbi,Tbilisi,GEO,Тбилиси\nbat,Batumi,GEO,Батуми\nevn,Yerevan,ARM,Ереван\n"
)
SURVEY = """
    type | name | label | choice_filter
    text | country | Country |
    select_one_from_file cities.csv | city | City | country = ${country}
    select_multiple_from_file cities.csv | seen | Which have you seen? |
"""


def compile_with(survey: str, files: dict[str, str], choices: str = "", **others: str) -> Compiled:
    data = workbook(survey, choices, "", **others)
    return compile_workbook(data, "f.xlsx", Options({name: text.encode() for name, text in files.items()}))


def sound(found: Compiled) -> Instrument:
    assert found.instrument is not None, [str(problem) for problem in found.errors]
    return found.instrument


def offered(instrument: Instrument, answers: dict, key: str, language: str = "") -> list[tuple[str, str]]:
    view = show(compile_program(instrument), answers, "country", environment=environment(language=language))
    question = next(node for node in view.nodes if isinstance(node, QuestionView) and node.key == key)
    return [(choice.name, choice.label) for choice in question.choices]


def test_choices_come_from_a_file_beside_the_workbook():
    instrument = sound(compile_with(SURVEY, {"cities.csv": CITIES}))

    assert offered(instrument, {"country": "GEO"}, "city") == [("tbi", "Tbilisi"), ("bat", "Batumi")]
    assert [name for name, _ in offered(instrument, {}, "seen")] == ["tbi", "bat", "evn"]


def test_what_was_chosen_from_a_file_is_stored_and_goes_when_no_longer_offered():
    program = compile_program(sound(compile_with(SURVEY, {"cities.csv": CITIES})))
    posted = {"country": ["GEO"], "city": ["bat"], "seen": ["evn"]}
    step = advance(program, {"country": "GEO"}, "country", posted, environment=HERE, move=NEXT)

    assert step.is_over
    assert step.answers == {"country": "GEO", "city": "bat", "seen": ["evn"]}
    assert program.evaluate({**step.answers, "country": "ARM"}, HERE).value("city") == ""


def test_columns_of_the_file_may_have_other_names():
    survey = "type | name | label | parameters\nselect_one_from_file c.csv | country | Country | value=code label=title"
    instrument = sound(compile_with(survey, {"c.csv": "code;title\nGEO;Georgia\nARM;Armenia\n"}))

    assert offered(instrument, {}, "country") == [("GEO", "Georgia"), ("ARM", "Armenia")]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "file.not_attached"),
        ({"other.csv": CITIES}, "file.not_attached"),
        ({"cities.csv": ""}, "file.unreadable"),
        ({"cities.csv": "code,title\na,A\n"}, "file.unreadable"),
        ({"cities.csv": "name,name\na,A\n"}, "file.unreadable"),
        ({"cities.csv": "name\0"}, "file.unreadable"),
    ],
)
def test_a_file_that_is_not_there_or_no_table_is_a_located_error(files, code):
    found = compile_with(SURVEY, files)

    assert {(one.code, one.place.sheet, one.place.row, one.place.column) for one in found.errors} == {
        (code, "survey", 3, "type"),
        (code, "survey", 4, "type"),
    }


def test_a_file_that_is_not_csv_is_a_located_error():
    found = compile_with("type | name | label\nselect_one_from_file c.xml | country | C", {"c.xml": "<a/>"})

    assert [(one.code, one.place.row) for one in found.errors] == [("file.unreadable", 2)]


def test_choices_come_from_the_sheet_of_external_choices():
    survey = """
        type | name | label | choice_filter
        text | country | Country |
        select_one_external city | city | City | country=${country}
    """
    external = """
        list_name | name | label | country
        city | tbi | Tbilisi | GEO
        city | evn | Yerevan | ARM
        other | x | X | GEO
    """
    instrument = sound(compile_with(survey, {}, external_choices=external))

    assert offered(instrument, {"country": "ARM"}, "city") == [("evn", "Yerevan")]
    missing = compile_with(survey.replace("external city", "external town"), {}, external_choices=external)
    assert ("file.no_list", 3) in {(one.code, one.place.row) for one in missing.errors}


def test_a_cascade_of_thousands_of_choices_compiles_and_filters():
    rows = "".join(f"s{number},Settlement {number},r{number % 500}\n" for number in range(20_000))
    survey = """
        type | name | label | choice_filter
        text | country | Region |
        select_one_from_file s.csv | city | Settlement | region=${country}
    """
    instrument = sound(compile_with(survey, {"s.csv": "name,label,region\n" + rows}))

    assert len(offered(instrument, {"country": "r7"}, "city")) == 40


def test_a_list_in_several_languages_is_shown_in_the_respondents():
    survey = """
        type | name | label::English (en) | label::Русский (ru)
        text | country | Country | Страна
        select_one_from_file cities.csv | city | City | Город
    """
    labels = "name,label::English (en),label::Русский (ru)\ntbi,Tbilisi,Тбилиси\n"
    instrument = sound(compile_with(survey, {"cities.csv": labels}))

    assert offered(instrument, {}, "city", "Русский (ru)") == [("tbi", "Тбилиси")]
    assert offered(instrument, {}, "city", "English (en)") == [("tbi", "Tbilisi")]


def test_files_go_into_the_confined_process_too():
    data = workbook(SURVEY)
    options = Options({"cities.csv": CITIES.encode()})

    assert compile_confined(data, "f.xlsx", options) == compile_workbook(data, "f.xlsx", options)


# Without what can't be asked

UNSUPPORTED = """
    type | name | label | relevant
    geopoint | place | Where? |
    text | a | A |
    image | photo | Photo |
    begin_group | g | G |
    barcode | code | Code |
    end_group | g | |
"""


@pytest.mark.parametrize(
    "written",
    [
        *("image", "audio", "video", "file", "geopoint", "geotrace", "geoshape", "barcode", "background-audio"),
        *("start-geopoint", "csv-external", "select_one_from_file x.csv", "select_one ${a}"),
    ],
)
def test_what_is_not_wanted_on_the_web_can_be_left_out(written):
    data = workbook(f"type | name | label\ntext | a | A\n{written} | b | B")

    refused = compile_workbook(data, "f.xlsx")
    assert [(one.place.sheet, one.place.row, one.place.column) for one in refused.errors] == [("survey", 3, "type")]

    found = compile_workbook(data, "f.xlsx", Options(without_unsupported=True))
    assert [item.name for item in sound(found).items()] == ["a"]
    left_out = [one for one in found.problems if one.code == "type.left_out"]
    assert [(one.severity, one.place.row) for one in left_out] == [("notice", 3)]


def test_each_question_left_out_has_its_own_notice():
    found = compile_workbook(workbook(UNSUPPORTED), "f.xlsx", Options(without_unsupported=True))

    assert [item.name for item in sound(found).items()] == ["a"]
    assert [one.place.row for one in found.problems if one.code == "type.left_out"] == [2, 4, 6]


def test_expressions_that_refer_to_what_is_left_out_are_located_errors():
    data = workbook(UNSUPPORTED + "    text | b | B | ${photo} != ''\n")
    found = compile_workbook(data, "f.xlsx", Options(without_unsupported=True))

    errors = [(one.code, one.place.row, one.place.column) for one in found.errors]
    assert errors == [("expression.unknown_name", 8, "relevant")]
    assert found.errors[0].advice == "It is left out, see row 4. Take out what refers to it as well."


def test_what_is_calculated_with_a_function_that_is_not_offered_is_left_out_too():
    data = workbook(
        "type | name | label | calculation | relevant\n"
        "calculate | seconds | | once(duration()) |\n"
        "calculate | phone | | device-info() |\n"
        "image | photo | Photo | |\n"
        "calculate | minutes | | ${seconds} div 60 |\n"
        "calculate | hours | | round(${minutes} div 60) |\n"
        "calculate | has_photo | | ${photo} != '' |\n"
        "calculate | two | | 1 + 1 |\n"
        "text | a | A | |"
    )
    assert {one.code for one in compile_workbook(data, "f.xlsx").errors} >= {"expression.unsupported"}

    found = compile_workbook(data, "f.xlsx", Options(without_unsupported=True))
    assert [item.name for item in sound(found).items()] == ["two", "a"]
    told = {one.place.row: one.message for one in found.problems if one.code == "type.left_out"}
    assert sorted(told) == [2, 3, 4, 5, 6, 7]
    assert told[2] == "Left out: it is calculated with duration(), which is not supported."
    assert told[6] == "Left out: it is calculated from 'minutes', which is left out."


def test_a_question_that_depends_on_a_calculation_left_out_is_an_error():
    rows = "calculate | seconds | | duration() |\ntext | a | A | | ${seconds} > 60"
    data = workbook("type | name | label | calculation | relevant\n" + rows)
    found = compile_workbook(data, "f.xlsx", Options(without_unsupported=True))

    assert [(one.code, one.place.row) for one in found.errors] == [("expression.unknown_name", 3)]


def test_a_loop_is_left_out_as_a_whole():
    data = workbook(
        "type | name | label\ntext | a | A\nbegin loop over yn | l | L\ntext | b | B\nend loop | |",
        "list_name | name | label\nyn | yes | Yes",
    )
    found = compile_workbook(data, "f.xlsx", Options(without_unsupported=True))

    assert [item.name for item in sound(found).items()] == ["a"]

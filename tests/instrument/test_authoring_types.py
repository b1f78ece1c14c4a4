"""Every type and appearance that a browser can do: from its row in the workbook to what is drawn and stored."""

import pytest

from surveys.instrument.advance import NEXT, advance, show
from surveys.instrument.evaluation import Program
from surveys.instrument.model import Kind
from surveys.instrument.view import GroupView, NoteView, QuestionView, questions_in
from tests.builders import compiled, environment, program_of

HERE = environment()
CHOICES = """
    list_name | name | label | missing | fixed
    yn | yes | Yes | |
    yn | no | No | |
    yn | dk | Hard to say | dont_know |
    big | first | First | | top
    big | a | A | |
    big | b | B | |
    big | c | C | |
    big | d | D | |
    big | none | None of these | | bottom
"""


def drawn(program: Program, answers: dict | None = None, *, seed: int = 1) -> list[QuestionView]:
    page = program.instrument.pages[0].name
    return list(questions_in(show(program, answers or {}, page, environment=environment(seed=seed)).nodes))


def stored(program: Program, posted: dict[str, list[str]]) -> dict:
    page = program.instrument.pages[0].name
    step = advance(program, {}, page, posted, environment=HERE, move=NEXT)
    assert step.is_over, step.problems
    return step.answers


@pytest.mark.parametrize(
    ("written", "appearance", "posted", "value"),
    [
        ("text", "", {"q": [" words "]}, "words"),
        ("text", "multiline", {"q": ["one\r\ntwo"]}, "one\ntwo"),
        ("integer", "", {"q": ["1 200"]}, "1200"),
        ("decimal", "", {"q": ["3,5"]}, "3.5"),
        ("range", "", {"q": ["7"]}, "7"),
        ("date", "", {"q": ["2024-02-29"]}, "2024-02-29"),
        ("date", "month-year", {"q": ["2024-02"]}, "2024-02-01"),
        ("date", "year", {"q": ["2024"]}, "2024-01-01"),
        ("date", "no-calendar", {"q.year": ["2024"], "q.month": ["2"], "q.day": ["3"]}, "2024-02-03"),
        ("time", "", {"q": ["9:05"]}, "09:05:00"),
        ("dateTime", "", {"q.date": ["2024-02-03"], "q.time": ["09:05"]}, "2024-02-03T09:05:00"),
        ("datetime", "", {"q": ["2024-02-03T09:05"]}, "2024-02-03T09:05:00"),
        ("acknowledge", "", {"q": ["OK"]}, "OK"),
        ("trigger", "", {"q": ["OK"]}, "OK"),
        ("select_one yn", "minimal", {"q": ["no"]}, "no"),
        ("select_one yn", "autocomplete", {"q": ["no"]}, "no"),
        ("select_one yn", "likert", {"q": ["no"]}, "no"),
        ("select one yn", "", {"q": ["no"]}, "no"),
        ("select_multiple yn", "columns-3", {"q": ["no", "yes"]}, ["yes", "no"]),
        ("select all that apply from yn", "", {"q": ["no"]}, ["no"]),
        ("rank yn", "", {"q": ["no", "yes", "dk"]}, ["no", "yes", "dk"]),
    ],
)
def test_an_answer_of_each_type_is_read_and_stored(written, appearance, posted, value):
    program = program_of(f"type | name | label | appearance\n{written} | q | Q | {appearance}", CHOICES)

    assert stored(program, posted)["q"] == value
    assert set(appearance.split()) <= set(drawn(program)[0].appearance)


@pytest.mark.parametrize("other", ["or_other", "or other", "or specify other"])
@pytest.mark.parametrize("select", ["select_one", "select_multiple"])
def test_other_is_asked_for_in_words_and_touches_no_other_question(select, other):
    program = program_of(f"type | name | label\n{select} yn {other} | q | Q\nselect_one yn | r | R", CHOICES)

    assert [choice.name for choice in drawn(program)[0].choices] == ["yes", "no", "dk", "other"]
    assert [choice.name for choice in drawn(program)[1].choices] == ["yes", "no", "dk"]
    value = "other" if select == "select_one" else ["other"]
    assert [view.key for view in drawn(program, {"q": value})] == ["q", "q_other", "r"]


def test_other_has_words_in_every_language():
    program = program_of(
        "type | name | label::English (en) | label::Русский (ru)\nselect_one yn or_other | q | Q | В", CHOICES
    )
    labels = program.instrument.choice_lists["yn_or_other"].choices[-1].label

    assert labels["English (en)"] == "Other"
    assert labels["Русский (ru)"] == "Другое"


@pytest.mark.parametrize("how", ["parameters", "appearance"])
def test_choices_are_shuffled_for_each_interview_and_the_fixed_ones_stay(how):
    cells = "randomize=true |" if how == "parameters" else "| randomized"
    program = program_of(f"type | name | label | parameters | appearance\nselect_one big | q | Q | {cells}", CHOICES)
    orders = {tuple(choice.name for choice in drawn(program, seed=seed)[0].choices) for seed in range(20)}

    assert len(orders) > 5
    assert {(order[0], order[-1]) for order in orders} == {("first", "none")}


def test_a_seed_of_the_authors_gives_everyone_the_same_order():
    survey = "type | name | label | parameters\nselect_one big | q | Q | randomize=true, seed=42"
    program = program_of(survey, CHOICES)
    orders = {tuple(choice.name for choice in drawn(program, seed=seed)[0].choices) for seed in range(20)}

    assert len(orders) == 1


def test_a_table_list_is_drawn_as_a_matrix():
    program = program_of(
        """
        type | name | label | appearance
        begin_group | g | G | table-list
        select_one yn | a | A |
        select_one yn | b | B |
        end_group | | |
        """,
        CHOICES,
    )
    view = show(program, {}, "g", environment=HERE)
    group = next(node for node in view.nodes if isinstance(node, GroupView))

    assert group.is_matrix
    assert [node.key for node in group.nodes] == ["a", "b"]


def test_a_label_row_and_list_nolabel_rows_are_drawn_as_a_matrix():
    program = program_of(
        """
        type | name | label | appearance
        begin_group | g | G | field-list
        select_one yn | head | How often? | label
        select_one yn | a | A | list-nolabel
        select_one yn | b | B | list-nolabel
        end_group | | |
        """,
        CHOICES,
    )
    head, matrix = show(program, {}, "g", environment=HERE).nodes

    assert isinstance(head, NoteView)
    assert isinstance(matrix, GroupView)
    assert matrix.is_matrix


def test_a_trigger_is_kept_with_its_calculation():
    program = program_of(
        """
        type | name | label | calculation | trigger
        text | a | A | |
        calculate | when | | today() | ${a}
        """
    )

    assert [item.trigger for item in program.instrument.items()] == [(), ("a",)]


def test_pictures_and_sounds_are_kept_and_their_names_stand_for_them():
    found = compiled(
        "type | name | label | media::image\nselect_one p | p | | which_one.png",
        """
        list_name | name | label | media::image | media::audio
        p | a | | red_cat.png |
        p | b | Dog | dog.png | bark.mp3
        """,
    )
    assert found.instrument is not None, [str(problem) for problem in found.errors]
    question = drawn(Program(found.instrument))[0]

    assert question.label == "which one"
    assert [choice.label for choice in question.choices] == ["red cat", "Dog"]
    assert found.instrument.choice_lists["p"].choices[1].media == {"image": {"": "dog.png"}, "audio": {"": "bark.mp3"}}
    assert found.instrument.choice_lists["p"].choices[0].name == "a"


def test_kinds_of_metadata_are_read_with_a_notice():
    found = compiled("type | name | label\nstart | s |\nend | e |\ntoday | t |\ndeviceid | d |\ntext | a | A")
    assert found.instrument is not None

    assert [item.kind for item in found.instrument.items()] == [Kind.METADATA] * 4 + [Kind.TEXT]
    assert [one.place.row for one in found.problems if one.code == "type.metadata"] == [2, 3, 4, 5]

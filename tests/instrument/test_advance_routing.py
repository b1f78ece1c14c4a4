"""Which page comes next, what is asked again, and how an interview ends."""

import pytest

from surveys.instrument.advance import BACK, NEXT, STAY, Move, advance, show, shown_pages
from surveys.instrument.resuming import resume_page
from surveys.instrument.view import GroupView, NoteView, ProblemView, QuestionView, RepeatView, questions_in
from tests.builders import environment, example_program, program_of

ENVIRONMENT = environment()
PAGES = """
type | name | label | relevant | required | constraint | appearance
begin_group | one | One | | | | field-list
integer | age | Age | | yes | . >= 18 |
end_group | one | | | | |
begin_group | two | Two | ${age} > 60 | | | field-list
text | pension | Pension | | | |
end_group | two | | | | |
begin_group | three | Three | | | | field-list
text | end | End | | | |
end_group | three | | | | |
"""
CASCADE = """
type | name | label | required | choice_filter
select_one region | region | Region | yes |
select_one country | country | Country | yes | region=${region}
"""
PLACES = """
list_name | name | label | region
region | eu | EU |
region | cau | Caucasus |
country | DEU | Germany | eu
country | ESP | Spain | eu
country | GEO | Georgia | cau
"""
FOLLOW_UP = """
type | name | label | relevant
select_one yn | smokes | Smokes |
integer | many | How many | ${smokes} = '1'
"""
YES_NO = "list_name | name | label | outcome\nyn | 1 | Yes |\nyn | 0 | No |"


def go(program, answers, page, posted, move=NEXT):
    return advance(program, answers, page, posted, environment=ENVIRONMENT, move=move)


def codes(step):
    return [(finding.key, finding.code) for finding in step.problems]


def keys(view):
    return [question.key for question in questions_in(view.nodes)]


def test_next_skips_pages_that_are_not_relevant():
    program = program_of(PAGES)

    assert go(program, {}, "one", {"age": ["30"]}).page == "three"
    assert go(program, {}, "one", {"age": ["70"]}).page == "two"
    assert shown_pages(program, {"age": "30"}, environment=ENVIRONMENT) == ("one", "three")


def test_back_goes_to_the_page_shown_before_and_saves():
    program = program_of(PAGES)

    step = go(program, {"age": "30"}, "three", {"end": ["bye"]}, BACK)

    assert (step.page, step.answers) == ("one", {"age": "30", "end": "bye"})
    assert go(program, {}, "one", {}, BACK).page == "one"


def test_a_required_question_holds_the_page():
    step = go(program_of(PAGES), {}, "one", {"age": [""]})

    assert (step.page, codes(step), step.is_over) == ("one", [("age", "required")], False)


def test_a_broken_constraint_holds_the_page_and_keeps_the_last_good_answer():
    step = go(program_of(PAGES), {"age": "30"}, "one", {"age": ["12"]})

    assert (step.page, codes(step)) == ("one", [("age", "constraint")])
    assert step.answers == {"age": "30"}
    assert next(questions_in(step.view.nodes)).values == ("12",)


def test_going_back_saves_even_what_breaks_a_constraint():
    assert go(program_of(PAGES), {}, "one", {"age": ["12"]}, BACK).answers == {"age": "12"}


def test_answers_that_are_not_relevant_now_come_back_when_they_are_again():
    program = program_of(PAGES)
    answers = {"age": "70", "pension": "small"}

    younger = go(program, answers, "one", {"age": ["30"]})
    older = go(program, younger.answers, "one", {"age": ["70"]})

    assert younger.page == "three"
    assert next(questions_in(older.view.nodes)).value == "small"


def test_a_question_that_an_answer_brings_up_on_the_same_page_is_shown_before_going_on():
    program = program_of(FOLLOW_UP, YES_NO)

    first = go(program, {}, "smokes", {"smokes": ["1"]})
    second = go(program, first.answers, "smokes", {"smokes": ["1"], "many": [""]})

    assert (first.page, first.revealed, codes(first)) == ("smokes", True, [("many", "revealed")])
    assert keys(first.view) == ["smokes", "many"]
    assert second.is_over
    assert not second.revealed


def test_a_note_that_an_answer_brings_up_on_the_same_page_is_read_before_going_on():
    program = program_of(
        """
        type | name | label | relevant
        integer | age | Age |
        note | check | Please check the age. | ${age} > 100
        """
    )

    first = go(program, {}, "age", {"age": ["120"]})
    second = go(program, first.answers, "age", {"age": ["120"]})

    assert (first.page, first.revealed, codes(first)) == ("age", True, [("check", "revealed_note")])
    assert [(one.control_id, one.label) for one in first.view.problems] == [("note-check", "Please check the age.")]
    assert second.is_over
    assert go(program, {}, "age", {"age": ["12"]}).is_over


def test_a_question_that_was_displayed_already_is_not_brought_up_again():
    step = go(program_of(FOLLOW_UP, YES_NO), {}, "smokes", {"smokes": ["1"], "many": [""]})

    assert step.is_over
    assert not step.revealed


def test_new_choices_are_shown_before_an_answer_is_demanded():
    program = program_of(CASCADE, PLACES)

    first = go(program, {}, "region", {"region": ["eu"], "country": [""]})
    second = go(program, first.answers, "region", {"region": ["eu"], "country": [""]})

    assert (first.revealed, codes(first)) == (True, [("country", "revealed")])
    assert [choice.name for choice in list(questions_in(first.view.nodes))[1].choices] == ["DEU", "ESP"]
    assert (second.revealed, codes(second)) == (False, [("country", "required")])


def test_a_choice_no_longer_offered_is_asked_again_and_comes_back_when_offered_again():
    program = program_of(CASCADE, PLACES)

    moved = go(program, {"region": "eu", "country": "ESP"}, "region", {"region": ["cau"], "country": ["ESP"]})
    returned = go(program, moved.answers, "region", {"region": ["eu"]})

    assert (moved.is_over, codes(moved)) == (False, [("country", "revealed")])
    assert returned.is_over
    assert returned.answers == {"region": "eu", "country": "ESP"}


def test_controls_of_other_pages_and_unknown_ones_are_not_read():
    step = go(program_of(PAGES), {}, "one", {"age": ["30"], "end": ["x"], "pension": ["y"], "nobody": ["z"]})

    assert step.answers == {"age": "30"}


def test_a_control_that_this_post_makes_no_question_of_is_not_read():
    step = go(program_of(FOLLOW_UP, YES_NO), {}, "smokes", {"smokes": ["0"], "many": ["5"]})

    assert step.answers == {"smokes": "0"}


def test_a_page_that_does_not_exist_leads_to_where_one_would_resume_and_reads_nothing():
    step = go(program_of(PAGES), {"age": "30"}, "nowhere", {"age": ["99"]})

    assert (step.page, step.answers, step.is_over) == ("three", {"age": "30"}, False)


def test_the_end_is_not_reached_over_a_page_that_lacks_something():
    step = go(program_of(PAGES), {}, "three", {"end": ["x"]})

    assert (step.page, codes(step), step.is_over) == ("one", [("age", "required")], False)
    assert step.view.problems == (ProblemView("q-age", "Age", "Please answer this question."),)
    assert step.answers == {"end": "x"}


def test_a_choice_with_an_outcome_ends_the_interview():
    program = program_of(
        "type | name | label | appearance\nselect_one yn | agree | Agree |\nbegin_group | g | G | field-list\n"
        "text | a | A |\nend_group | g | |",
        "list_name | name | label | outcome\nyn | 1 | Yes |\nyn | 0 | No | screened_out",
    )

    assert (go(program, {}, "agree", {"agree": ["1"]}).page, go(program, {}, "agree", {"agree": ["1"]}).outcome) == (
        "g",
        "",
    )
    ended = go(program, {}, "agree", {"agree": ["0"]})
    assert (ended.is_over, ended.outcome) == (True, "screened_out")
    assert not go(program, {}, "agree", {"agree": ["0"]}, STAY).is_over


@pytest.mark.parametrize(
    ("answers", "page"),
    [
        ({}, "one"),
        ({"age": "30"}, "three"),
        ({"age": "70"}, "two"),
        ({"age": "70", "pension": "p"}, "three"),
        ({"age": "30", "end": "e"}, "three"),
        ({"end": "e"}, "one"),
        ({"junk": [1, {"_id": 5}], "age": {"a": 1}}, "one"),
    ],
)
def test_someone_who_comes_back_goes_on_where_something_is_missing(answers, page):
    assert resume_page(program_of(PAGES), answers, environment=ENVIRONMENT) == page


def test_nowhere_to_go_on_where_nobody_is_asked_anything():
    program = program_of("type | name | label | relevant\ntext | a | A | false()\ntext | b | B | ${a} != ''")

    assert resume_page(program, {}, environment=ENVIRONMENT) == ""
    assert resume_page(program, {}, environment=ENVIRONMENT, seen="a") == ""


def test_a_page_of_defaults_is_not_passed_over_before_anybody_saw_it():
    program = program_of(
        "type | name | label | default | calculation | appearance\nbegin_group | one | 1 | | | field-list\n"
        "integer | n | N | 5 | |\ntext | t | T | | 'x' |\nend_group | | | | |\n"
        "begin_group | two | 2 | | | field-list\ntext | a | A | | |\nend_group | | | | |"
    )

    assert resume_page(program, {}, environment=ENVIRONMENT) == "one"
    assert resume_page(program, {"n": "5"}, environment=ENVIRONMENT) == "two"


def test_read_only_questions_are_shown_and_never_read():
    program = program_of("type | name | label | read_only | default\ntext | a | A | yes | fixed\ntext | b | B | |")

    step = go(program, {}, "a", {"a": ["other"], "b": ["x"]})

    assert step.answers == {"b": "x"}
    assert next(questions_in(show(program, {}, "a", environment=ENVIRONMENT).nodes)).value == "fixed"


def test_a_default_that_was_emptied_stays_empty():
    program = program_of("type | name | label | default\ntext | a | A | given")

    step = go(program, {}, "a", {"a": [""]})

    assert step.answers == {"a": ""}
    assert next(questions_in(show(program, step.answers, "a", environment=ENVIRONMENT).nodes)).value == ""


def test_a_calculated_answer_is_recalculated_until_it_is_edited():
    program = program_of("type | name | label | calculation\ninteger | a | A |\ninteger | b | B | ${a} * 2")

    untouched = go(program, {"a": "2"}, "a", {"a": ["2"], "b": ["4"]})
    edited = go(program, {"a": "2"}, "a", {"a": ["2"], "b": ["5"]})

    assert untouched.answers == {"a": "2"}
    assert edited.answers["b"] == "5"
    assert show(program, edited.answers, "a", environment=ENVIRONMENT).nodes[1].values == ("5",)


def test_progress_counts_the_pages_that_are_shown():
    view = show(program_of(PAGES), {"age": "30"}, "three", environment=ENVIRONMENT)

    assert (view.done, view.total, view.is_first, view.is_last) == (1, 2, False, True)


def test_a_page_that_is_one_group_has_its_label_and_its_nodes():
    view = show(example_program("w2023"), {"consent": "1"}, "p_politics", environment=environment(language="ru"))

    assert view.label == "Политика и медиа"
    assert [type(node) for node in view.nodes] == [QuestionView, QuestionView, GroupView, QuestionView]
    matrix = view.nodes[2]
    assert isinstance(matrix, GroupView)
    assert matrix.is_matrix
    assert matrix.label.startswith("Как часто")
    assert [choice.is_missing for choice in matrix.nodes[0].choices] == [False, False, False, False, True, True]


def test_rows_with_list_nolabel_become_a_matrix_below_their_heading():
    program = program_of(
        """
        type | name | label | appearance
        begin_group | g | G | field-list
        select_one yn | head | How about | label
        select_one yn | a | A | list-nolabel
        select_one yn | b | B | list-nolabel
        text | c | C |
        end_group | g | |
        """,
        YES_NO,
    )

    view = show(program, {}, "g", environment=ENVIRONMENT)

    assert [type(node) for node in view.nodes] == [NoteView, GroupView, QuestionView]
    assert [question.key for question in view.nodes[1].nodes] == ["a", "b"]


def test_control_ids_are_unique_on_a_page():
    program = example_program("w2023")
    answers = {"consent": "1", "moves": [{"_id": "i1"}, {"_id": "i2"}]}

    for page in shown_pages(program, answers, environment=ENVIRONMENT):
        questions = list(questions_in(show(program, answers, page, environment=ENVIRONMENT).nodes))
        ids = [question.control_id for question in questions]
        ids += [choice.control_id for question in questions for choice in question.choices]
        assert len(ids) == len(set(ids))


def test_randomized_choices_keep_their_order_within_an_interview_and_differ_between_interviews():
    program = example_program("w2023")

    def order(seed):
        view = show(program, {"consent": "1"}, "p_leaving", environment=environment(seed=seed))
        question = next(one for one in questions_in(view.nodes) if one.key == "leave_reasons")
        return tuple(choice.name for choice in question.choices)

    assert order(1) == order(1)
    assert len({order(seed) for seed in range(10)}) > 5
    assert {frozenset(order(seed)) for seed in range(10)} == {frozenset(order(1))}


REPEAT = """
type | name | label | required | repeat_count | appearance
begin_repeat | moves | Moves | | | field-list
text | where | Where | yes | |
select_multiple yn | why | Why | | |
end_repeat | moves | | | |
text | end | End | | |
"""


def test_instances_are_added_and_removed_and_what_was_typed_stays():
    program = program_of(REPEAT, YES_NO)

    first = go(program, {}, "moves", {}, Move("add", "moves"))
    (a,) = [entry["_id"] for entry in first.answers["moves"]]
    second = go(program, first.answers, "moves", {f"moves.{a}.where": ["Tbilisi"]}, Move("add", "moves"))
    b = second.answers["moves"][1]["_id"]
    third = go(program, second.answers, "moves", {f"moves.{b}.where": ["Berlin"]}, Move("remove", "moves", a))

    assert a != b
    assert second.answers["moves"][0] == {"_id": a, "where": "Tbilisi"}
    assert third.answers["moves"] == [{"_id": b, "where": "Berlin"}]
    (repeat,) = third.view.nodes
    assert isinstance(repeat, RepeatView)
    assert [(one.instance, one.number) for one in repeat.instances] == [(b, 1)]
    assert (repeat.may_add, repeat.may_remove) == (True, True)


def test_each_instance_is_validated_by_itself():
    program = program_of(REPEAT, YES_NO)
    answers = {"moves": [{"_id": "i1"}, {"_id": "i2"}]}

    step = go(program, answers, "moves", {"moves.i1.where": ["x"], "moves.i2.where": [""], "moves.i9.where": ["y"]})

    assert [(finding.key, finding.instance, finding.code) for finding in step.problems] == [("where", "i2", "required")]
    assert step.view.problems[0][0] == "q-moves.i2.where"
    assert step.answers == {"moves": [{"_id": "i1", "where": "x"}, {"_id": "i2"}]}


def test_an_empty_repeat_lets_the_respondent_go_on():
    assert go(program_of(REPEAT, YES_NO), {}, "moves", {}).page == "end"


def test_a_count_makes_the_instances_and_nobody_adds_or_removes_any():
    program = program_of(
        """
        type | name | label | repeat_count | appearance
        integer | n | N | |
        begin_repeat | child | Child | ${n} | field-list
        text | name | Name | |
        end_repeat | child | | |
        """
    )
    answers = {"n": "2"}
    (repeat,) = show(program, answers, "child", environment=ENVIRONMENT).nodes
    first, second = (one.instance for one in repeat.instances)

    added = go(program, answers, "child", {f"child.{first}.name": ["A"]}, Move("add", "child"))
    step = go(program, added.answers, "child", {f"child.{second}.name": ["B"]})

    assert (repeat.may_add, repeat.may_remove) == (False, False)
    assert step.is_over
    assert [entry["name"] for entry in step.answers["child"]] == ["A", "B"]
    assert shown_pages(program, {"n": "0"}, environment=ENVIRONMENT) == ("n",)


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("next", NEXT),
        ("back", BACK),
        ("add:moves", Move("add", "moves")),
        ("remove:moves:i1", Move("remove", "moves", "i1")),
        ("remove:moves", STAY),
        ("next:moves", STAY),
        ("", STAY),
        ("drop", STAY),
    ],
)
def test_a_move_is_read_from_the_value_of_a_button(text, move):
    assert Move.from_text(text) == move


def test_labels_show_prior_answers_and_routing_follows_them():
    program = example_program("w2024")
    moved_in = environment(language="ru", prior={"w2023": {"country": "GEO"}})

    view = show(program, {"consent": "1"}, "p_since", environment=moved_in)

    assert view.nodes[0].label == "В прошлой волне вы жили в стране: Грузия."
    assert "p_since" not in shown_pages(program, {"consent": "1"}, environment=environment())

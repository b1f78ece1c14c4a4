"""Calculated values that are stored: made once, made when a trigger changes, written over by the respondent."""

from dataclasses import replace

from surveys.instrument.advance import BACK, NEXT, Move, advance, show
from surveys.instrument.evaluation import Program, compile_program
from surveys.instrument.model import Kind
from surveys.instrument.pages import build_pages
from surveys.instrument.view import questions_in
from tests.instrument.small_instruments import calculate, environment, group, instrument, item, repeat


def paged(*children, **fields) -> Program:
    made = instrument(*children, **fields)
    return compile_program(replace(made, pages=build_pages(made.children, "")))


def post(program, answers, posted, *, page=None, move=NEXT, **changes):
    name = page or program.instrument.pages[0].name
    return advance(program, answers, name, posted, environment=environment(**changes), move=move)


def value(program, answers, key, instance="", **changes):
    return program.evaluate(answers, environment(**changes)).value(key, instance)


# once()


def test_what_is_calculated_once_is_kept_with_the_interview():
    program = paged(item("a"), calculate("first", "once(${a})"))

    first = post(program, {}, {"a": ["one"]})
    second = post(program, first.answers, {"a": ["two"]})

    assert first.answers == {"a": "one", "first": "one"}
    assert second.answers == {"a": "two", "first": "one"}
    assert value(program, second.answers, "first") == "one"


def test_nothing_is_kept_of_a_page_that_is_shown_again_or_left_backwards():
    program = paged(item("a", Kind.INTEGER, constraint=". < 9"), calculate("first", "once(${a})"))

    assert "first" not in post(program, {}, {"a": ["10"]}).answers
    assert "first" not in post(program, {}, {"a": ["1"]}, move=BACK).answers


def test_once_is_kept_by_instance_and_not_while_blank_or_irrelevant():
    inside = (item("a"), calculate("first", "once(${a})"), calculate("never", "once(1)", relevance="false()"))
    program = paged(repeat("moves", *inside, appearance=("field-list",)))
    answers = {"moves": [{"_id": "i1"}, {"_id": "i2"}]}

    step = post(program, answers, {"moves.i1.a": ["x"], "moves.i2.a": [""]})

    assert step.answers == {"moves": [{"_id": "i1", "a": "x", "first": "x"}, {"_id": "i2"}]}


# Triggers


def test_a_calculation_with_a_trigger_follows_its_trigger_and_nothing_else():
    total = item("total", Kind.INTEGER, calculation="${a} + ${b}", trigger=("a",))
    program = paged(group("one", item("a", Kind.INTEGER), item("b", Kind.INTEGER), total, appearance=("field-list",)))

    first = post(program, {}, {"a": ["1"], "b": ["2"], "total": [""]})
    other = post(program, first.answers, {"a": ["1"], "b": ["5"], "total": ["3"]})
    edited = post(program, other.answers, {"a": ["1"], "b": ["5"], "total": ["40"]})
    again = post(program, edited.answers, {"a": ["2"], "b": ["5"], "total": ["40"]})

    totals = [step.answers["total"] for step in (first, other, edited, again)]
    assert totals == ["3", "3", "40", "7"]


def test_a_trigger_may_pull_another_and_two_that_pull_each_other_come_to_rest():
    program = paged(
        item("a"),
        calculate("b", "concat(${a}, 'b')", trigger=("a", "c")),
        calculate("c", "concat(${b}, 'c')", trigger=("b",)),
    )

    answers = post(program, {}, {"a": ["x"]}).answers

    assert answers == {"a": "x", "b": "xb", "c": "xbc"}


def test_a_trigger_that_breaks_its_constraint_pulls_nothing():
    program = paged(item("a", Kind.INTEGER, constraint=". < 9"), calculate("b", "${a}", trigger=("a",)))

    refused = post(program, {}, {"a": ["10"]})
    mended = post(program, refused.answers, {"a": ["8"]})

    assert refused.answers == {}
    assert mended.answers == {"a": "8", "b": "8"}


def test_a_counter_reads_itself_and_a_new_instance_pulls_no_trigger_outside_it():
    counted = calculate("changes", "coalesce(${changes}, 0) + 1", trigger=("a",))
    moves = repeat("moves", item("where"), calculate("seen", "${a}", trigger=("a",)))
    program = paged(group("one", item("a"), moves, appearance=("field-list",)))
    counting = paged(item("a"), counted)

    answers = {}
    for text in ("x", "y", "y", "z"):
        answers = post(counting, answers, {"a": [text]}).answers
    grown = post(program, {"a": "x"}, {"a": ["x"]}, move=Move("add", "moves")).answers
    (added,) = grown["moves"]
    changed = post(program, grown, {"a": ["y"], f"moves.{added['_id']}.where": [""]}).answers

    assert answers["changes"] == "3"
    assert "seen" not in added
    assert changed["moves"][0]["seen"] == "y"


# Written over


def test_what_is_written_over_a_calculated_value_stands_until_an_input_changes():
    doubled = item("b", Kind.INTEGER, calculation="${a} * 2")
    program = paged(group("one", item("a", Kind.INTEGER), item("other"), doubled, appearance=("field-list",)))

    edited = post(program, {"a": "2"}, {"a": ["2"], "other": [""], "b": ["5"]})
    kept = post(program, edited.answers, {"a": ["2"], "other": ["x"], "b": ["5"]})
    renewed = post(program, kept.answers, {"a": ["3"], "other": ["x"], "b": ["5"]})
    both = post(program, renewed.answers, {"a": ["4"], "other": ["x"], "b": ["9"]})

    values = [value(program, step.answers, "b") for step in (edited, kept, renewed, both)]
    assert values == ["5", "5", "6", "9"]


def test_an_edit_that_is_refused_leaves_the_earlier_one():
    doubled = item("b", Kind.INTEGER, calculation="${a} * 2", constraint=". < 50")
    program = paged(group("one", item("a", Kind.INTEGER), doubled, appearance=("field-list",)))
    edited = post(program, {"a": "2"}, {"a": ["2"], "b": ["5"]})

    refused = post(program, edited.answers, {"a": ["2"], "b": ["90"]})

    assert [finding.code for finding in refused.problems] == ["constraint"]
    assert refused.answers == edited.answers


# Nested repeats


def test_repeats_inside_repeats_are_added_filled_counted_and_removed():
    inner = repeat("children", item("name"), calculate("label", "concat(${head}, '/', ${name}, '/', position(..))"))
    counted = repeat("pets", item("pet"), repeat_count="${n_pets}")
    homes = repeat("homes", item("head"), item("n_pets", Kind.INTEGER), inner, counted, appearance=("field-list",))
    program = paged(homes)

    step = post(program, {}, {}, move=Move("add", "homes"))
    (home,) = step.answers["homes"]
    step = post(program, step.answers, {}, move=Move("add", "children", home["_id"]))
    (child,) = step.answers["homes"][0]["children"]
    posted = {
        f"homes.{home['_id']}.head": ["A"],
        f"homes.{home['_id']}.n_pets": ["2"],
        f"children.{child['_id']}.name": ["B"],
    }
    step = post(program, step.answers, posted, move=Move("stay"))
    state = program.evaluate(step.answers, environment())
    pets = state.instances("pets", home["_id"])
    assert state.value("label", child["_id"]) == "A/B/1"
    assert len(pets) == 2

    step = post(program, step.answers, posted | {f"pets.{pets[1]}.pet": ["cat"]}, move=Move("stay"))
    stored = step.answers["homes"][0]["pets"]
    assert stored == [{"_id": pets[0]}, {"_id": pets[1], "pet": "cat"}]

    step = post(program, step.answers, posted, move=Move("remove", "children", child["_id"]))
    assert step.answers["homes"][0]["children"] == []
    view = show(program, step.answers, program.instrument.pages[0].name, environment=environment())
    assert [one.key for one in questions_in(view.nodes)] == ["head", "n_pets", "pet", "pet"]

"""Whatever an author writes and whatever is stored: a located problem or a value, in time, and nothing else."""

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.advance import shown_pages
from surveys.instrument.evaluation import Program, check
from surveys.instrument.language import functions
from surveys.instrument.language.functions import Type
from surveys.instrument.model import Kind
from surveys.instrument.problems import Severity
from tests.builders import environment as site_environment
from tests.builders import example_program
from tests.instrument.oracle.compare import random_answers
from tests.instrument.small_instruments import calculate, choice, environment, instrument, item, repeat

LISTS = {"yn": [choice("1", "Yes"), choice("0", "No ${a}")]}
ATOMS = {
    Type.STRING: ("'x'", "'1 2'", "''", "${a}", "'2024-02-29'", "'%Y'", "'('", "'-1.5e3'", "'12:00'", "'MD5'"),
    Type.NUMBER: ("0", "-1", "2.5", "1 div 0", "${n}", "99999999999999999999", "0 div 0", "0.1"),
    Type.BOOLEAN: ("true()", "false()", "${p} = '1'"),
    Type.NODES: ("${where}", "${moves}", "../moves", "/data/moves/where", "${moves}[where != '']"),
}
EVERY = sorted({atom for atoms in ATOMS.values() for atom in atoms})
KEYS = ["a", "n", "p", "moves", "q", "d", "f", "counted"]
OFFERED = [entry for entry in functions.all_functions() if entry.is_supported]
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.sampled_from(["1", "-0"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["_id", "where"]), inner)),
    max_leaves=5,
)


@st.composite
def calls(draw, depth: int = 2) -> str:
    """A call of some function with arguments of any kind, as many as it takes or one more or less."""
    entry = draw(st.sampled_from(OFFERED))
    count = draw(st.integers(max(0, entry.minimum - 1), (entry.maximum or entry.minimum + 2) + 1))
    return f"{entry.name}({', '.join(draw(arguments(entry, place, depth)) for place in range(count))})"


def arguments(entry, place: int, depth: int) -> st.SearchStrategy[str]:
    fitting = ATOMS.get(entry.type_of(place), EVERY) if entry.arguments else EVERY
    kinds = [st.sampled_from(fitting), st.sampled_from(fitting), st.sampled_from(EVERY)]
    return st.one_of(*kinds, calls(depth - 1)) if depth else st.one_of(*kinds)


@st.composite
def expressions(draw) -> str:
    parts = draw(st.lists(st.one_of(calls(), st.sampled_from(EVERY)), min_size=1, max_size=3))
    operators = st.sampled_from([" + ", " div ", " mod ", " = ", " != ", " < ", " >= ", " and ", " or ", " - "])
    return "".join(part + (draw(operators) if place < len(parts) - 1 else "") for place, part in enumerate(parts))


def with_everywhere(expression: str):
    """An instrument that has the expression wherever one can be."""
    return instrument(
        item("a"),
        item("n", Kind.INTEGER, constraint=expression),
        item("p", Kind.SELECT_ONE, choices="yn"),
        repeat("moves", item("where"), calculate("inside", expression)),
        item("q", relevance=expression, required=expression, read_only=expression),
        item("d", default=expression, default_is_expression=True),
        item("f", Kind.SELECT_MULTIPLE, choices="yn", choice_filter=expression),
        repeat("counted", item("x"), repeat_count=expression),
        lists=LISTS,
    )


@given(
    expressions(),
    st.dictionaries(st.sampled_from(["a", "n", "p", "moves", "q", "d", "f", "counted"]), JUNK, max_size=8),
)
@settings(max_examples=200, deadline=None)
def test_an_expression_is_refused_with_its_place_or_gives_a_value_whatever_is_stored(expression, answers):
    asked = with_everywhere(expression)

    problems = check(asked)

    if any(problem.severity is Severity.ERROR for problem in problems):
        assert all(problem.place.row and problem.place.column for problem in problems if "cycle" not in problem.code)
        return
    state = Program(asked).evaluate(answers, environment())
    for one in asked.items():
        for instance in state.everywhere(one.key):
            assert isinstance(state.value(one.key, instance), str)
            assert state.is_required(one.key, instance) in {True, False}
            assert state.violates_constraint(one.key, instance) in {True, False}
            assert isinstance(state.choices(one.key, instance), tuple)


@pytest.mark.parametrize("operator", ["+", " and ", " or ", "="])
def test_an_expression_of_ten_thousand_terms_is_refused_with_its_place(operator):
    problems = check(instrument(calculate("long", operator.join(["1"] * 10_000))))

    assert [(problem.code, problem.place.column) for problem in problems] == [("expression.syntax", "calculation")]
    assert "longer than 10,000 characters" in problems[0].message


@pytest.mark.parametrize("operator", ["+", " and ", " or ", "="])
def test_the_longest_expression_that_is_read_is_also_worked_out(operator):
    terms = (10_000 + len(operator)) // (1 + len(operator))
    asked = instrument(calculate("long", operator.join(["1"] * terms)))

    assert check(asked) == ()
    assert Program(asked).evaluate({}, environment()).value("long") == (str(terms) if operator == "+" else "true")


@pytest.mark.parametrize("inner", ["({})", "not({})", "-{}", "if(1, {}, 2)", "${{moves}}[{}]"])
def test_the_deepest_expression_is_worked_out_or_refused_but_never_breaks_off(inner):
    for depth in (20, 60, 199, 1_000):
        text = "1"
        for _ in range(depth):
            text = inner.format(text)
        asked = instrument(repeat("moves", item("where")), calculate("deep", text))
        problems = [problem for problem in check(asked) if problem.severity is Severity.ERROR]
        if not problems:
            assert isinstance(Program(asked).evaluate({}, environment()).value("deep"), str)
        else:
            assert [problem.code for problem in problems] == ["expression.syntax"]


@pytest.mark.parametrize("pattern", ["(a|aa)+b", "(a|a?)+b", "((a|aa)(a|aa))+b", "(.|..)+b"])
def test_a_pattern_that_would_take_for_ever_is_cut_off(pattern):
    asked = Program(
        instrument(item("a", constraint=f"regex(., '{pattern}')"), calculate("m", f"regex(${{a}}, '{pattern}')"))
    )
    started = time.process_time()

    state = asked.evaluate({"a": "a" * 2_000}, environment())

    assert state.violates_constraint("a")
    assert state.value("m") in {"", "false"}
    assert time.process_time() - started < 3


@given(st.integers(0, 10_000), st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_same_answers_give_the_same_routing_in_whatever_order_they_came(seed, shuffler):
    one = example_program_of_2024()
    answers = random_answers(one.instrument, Random(seed))
    order = list(answers)
    shuffler.shuffle(order)
    other = {key: answers[key] for key in order}

    pages = [shown_pages(one, document, environment=site_environment()) for document in (answers, other)]

    assert pages[0] == pages[1]


def example_program_of_2024() -> Program:
    known = _PROGRAMS.get("w2024")
    if known is None:
        known = _PROGRAMS["w2024"] = example_program("w2024")
    return known


_PROGRAMS: dict[str, Program] = {}

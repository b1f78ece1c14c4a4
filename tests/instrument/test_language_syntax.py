"""Reading and writing expressions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.language import ExpressionError, nodes, parse, print_expression
from surveys.instrument.language.lexer import MAX_LENGTH
from surveys.instrument.language.parser import MAX_DEPTH

NAMES = st.sampled_from(["a", "country", "move-months", "or", "and", "div", "mod", "x.y", "_b", "страна", "jr:label"])
AXES = st.sampled_from(sorted(nodes.AXES))


def trees() -> st.SearchStrategy[nodes.Node]:
    """Every tree the parser can give."""
    leaves = st.one_of(
        st.floats(min_value=0, allow_infinity=False, allow_nan=False).map(lambda value: nodes.Number(abs(value))),
        st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]), max_size=8).map(nodes.Literal),
        st.builds(nodes.Reference, st.sampled_from(["a", "country", "группа"]), st.booleans()),
    )
    return st.recursive(leaves, _larger, max_leaves=12)


def _larger(inner: st.SearchStrategy[nodes.Node]) -> st.SearchStrategy[nodes.Node]:
    predicates = st.lists(inner, max_size=2).map(tuple)
    tests = st.one_of(NAMES, st.sampled_from(["*", "node()", "text()"]))
    steps = st.lists(st.builds(nodes.Step, AXES, tests, predicates), min_size=1, max_size=3).map(tuple)
    primaries = inner.filter(lambda node: not isinstance(node, nodes.Path) or node.start is None)
    return st.one_of(
        st.builds(nodes.Call, st.sampled_from(["f", "count-selected", "jr:choice-name"]), st.lists(inner).map(tuple)),
        inner.map(nodes.Negate),
        st.builds(nodes.Path, steps, st.booleans()),
        st.builds(nodes.Path, steps, st.just(False), primaries),
        st.builds(nodes.Filter, inner, st.lists(inner, min_size=1, max_size=2).map(tuple)),
        st.integers(0, 7).flatmap(lambda number: _chain(number, inner)),
    )


def _chain(number: int, inner: st.SearchStrategy[nodes.Node]) -> st.SearchStrategy[nodes.Node]:
    level = sorted(set(nodes.LEVELS.values()))[number % 7]
    operators = st.sampled_from([operator for operator, found in nodes.LEVELS.items() if found == level])
    rest = st.lists(st.tuples(operators, inner), min_size=1, max_size=3).map(tuple)
    return st.builds(nodes.Operation, inner, rest)


@given(trees())
@settings(max_examples=150, deadline=None)
def test_what_is_printed_reads_as_the_same_tree(tree):
    assert parse(print_expression(tree)) == tree


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused_with_a_position_in_it(text):
    tree, position = None, 0
    try:
        tree = parse(text)
    except ExpressionError as error:
        position = error.position
    assert 0 <= position <= len(text)
    assert tree is None or parse(print_expression(tree)) == tree


@pytest.mark.parametrize(
    ("text", "normal_form"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("1-2-3", "1 - 2 - 3"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("((${a}))", "${a}"),
        ("${ a }", "${a}"),
        ("-1 - -1", "-1 - -1"),
        ("1and1", "1 and 1"),
        ("6*(3+4)and(5or2)", "6 * (3 + 4) and (5 or 2)"),
        ("div div div", "div div div"),
        ("* * *", "* * *"),
        ("//a/..//b", "//a/..//b"),
        ("self::node() = .", ". = ."),
        ("parent::node()[1]/self::node()[a]", "parent::node()[1]/self::node()[a]"),
        ("instance('c')/root/item[name=${x}]/label", "instance('c')/root/item[name = ${x}]/label"),
        ("“a” = ‘b’", "'a' = 'b'"),
        ('"it\'s"', '"it\'s"'),
        ("a-b - c", "a-b - c"),
        (".5 + 5.", "0.5 + 5"),
    ],
)
def test_normal_form(text, normal_form):
    assert print_expression(parse(text)) == normal_form


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "empty"),
        ("1 +", 3, "ends too early"),
        ("1 2", 2, "'2' is not expected"),
        ("a == b", 3, "single '='"),
        ("45 + $(x)", 5, "${name}"),
        ("${a b}", 0, "without spaces"),
        ("${a", 0, "not closed"),
        ("'a", 0, "not closed"),
        ("(1", 2, "')' is missing"),
        ("f(1,", 4, "ends too early"),
        ("f(a 'b')", 4, "a comma or ')' is missing"),
        ("a | -b", 4, "'-' is not expected"),
        ("a/..[1]", 4, "write parent::node()[…]"),
        (".[. > 1]", 1, "write self::node()[…]"),
        ("foo::a", 0, "not an axis"),
        ("5 divided", 2, "not expected"),
        ("a ? b", 2, "no meaning"),
        ("9" * 400, 0, "too large"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stops_making_sense(text, position, says):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.position == position
    assert says in caught.value.message


def test_a_chain_of_thousands_of_terms_is_read_without_depth():
    tree = parse(" or ".join(["1"] * 2_000))
    assert isinstance(tree, nodes.Operation)
    assert len(tree.rest) == 1_999


def test_length_and_depth_are_limited():
    with pytest.raises(ExpressionError, match="longer than"):
        parse("1+" * MAX_LENGTH + "1")
    with pytest.raises(ExpressionError, match="levels deep"):
        parse("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1))
    assert parse("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)) == nodes.Number(1.0)

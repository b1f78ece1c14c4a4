"""What is wrong with expressions, and where."""

import pytest

from surveys.instrument.evaluation import check, compile_program
from surveys.instrument.model import Kind
from surveys.instrument.problems import InstrumentError, Severity
from tests.instrument.small_instruments import calculate, choice, group, instrument, item, repeat

LIST = {"country": [choice("GEO", region="caucasus")]}


def only_problem(*children, **fields):
    problems = check(instrument(*children, **fields))
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


@pytest.mark.parametrize(
    ("expression", "code", "says", "advises"),
    [
        ("${contry} = 1", "expression.unknown_name", "no question named 'contry'", "${country}"),
        ("slected(${country}, 'a')", "expression.unknown_function", "no function slected()", "selected()"),
        ("selected(${country})", "expression.arity", "takes 2 arguments, not 1", ""),
        ("if(1, 2", "expression.syntax", "ends too early", ""),
        ("duration() > 5", "expression.unsupported", "duration() is not supported", "classes"),
        ("preceding::country = 1", "expression.unsupported", "axis 'preceding'", ""),
        ("country = 'GEO'", "expression.unknown_name", "can't be reached", "${country}"),
        ("regex(${country}, '(')", "expression.pattern", "pattern can't be read", ""),
        ("${last-saved#country} = ''", "expression.unsupported", "${last-saved#country} is not supported", "pulldata"),
        ("${last-saved#q} = ''", "expression.unsupported", "${last-saved#q} is not supported", "pulldata"),
        ("selected(${country} 'GEO')", "expression.syntax", "a comma or ')' is missing", ""),
        ("count('GEO') = 1", "expression.not_nodes", "count() takes questions or repeats, not text", "${name}"),
        ("count(${country} = 'GEO')", "expression.not_nodes", "not what is calculated", "${name}"),
        ("position(1) = 1", "expression.not_nodes", "not a number", "${name}"),
        ("difference-in-months(${country}, 1)", "expression.unsupported", "not supported", "div 30.4375"),
        ("pulldata('w', ${country}, 'panelist', 1) = ''", "expression.unsupported", "written out", ""),
        ("pulldata('w', 'a', 'id', 1) = ''", "expression.unsupported", "always 'panelist'", ""),
        ("jr:choice-name('a', '${note}') = ''", "expression.no_choices", "'note' has no choices", ""),
        ("weighted-checklist(1, 2, ${country}) = 1", "expression.arity", "pairs", ""),
        ("digest(${note}, 'md5') = ''", "expression.digest", "knows no 'md5'", "MD5"),
        ("digest(${note}, 'MD5', 'HEX') = ''", "expression.digest", "knows no 'HEX'", "hex"),
        ("TRUE", "expression.unknown_name", "no question named 'TRUE'", "true()"),
        ("once(1) = 1", "expression.misplaced_once", "whole calculation", ""),
        ("indexed-repeat(${country}, ${country}, 1) = ''", "expression.not_in_repeat", "not a repeat", ""),
        ("instance('contry')/root/item = 1", "expression.unknown_list", "no choice list 'contry'", "'country'"),
        ("instance('villages')/root/item = 1", "expression.unknown_list", "no choice list", "sheet 'choices'"),
    ],
)
def test_each_problem_has_its_row_and_column(expression, code, says, advises):
    country = item("country", Kind.SELECT_ONE, choices="country")
    problem = only_problem(country, item("note"), item("q", relevance=expression), lists=LIST)
    assert (problem.severity, problem.code) == (Severity.ERROR, code)
    assert says in str(problem)
    assert advises in problem.advice
    assert str(problem.place) == "sheet 'survey', row 4, column 'relevant'"


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"relevance": "${x}"}, "relevant"),
        ({"constraint": "${x}"}, "constraint"),
        ({"calculation": "${x}"}, "calculation"),
        ({"required": "${x}"}, "required"),
        ({"read_only": "${x}"}, "read_only"),
        ({"default": "${x}", "default_is_expression": True}, "default"),
        ({"label": {"Русский (ru)": "${x}"}}, "label::Русский (ru)"),
        ({"constraint_message": {"": "${x}"}}, "constraint_message"),
    ],
)
def test_every_column_is_checked(fields, column):
    problem = only_problem(item("q", **fields))
    assert (problem.code, problem.place.column, problem.place.row) == ("expression.unknown_name", column, 2)


def test_all_problems_of_an_expression_are_told():
    problems = check(instrument(item("q", relevance="${x} = ${y} and f(1)")))
    assert [problem.code for problem in problems] == [
        "expression.unknown_name",
        "expression.unknown_name",
        "expression.unknown_function",
    ]


def test_a_choice_filter_may_only_name_columns_of_its_list():
    filtered = item("q", Kind.SELECT_ONE, choices="country", choice_filter="regoin='a'")
    problem = only_problem(filtered, lists=LIST)
    assert problem.code == "expression.unknown_column"
    assert "Did you mean region?" in str(problem)


def test_a_circle_is_named_from_its_first_item():
    problem = only_problem(
        item("a", relevance="${c} = 1"), calculate("b", "${a}"), calculate("c", "${b} + 1"), calculate("d", "${c}")
    )
    assert problem.code == "expression.cycle"
    assert "a → c → b → a" in problem.message
    assert problem.place.row == 2


def test_a_group_that_depends_on_what_is_in_it_is_a_circle():
    assert only_problem(group("g", item("a"), relevance="${a} = 1")).code == "expression.cycle"


def test_an_item_may_read_itself_in_its_constraint_and_in_once():
    assert check(instrument(item("a", constraint=". != ${a} + 1"), calculate("b", "once(today())"))) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"relevance": ". = ''"},
        {"relevance": "self::node() != 1"},
        {"calculation": "if(. = '', 1, .)"},
        {"default": "coalesce(., 1)", "default_is_expression": True},
    ],
)
def test_what_decides_a_value_does_not_read_it(fields):
    problem = only_problem(item("q", **fields))
    assert problem.code == "expression.cycle"
    assert "q → q" in problem.message


def test_whoever_wants_the_first_value_kept_is_told_of_once():
    problem = only_problem(calculate("c", "if(. = '', uuid(), .)"))
    assert "once(...)" in problem.advice
    assert "once" not in only_problem(calculate("c", "${d}"), calculate("d", "${c}")).advice


def test_whether_an_answer_is_wanted_or_can_be_changed_may_depend_on_it():
    assert check(instrument(item("q", required=". = 'x'", read_only=". != ''"))) == ()


def test_a_name_used_twice_has_to_be_made_unique():
    one, other = item("a", key="g/a"), item("a", key="h/a")
    problem = only_problem(group("g", one), group("h", other), item("q", relevance="${a} = 1"))
    assert problem.code == "expression.ambiguous_name"
    assert "/g/a and /h/a" in problem.message


def test_null_is_a_warning_and_no_dependency():
    problem = only_problem(calculate("null_free", "if(true(), 1, null)"))
    assert (problem.severity, problem.code) == (Severity.WARNING, "expression.null")


def test_several_values_where_one_is_wanted_are_a_warning():
    problem = only_problem(repeat("r", item("a")), calculate("b", "${a} + 1"), calculate("c", "sum(${a})"))
    assert (problem.severity, problem.code) == (Severity.WARNING, "expression.several_values")
    assert problem.place.row == 4


def test_an_instrument_with_errors_does_not_compile():
    with pytest.raises(InstrumentError) as caught:
        compile_program(instrument(item("q", relevance="${x}")))
    assert caught.value.problems[0].code == "expression.unknown_name"

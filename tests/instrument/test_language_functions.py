"""What expressions give: the semantics contract and the functions, as truth tables."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.language import functions
from surveys.instrument.language.functions import Purity, Type
from tests.instrument.small_instruments import calculate, environment, item, program, repeat


def value_of(expression: str, **answers: str) -> str:
    """The value of a calculation beside blank and answered items a, b, c."""
    questions = [item(name) for name in "abc"]
    return program(*questions, calculate("x", expression)).evaluate(answers, environment()).value("x")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # a blank answer
        ("${a} = ''", "true"),
        ("${a} != 'yes'", "true"),
        ("${a} = 0", "false"),
        ("${a} < 5", "false"),
        ("${a} >= 0", "false"),
        ("${a} + 1", ""),
        ("number('')", ""),
        ("string(number(''))", "NaN"),
        ("coalesce(${a} + 1, 'none')", "none"),
        ("concat('[', ${a} + 1, ']')", "[]"),
        ("null = ''", "true"),
        ("if(${a}, 'yes', 'no')", "no"),
        # text and numbers
        ("'2' = 2", "true"),
        ("'2.0' = '2'", "false"),
        ("'0017.' = 17", "true"),
        ("'abc' < 'abd'", "false"),
        ("'10' > '9'", "true"),
        ("0.1 + 0.2 = 0.3", "true"),
        ("1 div 0", "Infinity"),
        ("0 div 0", ""),
        ("5 mod -2", "1"),
        ("-5 mod 2", "-1"),
        ("int('1.1e6')", ""),
        ("number('Infinity')", ""),
        ("int(-1.9)", "-1"),
        ("1 div 3 * 3 = 1", "true"),
        ("1000000 * 1000000", "1000000000000"),
        ("0.0000001", "0.0000001"),
        # truth
        ("true() = 'x'", "true"),
        ("true() = 1", "true"),
        ("false() = ''", "true"),
        ("not('')", "true"),
        ("boolean('false')", "true"),
        ("boolean-from-string('false')", "false"),
        ("boolean(0)", "false"),
        # short circuits: the pattern is never tried
        ("true() or regex('a', concat('(', ''))", "true"),
        ("false() and regex('a', concat('(', ''))", "false"),
        ("if(true(), 'a', regex('a', concat('(', '')))", "a"),
        # dates
        ("number('1970-01-02')", "1"),
        ("number(date('2008-09-05'))", "14127"),
        ("decimal-date-time('2000-01-01T10:20:30.000Z')", "10957.430902777778"),
        ("'2024-05-01' = '2024-05-01T00:00:00.000Z'", "true"),
        ("today()", "2024-05-01"),
        ("now()", "2024-05-01T00:30:00.000+04:00"),
        ("today() > '2024-04-30'", "true"),
        ("date('2024-02-28') + 1", "19782"),
        ("date(date('2024-02-28') + 1)", "2024-02-29"),
        ("date('not a date')", ""),
        ("date('2023-02-30')", ""),
        ("date('2024-5-1')", "2024-05-01"),
        ("date('2024-05-01T23:30:00.000+04:00')", "2024-05-01"),
        ("date-time('2024-05-01T10:00')", "2024-05-01T10:00:00.000+04:00"),
        ("format-date('2024-05-01', '%e %b %Y, %a')", "1 май 2024, ср"),
        ("format-date-time('2024-05-01T08:05:09.250+04:00', '%H:%M:%S.%3 %h %n/%y %d%%')", "08:05:09.250 8 5/24 01%"),
        ("decimal-time('06:00:00.000+04:00')", "0.25"),
        # rounding: halves away from zero, on the decimal text
        ("round(2.675, 2)", "2.68"),
        ("round(-2.5)", "-3"),
        ("round(1250, -2)", "1300"),
        ("round('a')", ""),
        ("floor(-1.5)", "-2"),
        ("ceiling(-1.5)", "-1"),
        # regex: the whole text
        ("regex('12345', '[0-9]{5}')", "true"),
        ("regex('x12345', '[0-9]{5}')", "false"),
        ("regex('Тбилиси', '\\p{Lu}\\p{Ll}+')", "true"),
        # text
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -2)", "lo"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 0)", "12345"),
        ("substring-before('a-b', '-')", "a"),
        ("substring-after('a-b', '-')", "b"),
        ("translate('hello', 'el', 'i')", "hio"),
        ("normalize-space('  a \n b ')", "a b"),
        ("string-length('привет')", "6"),
        ("join(', ', 'a', 'b')", "a, b"),
        ("contains('abc', 'b') and starts-with('abc', 'a') and ends-with('abc', 'c')", "true"),
        ("digest('abc', 'SHA-256', 'hex')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("base64-decode(base64-encode('мир'))", "мир"),
        ("base64-decode('?')", ""),
        # choices
        ("selected('a b c', 'b')", "true"),
        ("selected('ab c', 'b')", "false"),
        ("selected('a b', '')", "false"),
        ("selected('', '')", "true"),
        ("selected(${a}, ${b})", "true"),
        ("selected-at('a b c', 0)", "a"),
        ("selected-at('a b c', 3)", ""),
        ("count-selected('a b c')", "3"),
        ("selected('a b', 'a b')", "true"),
        ("selected(concat('a', ' b'), concat('a', ' b'))", "true"),
        # sums
        ("sum(1, '', 2)", "3"),
        ("min(3, 1, 2)", "1"),
        ("max('')", ""),
        ("checklist(1, 2, true(), false(), true())", "true"),
        ("weighted-checklist(3, -1, true(), 2, true(), 2)", "true"),
        ("string-length(uuid(20))", "20"),
        ("string-length(uuid(150))", "150"),
        ("string-length(uuid(0))", "0"),
        ("pow(2, 10)", "1024"),
        ("sqrt(-1)", ""),
        ("exp(1000)", "Infinity"),
        # SurveyCTO
        ("count-items('|', 'a|b|c')", "3"),
        ("item-at('|', 'a|b|c', 1)", "b"),
        ("item-index('|', 'a|b|c', 'c')", "2"),
        ("de-duplicate(' ', 'a b a')", "a b"),
    ],
)
def test_value(expression, value):
    assert value_of(expression) == value


@pytest.mark.parametrize("zone", ["America/Phoenix", "UTC", "Asia/Tbilisi"])
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("format-date(date('2024-01-01') + 30, '%Y-%m-%d %H:%M')", "2024-01-31 00:00"),
        ("format-date(decimal-date-time('2024-01-31T18:30:00'), '%Y-%m-%d %H:%M')", "2024-01-31 18:30"),
        ("format-date('2024-01-31', '%e %b')", "31 Jan"),
    ],
)
def test_a_whole_number_of_days_is_written_as_the_same_date_in_every_zone(zone, expression, value):
    moment = datetime(2024, 5, 1, 12, tzinfo=ZoneInfo(zone))
    state = program(calculate("x", expression)).evaluate({}, environment(now=moment, language="en"))
    assert state.value("x") == value


@pytest.mark.parametrize(
    ("language", "value"),
    [
        ("English (en-GB)", "Thu 29 Feb"),
        ("Русский (ru-RU)", "чт 29 фев"),
        ("Français (fr)", "jeu. 29 févr."),
        ("Українська", "чт 29 лют."),
        ("Klingon", "Thu 29 Feb"),
        ("Unknown (xx)", "Thu 29 Feb"),
        ("", "Thu 29 Feb"),
    ],
)
def test_months_and_weekdays_are_named_in_the_language_of_the_interview(language, value):
    state = program(calculate("x", "format-date('2024-02-29', '%a %e %b')")).evaluate(
        {}, environment(language=language)
    )
    assert state.value("x") == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("checklist(2, 2, ${has})", "true"),
        ("checklist(3, 4, ${has}, true())", "true"),
        ("weighted-checklist(8, 8, ${has}, ${weight})", "true"),
        ("weighted-checklist(1, 1, ${has}, ${weight})", "false"),
        ("selected(${has}, 'no')", "true"),
        ("selected(${has}, '')", "true"),
    ],
)
def test_what_counts_true_values_looks_at_every_instance(expression, value):
    moves = repeat("moves", item("has"), item("weight"))
    answers = {"moves": [{"has": "no", "weight": "3"}, {"weight": "1"}, {"has": "yes", "weight": "5"}]}
    state = program(moves, calculate("x", expression)).evaluate(answers, environment())
    assert state.value("x") == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # one question is a node where nodes are wanted
        ("count(${a})", "1"),
        ("count(${b})", "1"),
        ("count(${gone})", "0"),
        ("count(${a} | ${b} | ${a})", "2"),
        ("count(${a} | ${months})", "3"),
        ("${a}[. = 'x']", "x"),
        ("count(${a}[. = 'y'])", "0"),
        ("${a}/../b", ""),
        ("count-non-empty(${a} | ${b})", "1"),
        # the root has whatever name the author calls it by, and no other node is taken for it
        ("count(/data/moves)", "2"),
        ("count(/any/moves)", "2"),
        ("count(//moves)", "2"),
        ("string(//months)", "3"),
        ("count(//moves[months > 3])", "1"),
    ],
)
def test_paths_find_the_nodes_they_name_and_no_others(expression, value):
    gone = item("gone", relevance="false()")
    moves = repeat("moves", item("months"), calculate("outside", "count(ancestor::moves)"))
    answers = {"a": "x", "moves": [{"_id": "one", "months": "3"}, {"_id": "two", "months": "5"}]}
    state = program(item("a"), item("b"), gone, moves, calculate("x", expression)).evaluate(answers, environment())
    assert state.value("x") == value
    assert state.value("outside", "two") == "1"


def test_a_catastrophic_pattern_is_cut_off_and_counts_as_blank():
    """Uncut it would run for hours."""
    assert value_of("if(regex(${a}, '(a|aa)+c'), 1, 0)", a="aac") == "1"
    assert value_of("if(regex(${a}, '(a|aa)+c'), 1, 0)", a="a" * 60 + "-") == ""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("not(" * 199 + "1" + ")" * 199, "false"),
        ("if(${a}='1',1," * 98 + "0" + ")" * 98, "0"),
        ("1+(" * 99 + "1" + ")" * 99, "100"),
        ("-" * 198 + "1", "1"),
        ("substr(" * 198 + "'x'" + ",0)" * 198, "x"),
        ("+".join(["1"] * 4_999), "4999"),
        (" or ".join(["${a}"] * 1_200) + " or 1", "true"),
    ],
)
def test_the_largest_expressions_are_worked_out_even_deep_in_a_stack(expression, value):
    def deep(levels: int) -> str:
        return deep(levels - 1) if levels else value_of(expression)

    assert deep(150) == value


def test_random_draws_the_same_for_the_same_interview_and_another_for_another():
    drawing = program(calculate("x", "random()"), calculate("y", "random()"), calculate("u", "uuid()"))
    first, again = (drawing.evaluate({}, environment(seed=1)) for _ in range(2))
    other = drawing.evaluate({}, environment(seed=2))
    assert first.value("x") == again.value("x")
    assert len({first.value("x"), first.value("y"), other.value("x")}) == 3
    assert 0 <= float(first.value("x")) < 1
    assert uuid.UUID(first.value("u")).version == 4


def test_every_function_says_what_it_does():
    entries = functions.all_functions()
    assert len(entries) > 90
    for entry in entries:
        assert entry.doc.endswith((".", "…"))
        assert "\n" not in entry.doc
        assert [entry.call is not None, entry.form is not None, bool(entry.advice)].count(True) == 1
    clocks = {entry.name for entry in entries if entry.purity is Purity.CLOCK}
    assert clocks == {"today", "now"}
    selected = functions.find("selected")
    assert (selected.minimum, selected.maximum, selected.result) == (2, 2, Type.BOOLEAN)


@pytest.mark.parametrize(
    ("misspelled", "meant"), [("selcted", "selected"), ("count_selected", "count-selected"), ("zzz", "")]
)
def test_a_misspelled_name_brings_a_suggestion(misspelled, meant):
    assert functions.suggest(misspelled) == meant


ARGUMENTS = st.sampled_from(["${a}", "${b}", "''", "'x'", "'2024-05-01'", "-1", "0.5", "true()", "1 div 0", "null"])


@given(
    st.sampled_from([entry for entry in functions.all_functions() if entry.call is not None]),
    st.lists(ARGUMENTS, max_size=4),
    st.text(max_size=12),
    st.text("0123456789.-T:+Z ", max_size=12),
)
@settings(max_examples=120, deadline=None)
def test_no_function_raises_whatever_it_is_given(entry, arguments, one, other):
    count = max(entry.minimum, min(len(arguments), 4 if entry.maximum is None else entry.maximum))
    given_arguments = [
        "${a}" if entry.type_of(place) is Type.NODES else argument
        for place, argument in enumerate((arguments + ["${a}"] * 4)[:count])
    ]
    assert isinstance(value_of(f"{entry.name}({', '.join(given_arguments)})", a=one, b=other), str)

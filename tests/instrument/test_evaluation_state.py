"""What an evaluation tells: relevance, values, choices, texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.evaluation import Program, check, compile_program
from surveys.instrument.model import Kind
from surveys.instrument.problems import Severity
from tests.instrument.small_instruments import calculate, choice, environment, group, instrument, item, program, repeat

YES_NO = [choice("1", "Yes"), choice("0", "No")]
COUNTRIES = [
    choice("ARM", "Armenia", region="caucasus"),
    choice("GEO", "Georgia", region="caucasus"),
    choice("DEU", "Germany", region="eu"),
]


def test_a_question_is_relevant_only_if_all_that_surrounds_it_is():
    asked = program(
        item("consent"),
        group("outer", group("inner", item("q", relevance="${consent} != 'maybe'")), relevance="${consent} = '1'"),
    )
    no, yes = (asked.evaluate({"consent": given, "q": "kept"}, environment()) for given in ("0", "1"))
    assert not no.is_relevant("q")
    assert not no.is_relevant("/outer/inner")
    assert no.value("q") == ""
    assert yes.is_relevant("q")
    assert yes.is_relevant("/outer/inner")
    assert yes.is_relevant("inner")
    assert yes.value("q") == "kept"


def test_what_is_irrelevant_is_blank_to_expressions_and_comes_back_unharmed():
    asked = program(item("a"), item("b", relevance="${a} = '1'"), calculate("x", "if(${b} != 'yes', 'asked', 'not')"))
    answers = {"a": "0", "b": "yes"}
    assert asked.evaluate(answers, environment()).value("x") == "asked"
    assert asked.evaluate(answers | {"a": "1"}, environment()).value("x") == "not"


def test_items_are_worked_out_after_what_they_read_wherever_it_stands():
    asked = program(calculate("last", "${middle} * 2"), calculate("middle", "${first} + 1"), item("first"))
    assert asked.evaluate({"first": "3"}, environment()).value("last") == "8"


@pytest.mark.parametrize(
    ("kind", "answer", "value"),
    [
        (Kind.INTEGER, "12", "12"),
        (Kind.INTEGER, "12.9", "12"),
        (Kind.INTEGER, "twelve", ""),
        (Kind.INTEGER, 12, ""),
        (Kind.DECIMAL, "1.50", "1.50"),
        (Kind.DECIMAL, "1e5", ""),
        (Kind.DATE, "2024-02-29", "2024-02-29"),
        (Kind.DATE, "2024-02-29T10:00:00.000+04:00", "2024-02-29"),
        (Kind.DATE, "2023-02-29", ""),
        (Kind.TIME, "23:59", "23:59"),
        (Kind.TIME, "25:00", ""),
        (Kind.DATETIME, "2024-05-01T10:00", "2024-05-01T10:00:00.000+04:00"),
        (Kind.TEXT, "any <b>text</b>", "any <b>text</b>"),
        (Kind.TEXT, ["list"], ""),
        (Kind.TEXT, None, ""),
    ],
)
def test_an_answer_that_does_not_fit_its_type_is_blank(kind, answer, value):
    assert program(item("q", kind)).evaluate({"q": answer}, environment()).value("q") == value


def test_a_choice_no_longer_offered_is_blank_until_it_is_offered_again():
    asked = program(
        item("region"),
        item("country", Kind.SELECT_ONE, choices="country", choice_filter="region=${region}"),
        calculate("x", "${country} = 'GEO'"),
        lists={"country": COUNTRIES},
    )
    there = asked.evaluate({"region": "caucasus", "country": "GEO"}, environment())
    elsewhere = asked.evaluate({"region": "eu", "country": "GEO"}, environment())
    assert [offered.name for offered in there.choices("country")] == ["ARM", "GEO"]
    assert [offered.name for offered in elsewhere.choices("country")] == ["DEU"]
    assert (there.value("country"), there.value("x")) == ("GEO", "true")
    assert (elsewhere.value("country"), elsewhere.value("x")) == ("", "false")


@pytest.mark.parametrize(
    ("choice_filter", "offered"),
    [
        ("${wanted} = region", ["A", "B"]),
        ("region = ${wanted} and size > 1", ["B"]),
        ("size > 1 and ${wanted} = region", ["B"]),
        ("region = ${wanted} or size = 3", ["A", "B", "C"]),
        ("size = 1", ["A", "D"]),
        ("size = ${number} + 0", ["A", "D"]),
        ("since = ${day}", ["A", "B"]),
        ("selected(${wanted}, region)", ["A", "B"]),
        ("name != 'A' and label != 'Bee'", ["C", "D"]),
    ],
)
def test_a_filter_by_a_column_offers_what_the_expression_says(choice_filter, offered):
    lists = {
        "l": [
            choice("A", region="x", size="1", since="2024-01-01"),
            choice("B", "Bee", region="x", size="2", since="2024-01-01T00:00:00.000Z"),
            choice("C", region="y", size="3"),
            choice("D", region="", size="1.0"),
        ]
    }
    asked = program(
        *[item(name) for name in ("wanted", "number", "day")],
        item("q", Kind.SELECT_ONE, choices="l", choice_filter=choice_filter),
        lists=lists,
    )
    state = asked.evaluate({"wanted": "x", "number": "1", "day": "2024-01-01"}, environment())
    assert [each.name for each in state.choices("q")] == offered


def test_of_several_chosen_only_those_offered_count_each_once_in_the_order_given():
    asked = program(
        item("q", Kind.SELECT_MULTIPLE, choices="country", choice_filter="region != 'eu'"), lists={"country": COUNTRIES}
    )
    state = asked.evaluate({"q": ["GEO", "DEU", "ARM", "GEO", "XXX", 5]}, environment())
    assert state.value("q") == "GEO ARM"


def test_codes_are_compared_as_text_and_as_numbers():
    asked = program(
        item("q", Kind.SELECT_ONE, choices="yes_no"),
        calculate("text", "${q} = '1'"),
        calculate("number", "${q} = 1"),
        lists={"yes_no": YES_NO},
    )
    state = asked.evaluate({"q": "1"}, environment())
    assert (state.value("text"), state.value("number")) == ("true", "true")


def test_a_constraint_is_asked_only_of_an_answer():
    asked = program(item("n", Kind.INTEGER, constraint=". >= 0 and . <= 500"))
    violated = {n: asked.evaluate({"n": n}, environment()).violates_constraint("n") for n in ("", "x", "0", "501")}
    assert violated == {"": False, "x": False, "0": False, "501": True}


def test_required_and_read_only_are_a_word_or_an_expression():
    asked = program(
        item("a", required="yes"),
        item("b", required="${a} = 'x'", read_only="${a} = 'y'"),
        item("c", required="false()"),
    )
    x, y = (asked.evaluate({"a": given}, environment()) for given in "xy")
    assert [x.is_required(key) for key in "abc"] == [True, True, False]
    assert [y.is_required(key) for key in "abc"] == [True, False, False]
    assert (x.is_read_only("b"), y.is_read_only("b")) == (False, True)


def test_a_default_holds_until_there_is_an_answer_even_a_blank_one():
    asked = program(
        item("a", default="red"),
        item("b", default="concat(${a}, '!')", default_is_expression=True),
    )
    fresh = asked.evaluate({}, environment())
    changed = asked.evaluate({"a": "", "b": ""}, environment())
    assert (fresh.value("a"), fresh.value("b")) == ("red", "red!")
    assert (changed.value("a"), changed.value("b")) == ("", "")


def test_once_keeps_what_was_stored():
    asked = program(calculate("day", "once(today())"))
    assert asked.evaluate({}, environment()).value("day") == "2024-05-01"
    assert asked.evaluate({"day": "2024-01-01"}, environment()).value("day") == "2024-01-01"


def test_prior_answers_come_from_the_environment_and_panelist_is_never_a_value():
    asked = program(
        item("panelist", Kind.HIDDEN),
        item("country", Kind.SELECT_ONE, choices="country"),
        calculate("prior", "pulldata('w2023', 'country', 'panelist', ${panelist})"),
        calculate("label", "jr:choice-name(${prior}, '${country}')"),
        calculate("nothing", "pulldata('w2023', 'income', 'panelist', ${panelist})"),
        lists={"country": COUNTRIES},
    )
    state = asked.evaluate({"panelist": "secret"}, environment(prior={"w2023": {"country": "GEO"}}))
    assert (state.value("prior"), state.value("label"), state.value("nothing")) == ("GEO", "Georgia", "")
    assert state.value("panelist") == ""
    assert asked.evaluate({}, environment()).value("prior") == ""


def test_a_list_can_be_read_as_an_instance():
    asked = program(
        item("country"),
        calculate("label", "instance('country')/root/item[name=${country}]/label"),
        calculate("size", "count(instance('country')/root/item[region='caucasus'])"),
        lists={"country": COUNTRIES},
    )
    state = asked.evaluate({"country": "DEU"}, environment())
    assert (state.value("label"), state.value("size")) == ("Germany", "2")


TEXTS = {"English (en)": "You live in ${country}.", "Русский (ru)": "Вы живёте здесь: ${ country }."}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("Русский (ru)", "Вы живёте здесь: <GEO>."),
        ("ru", "Вы живёте здесь: <GEO>."),
        ("English (en)", "You live in <GEO>."),
        ("de", "You live in <GEO>."),
    ],
)
def test_texts_are_shown_in_the_language_asked_for_or_the_default(language, text):
    asked = program(item("country"), languages=["English (en)", "Русский (ru)"])
    state = asked.evaluate({"country": "<GEO>"}, environment(language=language))
    assert state.text(TEXTS, "country") == text


def test_a_text_falls_back_to_any_language_and_to_nothing():
    state = program(item("a"), languages=["English (en)"]).evaluate({}, environment())
    assert state.text({"Deutsch (de)": "Land"}, "a") == "Land"
    assert state.text({}, "a") == ""


def test_a_text_in_a_repeat_shows_the_answers_of_its_instance():
    asked = program(item("name"), repeat("moves", item("where")))
    answers = {"name": "A", "moves": [{"_id": "k1", "where": "GEO"}, {"_id": "k2", "where": "ARM"}]}
    state = asked.evaluate(answers, environment())
    text = {"": "${name}: ${where}"}
    assert [state.text(text, "where", each) for each in ("k1", "k2")] == ["A: GEO", "A: ARM"]
    assert [state.text(text, "moves", each) for each in ("k1", "k2")] == ["A: GEO", "A: ARM"]
    assert state.text(text, "moves") == "A: GEO"


def test_labels_of_choices_can_be_written_into_a_text():
    asked = program(item("country", Kind.SELECT_ONE, choices="country"), lists={"country": COUNTRIES})
    state = asked.evaluate({"country": "GEO"}, environment())
    assert state.text({"": "In jr:choice-name(${country}, '${country}')?"}) == "In Georgia?"


# Repeats

MOVES = repeat(
    "moves",
    item("where"),
    item("months", Kind.INTEGER, relevance="${where} != ''"),
    calculate("number", "position(..)"),
    calculate("so_far", "concat(${months}, '/', ${total})"),
)
TWO_MOVES = {
    "moves": [{"_id": "k1", "where": "GEO", "months": "4"}, {"_id": "k2", "where": "", "months": "9"}, "junk", 5]
}


def moving():
    return program(
        calculate("total", "sum(${months})"),
        calculate("n", "count(${moves})"),
        calculate("all", "join(', ', ${where})"),
        calculate("second", "indexed-repeat(${where}, ${moves}, 2)"),
        calculate("first", "indexed-repeat(${where}, ${moves}, 1)"),
        calculate("long", "count(/data/moves[months > 3])"),
        calculate("in_geo", "${moves}[where = 'GEO']/months"),
        calculate("longest", "max-if(${months}, ${where} = 'GEO')"),
        MOVES,
    )


def test_each_instance_has_its_own_values_and_sees_those_outside():
    state = moving().evaluate(TWO_MOVES, environment())
    assert state.instances("moves") == ("k1", "k2")
    assert [state.value("where", each) for each in ("k1", "k2")] == ["GEO", ""]
    assert [state.is_relevant("months", each) for each in ("k1", "k2")] == [True, False]
    assert [state.value("number", each) for each in ("k1", "k2")] == ["1", "2"]
    assert [state.value("so_far", each) for each in ("k1", "k2")] == ["4/4", "/4"]
    assert state.value("total", "k2") == "4"
    assert state.value("where") == ""
    assert state.value("where", "k9") == ""


def test_outside_a_repeat_its_values_are_a_set_without_the_irrelevant():
    state = moving().evaluate(TWO_MOVES, environment())
    values = {key: state.value(key) for key in ("total", "n", "all", "first", "second", "long", "in_geo", "longest")}
    assert values == {
        "total": "4",
        "n": "2",
        "all": "GEO, ",
        "first": "GEO",
        "second": "",
        "long": "1",
        "in_geo": "4",
        "longest": "4",
    }


def test_an_irrelevant_repeat_counts_for_nothing_but_keeps_its_instances():
    asked = program(
        item("a"), repeat("moves", item("where"), relevance="${a} = '1'"), calculate("n", "count(${moves})")
    )
    answers = {"moves": [{"_id": "k1", "where": "GEO"}]}
    hidden, shown = (asked.evaluate(answers | {"a": given}, environment()) for given in "01")
    assert (hidden.value("n"), hidden.is_relevant("moves"), hidden.is_relevant("where", "k1")) == ("0", False, False)
    assert hidden.instances("moves") == ("k1",)
    assert (shown.value("n"), shown.is_relevant("moves", "k1"), shown.value("where", "k1")) == ("1", True, "GEO")


def test_a_repeat_count_makes_instances_with_lasting_ids_and_switches_off_the_surplus():
    asked = program(item("n", Kind.INTEGER), repeat("child", item("name"), repeat_count="${n}"))
    answers = {"child": [{"_id": "k1", "name": "A"}, {"_id": "k2", "name": "B"}]}
    three, again = (asked.evaluate(answers | {"n": "3"}, environment()).instances("child") for _ in range(2))
    assert three == again
    assert three[:2] == ("k1", "k2")
    assert len(set(three)) == 3
    assert asked.evaluate(answers | {"n": "1"}, environment()).instances("child") == ("k1",)
    assert asked.evaluate(answers | {"n": ""}, environment()).instances("child") == ("k1", "k2")
    assert len(asked.evaluate(answers | {"n": "99999999"}, environment()).instances("child")) == 1_000


def test_repeats_inside_repeats():
    inner = repeat("child", item("age", Kind.INTEGER), calculate("place", "concat(${family}, position(..))"))
    asked = program(
        repeat("household", item("family"), inner, calculate("ages", "sum(${age})")),
        calculate("all_ages", "sum(${age})"),
        calculate("picked", "indexed-repeat(${age}, ${household}, 2, ${child}, 1)"),
    )
    state = asked.evaluate(
        {
            "household": [
                {"_id": "h1", "family": "A", "child": [{"_id": "c1", "age": "3"}, {"_id": "c2", "age": "5"}]},
                {"_id": "h2", "family": "B", "child": [{"_id": "c3", "age": "7"}]},
            ]
        },
        environment(),
    )
    assert state.instances("child", "h1") == ("c1", "c2")
    assert (state.value("ages", "h1"), state.value("ages", "h2"), state.value("all_ages")) == ("8", "7", "15")
    assert (state.value("place", "c2"), state.value("place", "c3")) == ("A2", "B1")
    assert state.value("ages", "c3") == "7"
    assert state.value("picked") == "7"


def test_instances_with_the_same_id_or_none_are_told_apart():
    asked = program(repeat("moves", item("where")))
    state = asked.evaluate({"moves": [{"_id": "k1", "where": "A"}, {"_id": "k1", "where": "B"}, {}]}, environment())
    ids = state.instances("moves")
    assert len(set(ids)) == 3
    assert [state.value("where", each) for each in ids] == ["A", "B", ""]


ATOMS = """${months} ; ${where} ; ${moves} ; ${n} ; '' ; 'GEO' ; '2024-05-01' ; 3 ; 0.5 ; . ; .. ; today() ; now()
    ; true() ; /data/moves/months ; ${moves}[months > 3] ; position(..) ; instance('l')/root/item/name"""
SHAPES = """({} + {}) ; ({} = {}) ; ({} < {}) ; ({} or {}) ; ({} and {}) ; ({} div {}) ; ({} mod {}) ; ({} | {}) ; -{}
    ; if({}, {}, {}) ; coalesce({}, {}) ; sum({}) ; count({}) ; concat({}, {}) ; round({}, {}) ; date({}) ; not({})
    ; selected({}, {}) ; substr({}, {}) ; regex({}, {}) ; format-date({}, '%b %e') ; join({}, {}) ; max({}, {})
    ; decimal-date-time({}) ; pow({}, {}) ; string-length({}) ; translate({}, {}, {}) ; uuid({})"""
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS.split(" ; ")),
    lambda inner: st.builds(str.format, st.sampled_from(SHAPES.split(" ; ")), inner, inner, inner),
    max_leaves=8,
)
SOME_ANSWERS = st.fixed_dictionaries(
    {"n": st.text(max_size=5), "moves": st.lists(st.fixed_dictionaries({"months": st.text(max_size=5)}), max_size=3)}
)


@given(EXPRESSIONS, SOME_ANSWERS)
@settings(max_examples=150, deadline=None)
def test_an_expression_that_passes_the_check_never_raises(expression, answers):
    moves = repeat("moves", item("where"), item("months", Kind.INTEGER), calculate("inside", expression))
    written = instrument(item("n"), moves, calculate("outside", expression), lists={"l": COUNTRIES})
    if any(problem.severity is Severity.ERROR for problem in check(written)):
        return
    state = compile_program(written).evaluate(answers, environment())
    assert isinstance(state.value("outside"), str)
    assert all(isinstance(state.value("inside", each), str) for each in state.instances("moves"))


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["_id", "where"]), inner)),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["moves", "total", "n", "where", "months", "other"]), JUNK, max_size=4))
@settings(max_examples=100, deadline=None)
def test_no_document_however_odd_breaks_an_evaluation(answers):
    state = moving().evaluate(answers, environment())
    for key in ("moves", "total", "n", "all", "nothing", ""):
        assert isinstance(state.value(key), str)
        assert isinstance(state.is_relevant(key), bool)
    for instance in state.instances("moves"):
        assert isinstance(state.value("months", instance), str)


# Labels of choices that refer to answers, and filters that lead back to their own question


def test_a_label_read_by_choice_name_has_the_answers_it_refers_to():
    lists = {"who": [choice("1", "${name}, jr:choice-name(${who}, '${who}')"), choice("2", "someone else")]}
    asked = program(
        item("name"),
        item("who", Kind.SELECT_ONE, choices="who"),
        calculate("shown", "jr:choice-name(${who}, '${who}')"),
        calculate("safe", "jr:choice-name('2', '${who}')"),
        lists={"who": [choice("1", "child of ${name}"), choice("2", "someone else")]},
    )
    state = asked.evaluate({"name": "Nino", "who": "1"}, environment())
    assert (state.value("shown"), state.value("safe")) == ("child of Nino", "someone else")

    circular = program(
        item("name"),
        item("who", Kind.SELECT_ONE, choices="who"),
        calculate("shown", "choice-label(${who})"),
        lists=lists,
    )
    assert circular.evaluate({"name": "Nino", "who": "1"}, environment()).value("shown") == ""


def test_a_label_that_refers_to_what_reads_it_is_a_circle():
    asked = instrument(
        item("who", Kind.SELECT_ONE, choices="who"),
        calculate("shown", "jr:choice-name(${who}, '${who}')"),
        lists={"who": [choice("1", "again ${shown}")]},
    )
    assert [problem.code for problem in check(asked)] == ["expression.cycle"]


def test_a_filter_may_leave_out_what_was_chosen_in_other_instances():
    chosen = item(
        "member",
        Kind.SELECT_ONE,
        choices="members",
        choice_filter="${member} = name or not(selected(${taken}, name))",
    )
    asked = program(
        repeat("workers", chosen),
        calculate("taken", "join(' ', ${member})"),
        lists={"members": [choice("1"), choice("2"), choice("3")]},
    )
    answers = {"workers": [{"_id": "a", "member": "1"}, {"_id": "b", "member": "3"}, {"_id": "c"}]}
    state = asked.evaluate(answers, environment())

    offered = [[one.name for one in state.choices("member", instance)] for instance in "abc"]
    assert offered == [["1", "2"], ["2", "3"], ["2"]]
    assert [state.value("member", instance) for instance in "abc"] == ["1", "3", ""]


def test_two_questions_may_exclude_each_others_answers():
    asked = program(
        item("first", Kind.SELECT_ONE, choices="yn", choice_filter="name != ${second}"),
        item("second", Kind.SELECT_ONE, choices="yn", choice_filter="name != ${first}"),
        lists={"yn": [choice("1"), choice("2")]},
    )
    state = asked.evaluate({"first": "1"}, environment())
    assert [[one.name for one in state.choices(key)] for key in ("first", "second")] == [["1", "2"], ["2"]]


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"relevance": ". = ''"}, "kept"),
        ({"calculation": "if(. = '', 1, .)"}, "kept"),
        ({"relevance": "not(weighted-checklist(1, 2, ${a}))"}, "kept"),
        ({"calculation": "coalesce(digest(${a}, 'md5'), 'none')", "kind": Kind.CALCULATE}, "none"),
    ],
)
def test_a_version_published_before_a_rule_came_runs_on(fields, value):
    """Someone is being interviewed with it. Only a workbook that is imported has to keep the rule."""
    published = instrument(item("a"), item("q", **fields))

    assert Program(published).evaluate({"a": "1", "q": "kept"}, environment()).value("q") == value
    assert any(problem.severity is Severity.ERROR for problem in check(published))

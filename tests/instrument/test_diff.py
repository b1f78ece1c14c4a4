"""Two versions compared: which changes are found, and what they mean for the answers."""

from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument.authoring import compile_workbook
from surveys.instrument.diff import CLASS_OF, ChangeKind, compare, summary, to_json, told
from surveys.instrument.diff.matching import longest_rising
from surveys.instrument.diff.normal import conditions, normal_form
from surveys.instrument.diff.wording import is_same_meaning
from surveys.instrument.language import nodes, parse
from surveys.instrument.model import Comparability, Instrument
from tests.builders import compiled, example

COSMETIC, COMPARABLE, NEW_MEASURE = Comparability.COSMETIC, Comparability.COMPARABLE, Comparability.NEW_MEASURE
NAMES = ("w2023", "w2023_v2", "w2024")

HEAD = "type | name | label | hint | relevant | constraint | calculation | required | measure | trend | parameters"
ROWS = {
    "sex": "select_one sex | sex | Your sex | | | | | | | |",
    "age": "integer | age | Your age | In years | ${sex} = '1' | . >= 18 and . < 99 | | | | |",
    "mood": "select_one mood | mood | Your mood | | | | | | ordinal | |",
    "old": "calculate | old | | | | | ${age} > 60 | | | |",
}
CHOICES = {
    "sex": "sex | 1 | Woman |\nsex | 2 | Man |",
    "mood": "mood | 1 | Bad |\nmood | 2 | So so |\nmood | 3 | Good |\nmood | 98 | Hard to say | dont_know",
}


def form(
    *, head: str = HEAD, choices: str = "", extra: str = "", order: tuple[str, ...] = (), **rows: str
) -> Instrument:
    """The form above with some of its rows written otherwise; "" leaves one out."""
    written = {name: rows.get(name, row) for name, row in ROWS.items()}
    survey = "\n".join([head, *(written[name] for name in order or written if written[name]), extra])
    listed = "list_name | name | label | missing\n" + (choices or "\n".join(CHOICES.values()))
    found = compiled(survey, listed)
    assert found.instrument is not None, [str(problem) for problem in found.errors]
    return found.instrument


BEFORE = form()


def changes(after: Instrument, key: str, before: Instrument = BEFORE) -> tuple[set[str], Comparability]:
    found = {item.key: item for item in compare(before, after).items}
    assert key in found, told(compare(before, after))
    return {kind.value for kind in found[key].kinds}, found[key].comparability


@cache
def study(name: str) -> Instrument:
    found = compile_workbook(example(name), f"{name}.xlsx").instrument
    assert found is not None
    return found


# The study's own questionnaires


def classes(before: str, after: str) -> dict[str, tuple[str, ...]]:
    """What isn't new or dropped: class and changes."""
    both = [item for item in compare(study(before), study(after)).items if item.before and item.after]
    return {item.key: (item.comparability.value, *(change.kind.value for change in item.changes)) for item in both}


def gone_and_come(before: str, after: str) -> tuple[set[str], set[str]]:
    items = compare(study(before), study(after)).items
    return {item.key for item in items if item.after is None}, {item.key for item in items if item.before is None}


LEFT_OUT_2024 = {"left_russia", "exit_wave", "leave_reasons", "leave_reason_other", "move_country", "move_months"}
ASKED_2024 = {"prior_country", "prior_country_label", "prior_note", "same_country", "moved_reasons", "mobility"}
ASKED_2024 |= {"voted_2024", "return_conditions", "reform_likely"}


def test_the_second_version_of_2023_changed_one_translation_and_dropped_one_item():
    assert classes("w2023", "w2023_v2") == {"interest_russia": ("cosmetic", "translation")}
    assert gone_and_come("w2023", "w2023_v2") == ({"trust_local_gov"}, set())
    assert summary(compare(study("w2023"), study("w2023_v2"))) == "1 cosmetic, 1 dropped, 37 unchanged"


def test_2024_compares_to_2023_but_for_the_age_worked_out_with_another_year():
    assert classes("w2023", "w2024") == {
        "birth_year": ("comparable", "validation", "order moved"),
        "gender": ("comparable", "order moved"),
        "education": ("comparable", "order moved"),
        "age": ("new_measure", "calculation"),
    }
    assert gone_and_come("w2023", "w2024") == (LEFT_OUT_2024 | {"n_countries"}, ASKED_2024)


def test_2024_compares_to_the_second_version_of_2023_likewise():
    assert classes("w2023_v2", "w2024") == classes("w2023", "w2024") | {"interest_russia": ("cosmetic", "translation")}
    assert gone_and_come("w2023_v2", "w2024") == (LEFT_OUT_2024 | {"n_countries"}, ASKED_2024 | {"trust_local_gov"})


# Rules


@given(st.sampled_from(NAMES))
@settings(deadline=None)
def test_nothing_differs_from_itself(name):
    found = compare(study(name), Instrument.from_json(study(name).to_json()))

    assert not found
    assert found.n_unchanged == len(list(study(name).items()))
    assert told(found) == ["No item differs."]


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
@settings(deadline=None)
def test_what_is_new_one_way_is_dropped_the_other_way(one, other):
    there, back = gone_and_come(one, other), gone_and_come(other, one)

    assert there == back[::-1]
    assert set(classes(one, other)) == set(classes(other, one))


EXPRESSIONS = (
    "${sex} = '1'",
    "${a} = 'x' and (${b} > 3 or not(selected(${c}, 'y'))) and ${d} != ''",
    "if(${a} = 1 or ${b} = 2 or ${c} = 3, 'x', \"it's\")",
    "(${a} + 2) * 3 - -${b} div 4 >= today() - 365",
    "count-selected(.) <= 3 and not(selected(., 'none') and count-selected(.) > 1)",
    "region = ${region} and (name != 'x' or ${y} and ${z})",
    "sum(${moves}[move_months > 3 and ../x = 1]) = 5",
)


def retyped(node: nodes.Node, random: Random) -> str:
    """The same expression as another author would type it."""
    space = random.choice(("", " ", "  ", "\n"))
    match node:
        case nodes.Literal() if "'" not in node.text and '"' not in node.text:
            quote = random.choice("'\"")
            text = f"{quote}{node.text}{quote}"
        case nodes.Call():
            text = f"{node.name}({space}{f' ,{space}'.join(retyped(part, random) for part in node.arguments)})"
        case nodes.Negate():
            text = f"-{space}({retyped(node.operand, random)})"
        case nodes.Operation():
            parts = list(zip(("", *(sign for sign, _ in node.rest)), nodes.children(node), strict=True))
            if node.rest[0][0] in {"and", "or"}:
                signs, operands = [sign for sign, _ in parts], [operand for _, operand in parts]
                random.shuffle(operands)
                parts = list(zip(signs, operands, strict=True))
            text = "".join(f"{sign and f' {sign} '}{space}({retyped(operand, random)})" for sign, operand in parts)
        case _:
            from surveys.instrument.language import print_expression  # noqa: PLC0415

            text = print_expression(node)
    return f"({text})" if random.random() < 0.3 and not isinstance(node, nodes.Path) else text


@given(st.sampled_from(EXPRESSIONS), st.integers(0, 10_000))
@settings(deadline=None)
def test_typing_an_expression_in_another_way_is_no_change(source, seed):
    other = retyped(parse(source), Random(seed))

    assert normal_form(other) == normal_form(source)
    assert conditions([other]) == conditions([source])
    after = form(age=f"integer | age | Your age | In years | | {ROWS['age'].split('|')[5]} | | | | |")
    again = form(age="integer | age | Your age | In years | | (. <  99)and .>=18 | | | | |")
    assert not compare(after, again)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("${a} = '1' and ${b} = '2'", "${a} = '1' or ${b} = '2'"),
        ("${a} - ${b}", "${b} - ${a}"),
        ("${a} < 1", "1 < ${a}"),
        ("${a} = '1'", "${a} = ' 1'"),
        ("not(${a} and ${b})", "not(${a}) and ${b}"),
    ],
)
def test_another_expression_is_another(one, other):
    assert normal_form(one) != normal_form(other)


def test_a_condition_may_move_between_an_item_and_its_group():
    before = form(
        extra="begin_group | g | G | | ${sex} = '1' | | | | | |\ntext | t | T | | ${age} > 20 | | | | | |\nend_group"
    )
    after = form(
        extra="begin_group | g | G | | ${age} > 20 | | | | | |\ntext | t | T | | ${sex} = '1' | | | | | |\nend_group"
    )

    assert not compare(before, after)


@given(st.lists(st.integers(0, 50), unique=True, max_size=20))
def test_the_longest_rising_subsequence_rises_and_is_not_shorter_than_a_greedy_one(numbers):
    kept = [numbers[position] for position in sorted(longest_rising(numbers))]

    assert kept == sorted(kept)
    greedy: list[int] = []
    for number in numbers:
        if not greedy or number > greedy[-1]:
            greedy.append(number)
    assert len(kept) >= len(greedy)


def test_every_kind_of_change_has_a_class():
    assert set(CLASS_OF) == set(ChangeKind)


# Kinds of change

AGE = "integer | age | {label} | {hint} | {relevant} | {constraint} | | {required} | | {trend} | {parameters}"


def age(**cells: str) -> Instrument:
    usual = {"label": "Your age", "hint": "In years", "relevant": "${sex} = '1'", "constraint": ". >= 18 and . < 99"}
    return form(age=AGE.format(**({"required": "", "trend": "", "parameters": ""} | usual | cells)))


@pytest.mark.parametrize(
    ("cells", "kind", "comparability"),
    [
        ({"label": "your  AGE!"}, "spelling", COSMETIC),
        ({"label": "How old are you?"}, "text", COMPARABLE),
        ({"hint": "In months"}, "text", COMPARABLE),
        ({"relevant": "${sex} = '2'"}, "universe", COMPARABLE),
        ({"constraint": ". >= 16 and . < 99"}, "validation", COMPARABLE),
        ({"required": "yes"}, "validation", COMPARABLE),
        ({"trend": "age"}, "description", COSMETIC),
    ],
)
def test_a_change_is_named_and_classed(cells, kind, comparability):
    assert changes(age(**cells), "age") == ({kind}, comparability)


def test_another_type_is_a_new_measure_and_so_is_what_is_worked_out_from_it():
    after = form(age="select_one mood | age | Your age | In years | ${sex} = '1' | . >= 18 and . < 99 | | | | |")

    assert changes(after, "age") == ({"type"}, NEW_MEASURE)
    assert changes(after, "old") == ({"inputs"}, NEW_MEASURE)


def test_another_calculation_is_a_new_measure():
    after = form(old="calculate | old | | | | | ${age} > 65 | | | |")

    assert changes(after, "old") == ({"calculation"}, NEW_MEASURE)


def test_going_into_a_repeat_is_a_new_measure():
    after = form(mood="", extra=f"begin_repeat | r | R | | | | | | | |\n{ROWS['mood']}\nend_repeat")

    kinds, comparability = changes(after, "mood")
    assert "repeat level" in kinds
    assert comparability is NEW_MEASURE


def test_the_ends_of_a_range_are_its_scale():
    before = form(extra="range | r | R | | | | | | | | start=0 end=10")
    wider = form(extra="range | r | R | | | | | | | | start=0 end=100")
    finer = form(extra="range | r | R | | | | | | | | start=0 end=10 step=2")

    assert changes(wider, "r", before) == ({"scale"}, NEW_MEASURE)
    assert changes(finer, "r", before) == ({"validation"}, COMPARABLE)


def test_the_fewest_items_are_said_to_have_moved():
    after = form(order=("mood", "sex", "age", "old"))

    assert {item.key for item in compare(BEFORE, after).items} == {"mood"}
    assert changes(after, "mood") == ({"order moved"}, COMPARABLE)


def lists(sex: str = CHOICES["sex"], mood: str = CHOICES["mood"]) -> Instrument:
    return form(choices=f"{sex}\n{mood}")


@pytest.mark.parametrize(
    ("sex", "kinds", "comparability"),
    [
        ("sex | 1 | Woman |\nsex | 2 | Man |\nsex | 3 | Another |", {"choices added"}, COMPARABLE),
        ("sex | 1 | Woman |", {"choices removed"}, COMPARABLE),
        ("sex | 2 | Man |\nsex | 1 | Woman |", {"choices reordered"}, COMPARABLE),
        ("sex | 1 | woman |\nsex | 2 | Man |", {"spelling"}, COSMETIC),
        ("sex | 1 | A woman |\nsex | 2 | Man |", {"choices relabelled"}, COMPARABLE),
        ("sex | 1 | Man |\nsex | 2 | Woman |", {"code reused"}, NEW_MEASURE),
        ("sex | 1 | Woman |\nsex | 2 | Divers |", {"code reused"}, NEW_MEASURE),
        ("sex | 1 | Woman |\nsex | 2 | Man | refused", {"choices flagged"}, COMPARABLE),
    ],
)
def test_choices_are_compared_by_code_and_meaning(sex, kinds, comparability):
    assert changes(lists(sex=sex), "sex") == (kinds, comparability)


def test_another_point_on_an_ordinal_scale_makes_another_scale_but_a_way_out_does_not():
    point = CHOICES["mood"] + "\nmood | 4 | Great |"
    way_out = CHOICES["mood"] + "\nmood | 99 | I won't say | refused"

    assert changes(lists(mood=point), "mood") == ({"scale", "choices added"}, NEW_MEASURE)
    assert changes(lists(mood=way_out), "mood") == ({"choices added"}, COMPARABLE)


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("Very often", "Often", True),
        ("Unemployed", "Unemploied", True),
        ("Secondary education", "Secondary school", True),
        ("Agree", "Disagree", False),
        ("Married", "Not married", False),
        ("18 to 24", "18 to 29", False),
        ("Работаю", "Не работаю", False),
        ("", "Yes", False),
    ],
)
def test_whether_two_labels_of_a_code_can_mean_the_same(before, after, is_same):
    assert is_same_meaning(before, after) is is_same


def test_a_renamed_item_is_known_by_its_column_and_its_references_are_no_change():
    after = form(
        head=f"{HEAD} | renamed_from",
        sex=f"{ROWS['sex'].replace('| sex |', '| gender |')} | sex",
        age=ROWS["age"].replace("${sex}", "${gender}"),
    )

    assert changes(after, "gender") == ({"renamed"}, COSMETIC)
    assert {item.key for item in compare(BEFORE, after).items} == {"gender"}


def test_without_that_column_it_is_dropped_and_new():
    after = form(sex=ROWS["sex"].replace("| sex |", "| gender |"), age=ROWS["age"].replace("${sex}", "${gender}"))

    found = {item.key: {kind.value for kind in item.kinds} for item in compare(BEFORE, after).items}
    assert found == {"gender": {"new"}, "sex": {"dropped"}, "age": {"universe"}}


def test_an_item_with_a_unique_name_is_found_in_another_group():
    after = form(mood=f"begin_group | g | | | | | | | | |\n{ROWS['mood']}\nend_group | | | | | | | | | |")

    assert changes(after, "mood")[1] is not NEW_MEASURE


# The author's word


def overridden(compare_cells: str) -> str:
    return f"calculate | old | | | | | ${{age}} > 65 | | | | | {compare_cells}"


def test_an_author_may_override_a_class_with_a_reason():
    after = form(head=f"{HEAD} | compare | compare_reason", old=overridden("comparable | the law's new age"))

    (item,) = compare(BEFORE, after).items
    assert (item.found, item.comparability, item.reason) == (NEW_MEASURE, COMPARABLE, "the law's new age")
    assert item.is_overridden
    assert "  old: calculation [the author says comparable, not new_measure: the law's new age]" in told(
        compare(BEFORE, after)
    )
    (written,) = to_json(compare(BEFORE, after))["items"]
    assert (written["class"], written["found"], written["is_overridden"]) == ("comparable", "new_measure", True)


@pytest.mark.parametrize(
    ("cells", "code"), [("comparable |", "compare.no_reason"), ("the same | so it is", "column.value")]
)
def test_an_override_without_a_reason_or_of_no_class_is_a_located_error(cells, code):
    rows = "\n".join([f"{HEAD} | compare | compare_reason", ROWS["sex"], ROWS["age"], overridden(cells)])
    found = compiled(rows, "list_name | name | label | missing\n" + "\n".join(CHOICES.values()))

    (problem,) = found.errors
    assert (problem.code, problem.place.sheet, problem.place.row) == (code, "survey", 4)
    assert problem.place.column == "compare"


@pytest.mark.parametrize(("before", "after"), [("field-list", ""), ("", "field-list")])
def test_entries_that_get_or_lose_pages_of_their_own_are_a_cosmetic_change(before, after):
    survey = """
        type | name | label | appearance
        begin_repeat | trip | Trips | %s
        text | to | Where to? |
        text | by | How? |
        end_repeat | | |
        text | last | Last |
    """
    found = compare(*(compiled(survey % look).instrument for look in (before, after)))

    assert [(item.key, item.kinds, item.comparability) for item in found.items] == [
        (key, {ChangeKind.PAGE}, COSMETIC) for key in ("to", "by")
    ]


# One change each, as authors make them


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("${sex} = '1'", "'1' = ${sex}"),
        ("${age} > 5 and ${sex} = 1", "1 = ${sex} and 5 < ${age}"),
        ("${sex} != ${mood}", "${mood} != ${sex}"),
        (". >= 18", "18 <= ."),
    ],
)
def test_the_side_on_which_something_is_compared_makes_no_difference(before, after):
    assert normal_form(before) == normal_form(after)


@pytest.mark.parametrize(
    ("before", "after"), [("${a} > 5", "${a} < 5"), ("${a} > 5", "5 > ${a}"), ("1 < 2 < 3", "3 > 2 > 1")]
)
def test_another_comparison_is_another_condition(before, after):
    assert normal_form(before) != normal_form(after)


def test_a_trend_that_moves_to_another_item_makes_new_measures_of_both():
    before = form(sex="select_one sex | sex | Your sex | | | | | | | identity |")
    after = form(mood="select_one mood | mood | Your mood | | | | | | ordinal | identity |")

    assert changes(after, "sex", before) == ({"trend"}, NEW_MEASURE)
    assert changes(after, "mood", before) == ({"trend"}, NEW_MEASURE)


def test_a_trend_that_is_given_or_taken_is_a_description():
    given = form(sex="select_one sex | sex | Your sex | | | | | | | sex |")

    assert changes(given, "sex") == ({"description"}, COSMETIC)


def test_when_a_calculation_is_worked_out_belongs_to_it():
    head, row = "type | name | label | calculation | trigger", "calculate | when | | now() |"
    questions = "integer | age | Age | |\ninteger | size | Size | |"
    before = compiled(f"{head}\n{questions}\n{row} ${{age}}").instrument
    after = compiled(f"{head}\n{questions}\n{row} ${{size}}").instrument
    assert before is not None
    assert after is not None

    assert changes(after, "when", before) == ({"calculation"}, NEW_MEASURE)
    assert not compare(before, before)


def test_what_a_filter_reads_of_a_choice_decides_whether_it_is_offered():
    survey = "type | name | label | choice_filter\nselect_one town | town | Town | region = 'south'"
    towns = "list_name | name | label | region | note\ntown | a | Aland | {0} | {1}\ntown | b | Bland | south | x"
    before, moved, noted = (
        compiled(survey, towns.format(*cells)).instrument for cells in (("south", "x"), ("north", "x"), ("south", "y"))
    )
    assert before is not None
    assert moved is not None
    assert noted is not None

    assert changes(moved, "town", before) == ({"choices offered"}, COMPARABLE)
    assert not compare(before, noted)


def test_another_default_language_alone_changes_no_measure():
    survey = "type | name | label::English (en) | label::Русский (ru)\nselect_one sex | sex | {} | Пол"
    head = "list_name | name | label::English (en) | label::Русский (ru)"
    choices = f"{head}\nsex | 1 | Woman | Женщина\nsex | 2 | Man | Мужчина"
    before = compiled(survey.format("Sex"), choices, "default_language\nEnglish (en)").instrument
    same = compiled(survey.format("Sex"), choices, "default_language\nРусский (ru)").instrument
    other = compiled(survey.format("Gender"), choices, "default_language\nРусский (ru)").instrument
    assert before is not None
    assert same is not None
    assert other is not None

    assert not compare(before, same)
    assert changes(other, "sex", before) == ({"translation"}, COSMETIC)

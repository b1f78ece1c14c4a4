"""What a workbook becomes: items with keys, texts, choices, pages and our own columns."""

import pytest

from surveys.instrument.authoring import compile_workbook
from surveys.instrument.document import RESERVED
from surveys.instrument.model import Disclosure, Group, Instrument, Item, Kind, Measure
from surveys.instrument.problems import Severity
from tests.builders import compiled, example, program_of

YES_NO = "list_name | name | label\nyn | 1 | Yes\nyn | 0 | No"


def instrument_of(survey: str, choices: str = "", settings: str = "") -> Instrument:
    return program_of(survey, choices, settings).instrument


def item(instrument: Instrument, key: str) -> Item:
    return next(found for found in instrument.items() if found.key == key)


@pytest.mark.parametrize("name", ["w2023", "w2023_v2", "w2024"])
def test_the_questionnaires_of_the_study_compile_without_errors(name):
    found = compile_workbook(example(name), f"{name}.xlsx")

    assert found.instrument is not None
    assert not found.errors
    assert found.instrument.languages == ("English (en)", "Русский (ru)")
    assert found.instrument.default_language == "Русский (ru)"
    assert Instrument.from_json(found.instrument.to_json()) == found.instrument


def test_the_only_thing_the_study_is_warned_of_is_a_prior_answer_that_is_shown():
    found = compile_workbook(example("w2024"), "w2024.xlsx")

    warnings = [problem for problem in found.problems if problem.severity is not Severity.NOTICE]
    assert [(problem.code, problem.place.row) for problem in warnings] == [("preload.shown", 17)]
    assert found.instrument is not None
    assert [(one.wave, one.item, one.shown) for one in found.instrument.preloads] == [("w2023", "country", False)]


def test_columns_of_the_study_arrive_in_its_items():
    instrument = compile_workbook(example("w2023"), "w2023.xlsx").instrument

    assert instrument is not None
    country = item(instrument, "country")
    assert country.kind is Kind.SELECT_ONE
    assert country.path == "/p_place/country"
    assert country.required == "true()"
    assert country.choice_filter == "region=${region}"
    assert country.appearance == ("minimal", "autocomplete")
    assert (country.disclosure, country.measure, country.trend) == (Disclosure.QUASI, Measure.NOMINAL, "country")
    assert country.place.row == 26
    assert item(instrument, "consent").consent == "take_part"
    assert item(instrument, "leave_reasons").parameters == {"randomize": "true"}
    assert item(instrument, "move_country").repeat == "moves"
    choices = {choice.name: choice for choice in instrument.choice_lists["country"].choices}
    assert choices["GEO"].extra == {"region": "caucasus"}
    assert choices["GEO"].label["Русский (ru)"] == "Грузия"
    consent = instrument.choice_lists["consent"].choices
    assert [choice.outcome for choice in consent] == ["", "refused"]
    assert instrument.choice_lists["yes_no"].choices[2].missing == "dont_know"


def test_items_that_share_a_name_get_their_path_as_key():
    instrument = instrument_of(
        """
        type | name | label
        begin_group | g | G
        text | same | One
        end_group | g |
        begin_repeat | r | R
        text | same | Two
        text | own | Own
        end_repeat | r |
        """
    )

    assert [found.key for found in instrument.items()] == ["g/same", "same", "own"]


def test_smart_quotes_are_straightened_in_expressions():
    instrument = instrument_of("type | name | label | relevant\ntext | a | A | \ntext | b | B | ${a} = “x”")

    assert item(instrument, "b").relevance == '${a} = "x"'


def test_or_other_adds_to_its_own_question_only():
    instrument = instrument_of(
        """
        type | name | label::English (en) | label::Русский (ru)
        select_multiple yn or_other | a | A | А
        select_one yn | b | B | Б
        """,
        "list_name | name | label::English (en) | label::Русский (ru)\nyn | 1 | Yes | Да\nyn | 0 | No | Нет",
    )

    names = {
        key: [choice.name for choice in instrument.choice_lists[item(instrument, key).choices].choices]
        for key in ("a", "b")
    }
    assert names == {"a": ["1", "0", "other"], "b": ["1", "0"]}
    other = instrument.choice_lists[item(instrument, "a").choices].choices[-1]
    assert other.label == {"English (en)": "Other", "Русский (ru)": "Другое"}
    text = item(instrument, "a_other")
    assert (text.kind, text.disclosure) == (Kind.TEXT, Disclosure.OPEN)
    assert text.relevance == "selected(${a}, 'other')"


@pytest.mark.parametrize(
    ("headers", "settings", "languages", "default"),
    [
        ("label", "", ("",), ""),
        ("label", "form_title | default_language\nF | Русский (ru)", ("Русский (ru)",), "Русский (ru)"),
        ("label::en", "", ("en",), "en"),
        ("label::en", "form_title | default_language\nF | fr", ("en",), "en"),
    ],
)
def test_languages_are_those_of_the_labels(headers, settings, languages, default):
    instrument = instrument_of(f"type | name | {headers}\ntext | a | A", settings=settings)

    assert (instrument.languages, instrument.default_language) == (languages, default)
    assert item(instrument, "a").label == {languages[0]: "A"}


def test_free_text_without_a_class_counts_as_open_and_the_author_is_told():
    found = compiled("type | name | label\ntext | a | A\ninteger | b | B")

    assert found.instrument is not None
    assert [one.disclosure for one in found.instrument.items()] == [Disclosure.OPEN, Disclosure.NONE]
    assert [problem.code for problem in found.problems] == ["disclosure.unstated"]


PAGED = """
type | name | label | appearance
note | welcome | Welcome |
begin_group | g1 | One | {appearance}
text | a | A |
begin_group | inner | Inner |
text | b | B |
end_group | inner | |
end_group | g1 | |
text | c | C |
calculate | d | |
text | e | E |
note | last | Last |
begin_repeat | r | Rep |
text | f | F |
end_repeat | r | |
"""


@pytest.mark.parametrize(
    ("appearance", "settings", "pages"),
    [
        (
            "field-list",
            "",
            [("g1", ("/welcome", "/g1")), ("c", ("/c", "/e")), ("r", ("/last", "/r")), ("f", ("/r/f",))],
        ),
        (
            "",
            "form_title | style\nF | pages",
            [("g1", ("/welcome", "/g1")), ("c", ("/c", "/e")), ("r", ("/last", "/r")), ("f", ("/r/f",))],
        ),
        (
            "",
            "",
            [
                ("welcome", ("/welcome",)),
                ("a", ("/g1/a",)),
                ("b", ("/g1/inner/b",)),
                ("c", ("/c", "/e")),
                ("r", ("/last", "/r")),
                ("f", ("/r/f",)),
            ],
        ),
    ],
)
def test_pages_follow_field_lists_style_groups_and_repeats(appearance, settings, pages):
    survey = PAGED.format(appearance=appearance).replace("calculate | d | |", "hidden | d | |")
    instrument = instrument_of(survey, settings=settings)

    assert [(page.name, page.nodes) for page in instrument.pages] == pages


def test_loose_questions_inside_a_group_keep_its_label_on_their_page():
    instrument = instrument_of(PAGED.format(appearance="").replace("calculate | d | |", "hidden | d | |"))

    assert [page.label.get("") for page in instrument.pages] == [None, "One", "Inner", None, "Rep", "Rep"]


def pages_of(survey: str, settings: str = "") -> list[tuple[str, str, str]]:
    """Name, repeat and hub of each page."""
    return [(page.name, page.repeat, page.hub) for page in instrument_of(survey, settings=settings).pages]


HUBS = """
type | name | label | appearance
begin_repeat | home | Home | {outer}
text | street | Street |
begin_group | rooms | Rooms | field-list
integer | n | How many? |
begin_repeat | bed | Bed |
text | size | Size |
end_repeat | | |
end_group | | |
begin_repeat | person | Person | {inner}
begin_group | work | Work |
text | job | Job |
end_group | | |
text | name | Name |
end_repeat | | |
text | end | End |
end_repeat | | |
"""


def test_a_repeat_is_a_hub_with_pages_of_its_entries_and_a_repeat_inside_a_hub_of_its_own():
    entry = [("street", "home", ""), ("rooms", "home", ""), ("person", "home", "person")]

    assert pages_of(HUBS.format(outer="", inner="")) == [
        *[("home", "", "home"), *entry],
        *[("job", "person", ""), ("name", "person", ""), ("end", "home", "")],
    ]


def test_a_field_list_repeat_is_one_page_and_a_repeat_inside_a_page_is_drawn_on_it():
    assert pages_of(HUBS.format(outer="field-list", inner="")) == [("home", "", "")]
    assert pages_of(HUBS.format(outer="", inner="field-list")) == [
        *[("home", "", "home"), ("street", "home", ""), ("rooms", "home", "")],
        *[("person", "home", ""), ("end", "home", "")],
    ]


def test_with_the_setting_pages_the_groups_of_an_entry_are_its_pages_and_a_group_around_a_hub_is_none():
    survey = """
    type | name | label
    begin_group | around | Around
    text | before | Before
    begin_repeat | home | Home
    begin_group | one | One
    text | a | A
    begin_group | two | Two
    text | b | B
    end_group | |
    end_group | |
    end_repeat | |
    text | after | After
    end_group | |
    """

    assert pages_of(survey, "form_title | style\nF | pages") == [
        *[("before", "", ""), ("home", "", "home"), ("one", "home", ""), ("after", "", "")]
    ]


def test_pages_published_before_there_were_hubs_are_read_as_they_are():
    document = instrument_of(HUBS.format(outer="field-list", inner="")).to_json()
    for page in document["pages"]:
        del page["repeat"], page["hub"]

    assert Instrument.from_json(document) == instrument_of(HUBS.format(outer="field-list", inner=""))


def test_a_table_list_stays_a_group_with_its_label():
    instrument = compile_workbook(example("w2023"), "w2023.xlsx").instrument

    assert instrument is not None
    group = next(node for node in instrument.nodes() if node.key == "activity")
    assert isinstance(group, Group)
    assert group.appearance == ("table-list",)
    assert group.label["English (en)"].startswith("In the last 12 months")
    assert [child.name for child in group.children] == ["act_donate", "act_protest", "act_letters", "act_media"]


DERIVED = """
type | name | label | calculation | disclosure | disclosure_reason
integer | year | Y | | quasi |
text | name | N | | direct |
calculate | age | | 2024 - ${year} | %s | %s
calculate | tag | | concat(${age}, ${name}) | |
calculate | fixed | | 1 + 1 | |
"""


def test_a_calculated_item_takes_the_strictest_class_of_what_it_reads():
    instrument = instrument_of(DERIVED % ("", ""))

    assert {key: item(instrument, key).disclosure for key in ("age", "tag", "fixed")} == {
        "age": Disclosure.QUASI,
        "tag": Disclosure.DIRECT,
        "fixed": Disclosure.NONE,
    }


def test_a_milder_class_than_what_is_read_is_an_error_unless_a_reason_is_given():
    refused = compiled(DERIVED % ("none", ""))
    accepted = compiled(DERIVED % ("none", "only the decade"))
    stricter = compiled(DERIVED % ("direct", ""))

    assert [(one.code, one.place.row, one.place.column) for one in refused.errors] == [
        ("disclosure.too_mild", 4, "disclosure")
    ]
    assert accepted.instrument is not None
    assert item(accepted.instrument, "age").disclosure is Disclosure.NONE
    assert stricter.instrument is not None
    assert item(stricter.instrument, "age").disclosure is Disclosure.DIRECT


def test_a_count_over_a_repeat_takes_the_strictest_class_inside_it():
    instrument = instrument_of(
        """
        type | name | label | calculation | disclosure
        begin_repeat | r | R | |
        text | who | W | | direct
        end_repeat | r | | |
        calculate | n | | count(${r}) |
        """
    )

    assert item(instrument, "n").disclosure is Disclosure.DIRECT


PRELOADED = """
type | name | label | calculation | disclosure | preload_shown
hidden | panelist | | | direct |
calculate | before | | pulldata('w1', 'home', 'panelist', ${panelist}) | %s |
calculate | words | | concat('in ', ${before}) | sensitive |
text | now | You lived ${words}. And now? | | open | %s
"""


def test_showing_a_prior_answer_is_a_warning_until_the_author_says_it_is_meant():
    silent, stated = compiled(PRELOADED % ("sensitive", "")), compiled(PRELOADED % ("sensitive", "yes"))

    assert silent.instrument is not None
    assert stated.instrument is not None
    assert [(one.code, one.place.row, one.place.column) for one in silent.problems] == [("preload.shown", 5, "label")]
    assert not stated.problems
    assert [one.shown for one in silent.instrument.preloads] == [False]
    assert [one.shown for one in stated.instrument.preloads] == [True]


def test_the_class_of_a_prior_answer_that_is_not_known_here_must_be_stated():
    found = compiled(PRELOADED % ("", "yes"))

    assert [(one.code, one.place.row) for one in found.errors] == [("disclosure.unknown_prior", 3)]


def test_panelist_is_reserved():
    found = compiled("type | name | label\ntext | panelist | A")

    assert [(one.code, one.place.row) for one in found.errors] == [("name.reserved", 2)]


@pytest.mark.parametrize("name", sorted(RESERVED))
@pytest.mark.parametrize("kind", ["text", "calculate", "begin_group", "begin_repeat"])
def test_names_that_the_answers_document_needs_are_reserved(name, kind):
    calculation = "1" if kind == "calculate" else ""
    end = kind.replace("begin", "end") + " | | |" if kind.startswith("begin") else ""
    found = compiled(
        f"""
        type | name | label | calculation
        begin_repeat | home | Homes |
        {kind} | {name} | A | {calculation}
        text | inside | B |
        {end}
        end_repeat | | |
        """
    )

    assert [(one.code, one.place.row, one.place.column) for one in found.errors] == [("name.reserved", 3, "name")]
    assert f"'{name}'" in found.errors[0].message

"""The codebook: labels, codes and counts of the finished rows, for people and for programs."""

import json
from html.parser import HTMLParser

import pytest

from surveys.codebook import (
    Heading,
    Table,
    Value,
    Variable,
    Wording,
    check,
    means_missing,
    missing,
    write_html,
    write_json,
)
from surveys.models.record import MissingCode

GENDER = Variable(
    "gender",
    {"en": "Your gender", "ru": "Ваш пол"},
    "nominal",
    (Value("1", {"en": "Woman", "ru": "Женщина"}), Value("2", {"en": "Man <b>", "ru": "Мужчина"})),
    (Wording("w2023", "gender", {"en": "Your gender", "ru": "Ваш пол"}),),
    treatment="Quasi-identifying: kept as answered.",
    is_quasi=True,
)
TABLE = Table((GENDER,), (("1",), ("1",), ("2",), ("-80",), ("-99",)))
HEADING = Heading("Example", "scientific", ("w2023",), ("A note.",))


def test_the_missing_codes_are_those_of_the_records() -> None:
    assert set(missing.NUMBERS) == set(MissingCode.values)
    assert set(missing.LABELS) == set(MissingCode.values)


def test_missing_codes_are_distinct_and_lie_in_one_range() -> None:
    numbers = list(missing.NUMBERS.values())
    assert len(set(numbers)) == len(numbers)
    assert all(missing.LOWEST <= number <= missing.HIGHEST for number in numbers)


def test_programs_find_codes_labels_and_counts() -> None:
    document = json.loads(write_json(HEADING, TABLE))
    (variable,) = document["variables"]
    assert (document["n_rows"], variable["n_valid"], variable["is_quasi_identifying"]) == (5, 3, True)
    assert [(value["code"], value["label"]["en"], value["n"]) for value in variable["values"]] == [
        ("1", "Woman", 2),
        ("2", "Man <b>", 1),
    ]
    assert {entry["name"]: entry["n"] for entry in variable["missing"]} == {"suppressed": 1, "refused": 1}
    assert {entry["name"]: entry["code"] for entry in document["missing_codes"]} == dict(missing.NUMBERS)


class Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_people_read_both_languages_and_nothing_is_loaded_from_elsewhere() -> None:
    page = Texts()
    page.feed(write_html(HEADING, TABLE).decode("utf-8"))
    for words in ("Your gender", "Ваш пол", "Man <b>", "A note.", "Quasi-identifying: kept as answered."):
        assert words in page.words
    assert "b" not in page.tags
    assert "script" not in page.tags
    assert page.addresses == ["#gender", "#gender"]


def test_other_wordings_are_shown_with_their_waves() -> None:
    other = Variable("gender", {"en": "Your gender"}, "nominal", wordings=(Wording("w2024", "gender", {"en": "Sex"}),))
    assert b"In w2024:" in write_html(HEADING, Table((other,), ()))
    assert b"In w2023:" not in write_html(HEADING, TABLE)


@pytest.mark.parametrize(
    ("cell", "is_missing"),
    [("-99", True), ("-1", True), ("-1.0", True), ("0", False), ("-100", False), ("-0.5", False), ("-x", False)],
)
def test_whole_numbers_from_minus_99_to_minus_1_stand_for_missing_values(cell: str, is_missing: bool) -> None:
    assert means_missing(cell) is is_missing


def test_doubled_names_and_codes_that_mean_missing_are_found() -> None:
    bad = Variable("mood", {}, "ordinal", (Value("-1", {}), Value("1", {})))
    assert check([GENDER, bad, GENDER]) == [
        "Two variables would be named 'gender'. Rename one of the items or give it a trend name.",
        "'mood' has a choice named -1, which stands for a missing value in the file. Recode it in the recipe.",
    ]
    assert check([GENDER]) == []

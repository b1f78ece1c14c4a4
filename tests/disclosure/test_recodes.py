"""Recodes: what each value becomes, and what the codes are called."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.disclosure import Bands, Groups, Keep, Range, Year, common_range, common_values

AGES = Bands((Decimal(20), Decimal(30)))


@pytest.mark.parametrize(
    ("value", "code"), [("19", "1"), ("20", "2"), ("29", "2"), ("30", "3"), ("-5", "1"), ("x", None), ("NaN", None)]
)
def test_a_number_falls_into_its_band(value: str, code: str | None) -> None:
    assert AGES.code(value) == code


def test_bands_are_open_at_both_ends_and_say_so() -> None:
    assert [category.label for category in AGES.categories] == ["below 20", "20 to 29", "30 or more"]
    fine = Bands((Decimal("0.5"), Decimal(1)))
    assert [category.label for category in fine.categories] == ["below 0.5", "0.5 to below 1", "1 or more"]


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_bands_keep_the_order(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert int(AGES.code(str(low)) or 0) <= int(AGES.code(str(high)) or 0)


def test_choices_outside_every_group_go_to_the_rest_or_have_no_code() -> None:
    groups = (("South", frozenset({"GEO", "ARM"})), ("Europe", frozenset({"DEU"})))
    with_rest, without = Groups(groups, "Elsewhere"), Groups(groups)
    assert [with_rest.code(name) for name in ("ARM", "DEU", "USA", "")] == ["1", "2", "3", None]
    assert [without.code(name) for name in ("GEO", "USA")] == ["1", None]
    assert [category.label for category in with_rest.categories] == ["South", "Europe", "Elsewhere"]


@pytest.mark.parametrize(
    ("value", "code"),
    [("2022-03-01", "2022"), ("2019-01-01", "2021"), ("2030", "2024"), ("soon", None), ("", None), ("٢٠٢٢-01", None)],
)
def test_of_a_date_its_year_is_kept_and_the_ends_are_coded(value: str, code: str | None) -> None:
    assert Year(2021, 2024).code(value) == code


def test_keep_changes_nothing() -> None:
    assert (Keep().code("stayed"), Keep().code("")) == ("stayed", None)


def test_the_ends_of_a_number_are_shared_by_k_respondents() -> None:
    numbers = [(f"r{n}", Decimal(n)) for n in range(1, 11)] + [("r10", Decimal(500)), ("r1", Decimal(-9))]
    assert common_range(numbers, 3) == Range(Decimal(3), Decimal(8))


def test_too_few_numbers_have_no_range() -> None:
    assert common_range([("a", Decimal(1)), ("b", Decimal(2))], 3) is None
    assert common_range([(f"r{n}", Decimal(n)) for n in range(4)], 3) is None


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(-50, 50))), st.integers(1, 4))
def test_after_coding_k_respondents_stand_at_either_end(numbers: list[tuple[str, int]], k: int) -> None:
    ends = common_range([(who, Decimal(n)) for who, n in numbers], k)
    if ends is None:
        return
    coded = [(who, ends.clip(Decimal(n))) for who, n in numbers]
    lowest, highest = min(n for _, n in coded), max(n for _, n in coded)
    assert len({who for who, n in coded if n == lowest}) >= k
    assert len({who for who, n in coded if n == highest}) >= k


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("xyz"))), st.integers(1, 4))
def test_a_value_is_common_where_k_respondents_share_it(values: list[tuple[str, str]], k: int) -> None:
    common = common_values(values, k)
    for value in "xyz":
        assert (value in common) == (len({who for who, given in values if given == value}) >= k)

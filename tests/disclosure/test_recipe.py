"""A recipe is read exactly, or refused with every mistake and the table it is in."""

from decimal import Decimal
from pathlib import Path

import pytest

from surveys.disclosure import Bands, Groups, Keep, RecipeError, Year, parse_recipe
from surveys.example import RECIPE


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(RecipeError) as error:
        parse_recipe(text)
    return error.value.problems


def test_a_recipe_says_what_is_kept_how_coarse_and_what_may_be_lost() -> None:
    recipe = parse_recipe(
        """
        title = "Two waves"
        k = 7
        max_row_loss = 0.1
        [quasi.region]
        recode = "groups"
        importance = 3
        rest = "Elsewhere"
        groups = { "South" = ["caucasus", "c_asia"], "Europe" = ["eu"] }
        [quasi.birth_year]
        recode = "bands"
        breaks = [1975, 1990.5]
        [quasi.left_russia]
        recode = "year"
        first = 2021
        [quasi.income]
        recode = "drop"
        [repeats.moves]
        summary = "count"
        breaks = [2]
        """
    )
    assert (recipe.title, recipe.k, recipe.max_row_loss, recipe.max_cell_loss) == (
        "Two waves",
        7,
        Decimal("0.1"),
        None,
    )
    region = recipe.quasi["region"]
    expected = Groups((("South", frozenset({"caucasus", "c_asia"})), ("Europe", frozenset({"eu"}))), "Elsewhere")
    assert (region.recode, region.importance) == (expected, 3)
    assert recipe.quasi["birth_year"].recode == Bands((Decimal(1975), Decimal("1990.5")))
    assert recipe.quasi["left_russia"].recode == Year(first=2021)
    assert recipe.quasi["income"].recode is None
    assert recipe.repeats["moves"].recode == Bands((Decimal(2),))


def test_an_empty_recipe_keeps_nothing() -> None:
    recipe = parse_recipe("")
    assert (recipe.quasi, recipe.other, recipe.repeats, recipe.k) == ({}, {}, {}, None)


def test_the_example_recipe_keeps_five_quasi_identifiers() -> None:
    recipe = parse_recipe(Path(RECIPE).read_text(encoding="utf-8"))
    assert list(recipe.quasi) == ["region", "birth_year", "gender", "education", "mobility"]
    assert isinstance(recipe.quasi["mobility"].recode, Keep)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("k = ", "recipe: not valid TOML: Invalid value (at end of document)"),
        ("k = 0", "recipe: k must be a whole number of 1 or more"),
        ("k = true", "recipe: k must be a whole number of 1 or more"),
        ("max_row_loss = 2", "recipe: max_row_loss must be a share from 0 to 1"),
        ("[quassi.region]\nrecode='keep'", "recipe: 'quassi' is unknown. Did you mean 'quasi'?"),
        ("quasi = 3", "recipe: quasi must hold tables, such as [quasi.NAME]"),
        ("[quasi]\nregion = 'keep'", "recipe [quasi.region]: must be a table with a recode"),
        (
            "[quasi.region]\nrecode='merge'",
            "recipe [quasi.region]: recode must be one of keep, groups, bands, year, drop",
        ),
        (
            "[quasi.region]\nrecode='keep'\nbreaks=[1]",
            "recipe [quasi.region]: 'breaks' is unknown. Known here: recode, importance.",
        ),
        (
            "[quasi.region]\nrecode='keep'\nimportance=10",
            "recipe [quasi.region]: importance must be a whole number from 1 to 9",
        ),
        (
            "[quasi.region]\nrecode='groups'",
            'recipe [quasi.region]: groups must name each group and its choices: { "Label" = ["a", "b"] }',
        ),
        (
            "[quasi.region]\nrecode='groups'\ngroups={A=['x'],B=['x']}",
            "recipe [quasi.region]: choice 'x' stands in 'A' and in 'B'",
        ),
        (
            "[quasi.region]\nrecode='groups'\ngroups={A=[1]}",
            "recipe [quasi.region]: group 'A' must be a list of choice names in quotes",
        ),
        (
            "[quasi.age]\nrecode='bands'\nbreaks=['20']",
            "recipe [quasi.age]: breaks must be a list of numbers, each the beginning of a band",
        ),
        (
            "[quasi.age]\nrecode='bands'\nbreaks=[30, 20]",
            "recipe [quasi.age]: breaks must rise from one to the next",
        ),
        ("[quasi.left]\nrecode='year'\nfirst='2021'", "recipe [quasi.left]: first must be a year"),
        (
            "[quasi.left]\nrecode='year'\nfirst=2024\nlast=2021",
            "recipe [quasi.left]: first is later than last",
        ),
        ("[repeats.moves]\nsummary='mean'", "recipe [repeats.moves]: summary must be count"),
    ],
)
def test_each_mistake_is_named_with_its_place(text: str, problem: str) -> None:
    assert problems_of(text) == (problem,)


def test_all_mistakes_are_told_at_once() -> None:
    assert len(problems_of("k=0\n[quasi.a]\nrecode='x'\n[quasi.b]\nrecode='bands'")) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title = 'x'\nk = " + "9" * 5_000, "recipe: line 2: a number is too long"),
        ("\nk = " + "[" * 3_000 + "]" * 3_000, "recipe: line 2: nested too deeply"),
        ("k = " + "[" * 60 + "]" * 60, "recipe [k.1]: nested too deeply"),
        (".".join("a" * 3_000) + " = 1", "recipe [a.a]: nested too deeply"),
        ("k = 0x" + "f" * 5_000, "recipe [k]: a number is too large"),
        ("[quasi.age]\nrecode = 'bands'\nbreaks = [1, 1e9999999]", "recipe [quasi.age]: a number is too large"),
    ],
)
def test_what_would_overwhelm_the_parser_is_refused_with_its_place(text: str, problem: str) -> None:
    assert problems_of(text) == (problem,)

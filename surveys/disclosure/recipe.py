"""A recipe: which quasi-identifiers a release keeps, how each is recoded, and what may be lost. Written in TOML.

k = 5
max_row_loss = 0.10            # share of rows that may be lost; without it any loss is accepted
max_cell_loss = 0.15           # share of quasi-identifying values that may be lost

[quasi.region]                 # a quasi-identifier that is kept; those not named are dropped
recode = "groups"              # keep, groups, bands, year or drop
importance = 3                 # 1 (the default) to 9: values of low importance are suppressed first
rest = "Elsewhere"             # group of every choice not named; without it each choice must be named
groups = { "South Caucasus and Central Asia" = ["caucasus", "c_asia"], "European Union" = ["eu"] }

[quasi.birth_year]
recode = "bands"
breaks = [1975, 1985, 1995]    # below 1975, 1975 to 1984, 1985 to 1994, 1995 or more

[quasi.left_russia]
recode = "year"
first = 2021                   # bottom coding: 2021 stands for it and earlier
last = 2024

[other.local_friends]          # an item that identifies nobody may be recoded or dropped too
recode = "bands"
breaks = [1, 5, 20]

[repeats.moves]                # repeats are dropped, unless summed up: a quasi-identifier named n_moves
summary = "count"
breaks = [2, 3]
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from surveys.disclosure.recodes import Bands, Groups, Keep, Recode, Year

RECODES = ("keep", "groups", "bands", "year", "drop")
LOWEST_IMPORTANCE, HIGHEST_IMPORTANCE = 1, 9
#: No recipe needs tables within tables deeper than this, nor a number beyond this.
DEEPEST, LARGEST = 8, 10**15
_LONG_NUMBER = re.compile(r"[0-9_]{1000,}")


class RecipeError(Exception):
    """A recipe that can't be followed. Carries every problem found, each with the table it is in."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of one variable. `recode` is None where it is dropped."""

    recode: Recode | None
    importance: int = LOWEST_IMPORTANCE


@dataclass(frozen=True, slots=True)
class Recipe:
    quasi: Mapping[str, Rule] = field(default_factory=dict)
    other: Mapping[str, Rule] = field(default_factory=dict)
    repeats: Mapping[str, Rule] = field(default_factory=dict)
    k: int | None = None
    max_row_loss: Decimal | None = None
    max_cell_loss: Decimal | None = None
    title: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)  # as parsed, for the ledger

    @property
    def identifying(self) -> frozenset[str]:
        """Names of what the recipe calls quasi-identifying."""
        return frozenset(self.quasi) | frozenset(self.repeats)


def parse_recipe(text: str) -> Recipe:
    """The recipe that `text` spells in TOML. Raises RecipeError with every problem."""
    document = _document(text)
    if problems := list(_excesses(document)):
        raise RecipeError(problems)
    reader = _Reader()
    recipe = reader.recipe(document)
    if reader.problems:
        raise RecipeError(reader.problems)
    return recipe


def _document(text: str) -> dict[str, Any]:
    """The parsed text. Python's parser gives up on very long numbers and very deep nesting with errors of its own."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        problem = f"not valid TOML: {error}"
    except RecursionError:
        problem = f"line {_deep_line(text)}: nested too deeply"
    except ValueError:
        number = _LONG_NUMBER.search(text)
        problem = f"line {_line_at(text, number.start())}: a number is too long" if number else "a value can't be read"
    raise RecipeError([f"recipe: {problem}"])


def _deep_line(text: str) -> int:
    """The line where brackets first stand deeper than a recipe needs."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter in "[{") - (letter in "]}")
        if depth > DEEPEST:
            return _line_at(text, position)
    return 1


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _excesses(document: Mapping[str, Any]) -> Iterator[str]:
    """What no recipe needs: deep nesting and enormous numbers, each with the place where it stands."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict | list):
            if len(path) > DEEPEST:
                yield f"recipe [{'.'.join(path[:2])}]: nested too deeply"
                continue
            inside = value.items() if isinstance(value, dict) else enumerate(value, start=1)
            waiting.extend(((*path, str(name)), entry) for name, entry in inside)
        elif _is_number(value) and not -LARGEST <= value <= LARGEST:
            yield f"recipe [{'.'.join(path[:2])}]: a number is too large"


class _Reader:
    """Reads a parsed document into a Recipe and gathers what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def recipe(self, document: Mapping[str, Any]) -> Recipe:
        names = ("title", "k", "max_row_loss", "max_cell_loss", "quasi", "other", "repeats")
        self._known("recipe", document, names)
        k = document.get("k")
        if k is not None and not _is_whole(k, 1):
            self.problems.append("recipe: k must be a whole number of 1 or more")
        title = document.get("title", "")
        if not isinstance(title, str):
            self.problems.append("recipe: title must be text")
        return Recipe(
            quasi=self._rules("quasi", document),
            other=self._rules("other", document),
            repeats=self._rules("repeats", document),
            k=k if isinstance(k, int) else None,
            max_row_loss=self._share("max_row_loss", document),
            max_cell_loss=self._share("max_cell_loss", document),
            title=str(title),
            source=_plain(document),
        )

    def _share(self, name: str, document: Mapping[str, Any]) -> Decimal | None:
        value = document.get(name)
        if value is None:
            return None
        if not _is_number(value) or not 0 <= value <= 1:
            self.problems.append(f"recipe: {name} must be a share from 0 to 1")
            return None
        return Decimal(value)

    def _rules(self, section: str, document: Mapping[str, Any]) -> dict[str, Rule]:
        tables = document.get(section, {})
        if not isinstance(tables, dict):
            self.problems.append(f"recipe: {section} must hold tables, such as [{section}.NAME]")
            return {}
        rules = {}
        for name, table in tables.items():
            where = f"recipe [{section}.{name}]"
            if not isinstance(table, dict):
                self.problems.append(f"{where}: must be a table with a recode")
                continue
            rules[name] = self._repeat_rule(where, table) if section == "repeats" else self._rule(where, table)
        return rules

    def _rule(self, where: str, table: Mapping[str, Any]) -> Rule:
        kind = table.get("recode")
        own = {"groups": ("groups", "rest"), "bands": ("breaks",), "year": ("first", "last")}
        if kind not in RECODES:
            self.problems.append(f"{where}: recode must be one of {', '.join(RECODES)}")
            return Rule(None)
        self._known(where, table, ("recode", "importance", *own.get(str(kind), ())))
        importance = self._importance(where, table)
        makers = {"keep": lambda *_: Keep(), "groups": self._groups, "bands": self._bands, "year": self._year}
        return Rule(None, importance) if kind == "drop" else Rule(makers[kind](where, table), importance)

    def _repeat_rule(self, where: str, table: Mapping[str, Any]) -> Rule:
        self._known(where, table, ("summary", "breaks", "importance"))
        if table.get("summary") != "count":
            self.problems.append(f"{where}: summary must be count")
        recode = self._bands(where, table) if "breaks" in table else Keep()
        return Rule(recode, self._importance(where, table))

    def _importance(self, where: str, table: Mapping[str, Any]) -> int:
        value = table.get("importance", LOWEST_IMPORTANCE)
        if _is_whole(value, LOWEST_IMPORTANCE) and value <= HIGHEST_IMPORTANCE:
            return int(value)
        self.problems.append(
            f"{where}: importance must be a whole number from {LOWEST_IMPORTANCE} to {HIGHEST_IMPORTANCE}"
        )
        return LOWEST_IMPORTANCE

    def _groups(self, where: str, table: Mapping[str, Any]) -> Recode:
        groups = table.get("groups")
        if not isinstance(groups, dict) or not groups:
            self.problems.append(f'{where}: groups must name each group and its choices: {{ "Label" = ["a", "b"] }}')
            return Keep()
        seen: dict[str, str] = {}
        pairs = []
        for label, names in groups.items():
            if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
                self.problems.append(f"{where}: group '{label}' must be a list of choice names in quotes")
                continue
            for name in names:
                if name in seen:
                    self.problems.append(f"{where}: choice '{name}' stands in '{seen[name]}' and in '{label}'")
                seen[name] = label
            pairs.append((str(label), frozenset(names)))
        rest = table.get("rest", "")
        if not isinstance(rest, str):
            self.problems.append(f"{where}: rest must be the label of a group")
        return Groups(tuple(pairs), str(rest))

    def _bands(self, where: str, table: Mapping[str, Any]) -> Recode:
        breaks = table.get("breaks")
        if not isinstance(breaks, list) or not breaks or not all(_is_number(value) for value in breaks):
            self.problems.append(f"{where}: breaks must be a list of numbers, each the beginning of a band")
            return Keep()
        numbers = tuple(Decimal(value) for value in breaks)
        if any(low >= high for low, high in pairwise(numbers)):
            self.problems.append(f"{where}: breaks must rise from one to the next")
        return Bands(numbers)

    def _year(self, where: str, table: Mapping[str, Any]) -> Recode:
        years = []
        for name in ("first", "last"):
            year = table.get(name)
            if year is not None and not (_is_whole(year, 1000) and year <= 9999):
                self.problems.append(f"{where}: {name} must be a year")
                year = None
            years.append(year)
        first, last = years
        if first is not None and last is not None and first > last:
            self.problems.append(f"{where}: first is later than last")
        return Year(first, last)

    def _known(self, where: str, table: Mapping[str, Any], names: Sequence[str]) -> None:
        for name in table:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                advice = f" Did you mean '{near[0]}'?" if near else f" Known here: {', '.join(names)}."
                self.problems.append(f"{where}: '{name}' is unknown.{advice}")


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_number(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """The document with nothing in it that JSON lacks."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, bool | int | str):
        return value
    return str(value)

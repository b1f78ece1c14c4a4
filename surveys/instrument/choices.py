"""Choice lists at work: which choices are offered, in which order, under which label."""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.dates import days_of
from surveys.instrument.language.values import Node, to_boolean, to_number
from surveys.instrument.model import Choice, ChoiceList
from surveys.instrument.texts import pick

T = TypeVar("T")
Fill = Callable[[str, Context], str]

_MODULUS = 2_147_483_647  # of the Park-Miller generator, as ODK's specification says
_MULTIPLIER = 16_807


@dataclass(frozen=True)
class PreparedList:
    """A choice list with its rows as filters see them and its choices by name (names may occur more than once)."""

    name: str
    choices: tuple[Choice, ...]
    rows: tuple[Mapping[str, str], ...]
    places: Mapping[str, tuple[int, ...]]
    columns: frozenset[str]
    _index: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    def indexed(self, column: str) -> Mapping[str, Sequence[int]]:
        """The places of the rows by what they have in a column; made on first use."""
        if column not in self._index:
            index: dict[str, list[int]] = {}
            for place, row in enumerate(self.rows):
                index.setdefault(row.get(column, ""), []).append(place)
            self._index[column] = index
        return self._index[column]

    @classmethod
    def of(cls, source: ChoiceList) -> "PreparedList":
        places: dict[str, list[int]] = {}
        for place, choice in enumerate(source.choices):
            places.setdefault(choice.name, []).append(place)
        rows = tuple({**choice.extra, "name": choice.name} for choice in source.choices)
        columns = frozenset(column for row in rows for column in row) | {"name", "label"}
        fixed = {name: tuple(found) for name, found in places.items()}
        return cls(source.name, source.choices, rows, fixed, columns)

    def templates(self) -> list[str]:
        """The labels that refer to answers."""
        return [text for choice in self.choices for text in choice.label.values() if "${" in text]

    def choice(self, name: str) -> Choice | None:
        found = self.places.get(name)
        return self.choices[found[0]] if found else None


class ChoiceLists:
    """Every list of an instrument."""

    def __init__(self, lists: Mapping[str, ChoiceList]) -> None:
        self.by_name = {name: PreparedList.of(source) for name, source in lists.items()}

    def label(self, list_name: str, name: str, context: Context, fill: Fill | None = None) -> str:
        """The label of one choice in the language of the interview, "" where there is none.

        `fill` puts answers in place of `${name}`; without it the label is as the author wrote it.
        """
        prepared = self.by_name.get(list_name)
        choice = prepared.choice(name) if prepared else None
        text = "" if choice is None else _label(choice, context)
        return fill(text, context) if fill and "${" in text else text

    def labels(self, list_name: str, value: str, context: Context, fill: Fill | None = None) -> str:
        """The label of the choice, or of each of several chosen, with commas between."""
        whole = self.label(list_name, value, context, fill)
        if whole or " " not in value:
            return whole
        return ", ".join(filter(None, (self.label(list_name, name, context, fill) for name in value.split())))

    def document(self, list_name: str, context: Context) -> "ListNode":
        return ListNode(self.by_name[list_name], context)


def _label(choice: Choice, context: Context) -> str:
    around = context.surroundings
    return pick(choice.label, around.language, around.default_language)


# What is offered


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice filter. `column` and `wanted` are given where it demands that a column equals something else."""

    holds: Closure
    column: str = ""
    wanted: Closure | None = None


def offered_places(prepared: PreparedList, chosen: Filter | None, context: Context) -> list[int]:
    """The places of the choices for which the filter holds, in the author's order."""
    if chosen is None:
        return list(range(len(prepared.choices)))
    here = context.of(context.frame)
    kept = []
    for place in _candidates(prepared, chosen, context):
        here.row = prepared.rows[place]
        if to_boolean(chosen.holds(here)):
            kept.append(place)
    return kept


def _candidates(prepared: PreparedList, chosen: Filter, context: Context) -> Sequence[int]:
    """Where a column must equal a text, only the rows that have it: cascades over thousands of choices are common."""
    everything = range(len(prepared.rows))
    if chosen.wanted is None:
        return everything
    wanted = chosen.wanted(context)
    if not isinstance(wanted, str) or days_of(wanted) is not None:
        return everything  # numbers and dates are equal in more than one spelling
    return prepared.indexed(chosen.column).get(wanted, ())


def is_offered(prepared: PreparedList, name: str, chosen: Filter | None, context: Context) -> bool:
    """Whether this choice can be chosen now; only its own rows are looked at."""
    places = prepared.places.get(name, ())
    if chosen is None or not places:
        return bool(places)
    here = context.of(context.frame)
    for place in places:
        here.row = prepared.rows[place]
        if to_boolean(chosen.holds(here)):
            return True
    return False


# Order


def shuffled(choices: Sequence[Choice], seed: int) -> tuple[Choice, ...]:
    """Choices in random order; those fixed at the top or the bottom, and the missing codes, stay there."""
    top = [choice for choice in choices if _fixed(choice) == "top"]
    bottom = [choice for choice in choices if _fixed(choice) == "bottom"]
    free = [choice for choice in choices if not _fixed(choice)]
    return (*top, *shuffle(free, seed), *bottom)


def _fixed(choice: Choice) -> str:
    position = choice.extra.get("fixed", "").strip().lower()
    if position in {"top", "bottom"}:
        return position
    return "bottom" if choice.missing else ""


def shuffle(elements: Sequence[T], seed: int) -> list[T]:
    """ODK's randomize(): the inside-out Fisher-Yates shuffle, with the Park-Miller generator."""
    state = seed % _MODULUS if seed >= 0 else -(-seed % _MODULUS)
    if state <= 0:
        state += _MODULUS - 1
    result: list[T] = []
    for element in elements:
        state = state * _MULTIPLIER % _MODULUS
        place = int((state - 1) / (_MODULUS - 1) * (len(result) + 1))
        result.append(element)
        result[-1], result[place] = result[place], element
    return result


def seed_number(text: str) -> int:
    """A seed from text: a number without its fraction, or 64 bits of the SHA-256 of anything else."""
    number = to_number(text)
    if math.isfinite(number):
        return int(number)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


# Lists as nodes: instance('country')/root/item[name = 'GEO']/label


class ListNode:
    """The list, its `root`, one `item` of it or one column of an item, by how much of `path` is given."""

    __slots__ = ("column", "context", "place_in_list", "prepared")

    def __init__(
        self, prepared: PreparedList, context: Context, place: int | None = None, column: str | None = None
    ) -> None:
        self.prepared = prepared
        self.context = context
        self.place_in_list = place
        self.column = column

    @property
    def name(self) -> str:
        if self.column is not None:
            return self.column
        if self.place_in_list is None:
            return ""
        return "root" if self.place_in_list < 0 else "item"

    def text(self) -> str:
        place = self.place_in_list
        if self.column is None or place is None:
            return ""
        if self.column == "label":
            return _label(self.prepared.choices[place], self.context)
        return self.prepared.rows[place].get(self.column, "")

    def parent(self) -> Node | None:
        if self.place_in_list is None:
            return None
        if self.column is not None:
            return ListNode(self.prepared, self.context, self.place_in_list)
        return ListNode(self.prepared, self.context, None if self.place_in_list < 0 else -1)

    def children(self) -> Iterator[Node]:
        place = self.place_in_list
        if self.column is not None:
            return
        if place is None:
            yield ListNode(self.prepared, self.context, -1)
        elif place < 0:
            for number in range(len(self.prepared.choices)):
                yield ListNode(self.prepared, self.context, number)
        else:
            for column in (*self.prepared.rows[place], "label"):
                yield ListNode(self.prepared, self.context, place, column)

    def place(self) -> int:
        return 1 if self.place_in_list is None or self.column is not None else self.place_in_list + 1

    def identity(self) -> object:
        return (self.prepared.name, self.place_in_list, self.column)

"""What conditions read of an answer, and values that stand for all answers there can be as far as they can tell.

A condition that asks whether `a` is chosen can't tell apart any two answers that both hold `a`; one that compares a
number with 5 and 10 can't tell 6 from 7. So a few values stand for all. Where a condition looks at more than that,
there are none, and it is left out of proofs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from math import ceil, floor, isfinite
from typing import NamedTuple

from surveys.instrument.evaluation import Program
from surveys.instrument.language import nodes
from surveys.instrument.language.functions.registry import Purity, find
from surveys.instrument.language.values import number_of_text
from surveys.instrument.model import Item, Kind
from surveys.instrument.schema import Spec
from surveys.instrument.walk.exits import WaysOut
from surveys.instrument.walk.goals import BLANK, Goal
from surveys.instrument.walk.reading import Reader, waits

#: Values of one answer beyond which it is not gone through.
MOST_VALUES = 1_000
#: Choices of which every selection is gone through.
MOST_SELECTED = 7
_EPOCH = date(1970, 1, 1)
_SOME = {Kind.ACKNOWLEDGE: "OK", Kind.TIME: "12:00:00", Kind.DATETIME: "2024-01-01T12:00:00"}


class Reading(NamedTuple):
    """How a condition looks at an answer: `whole`, `blank`, `count`, or by a `name`, `text` or `number` it names."""

    how: str
    text: str = ""
    number: float = 0.0


WHOLE, IS_BLANK, COUNT = Reading("whole"), Reading("blank"), Reading("count")


@dataclass(frozen=True)
class Literal:
    """A small condition with the answers it reads, and the calculated items on the way to them, inner ones first."""

    goal: Goal
    readings: tuple[tuple[str, Reading], ...]
    calculated: tuple[Spec, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for key, _ in self.readings))


class _OpaqueError(Exception):
    """The condition reads something that can't be gone through."""


class Domains:
    """Literals of one program's goals, and the values that stand for the answers they read."""

    def __init__(self, program: Program, reader: Reader, ways_out: WaysOut) -> None:
        self.lists = program.instrument.choice_lists
        self.reader = reader
        self.schema = reader.schema
        self.ways_out = ways_out

    def literal(self, goal: Goal) -> Literal | None:
        """The goal as a condition on answers, None where it reads anything else."""
        calculated: dict[int, Spec] = {}
        try:
            readings = tuple(self._readings(goal.tree, goal.owner, calculated)) if goal.tree is not None else None
        except _OpaqueError:
            return None
        return None if readings is None else Literal(goal, readings, tuple(calculated.values()))

    def of(self, literals: Sequence[Literal], target: Spec | None) -> dict[str, list[str]]:
        """For each answer that the literals read, the values that stand for all; left out where there are none."""
        readings: dict[str, list[Reading]] = {}
        for literal in literals:
            for key, reading in literal.readings:
                readings.setdefault(key, []).append(reading)
        found = {key: self._values(key, seen, target) for key, seen in readings.items()}
        return {key: values for key, values in found.items() if values and len(values) <= MOST_VALUES}

    # What is read

    def _readings(self, node: nodes.Node, owner: Spec, calculated: dict[int, Spec]) -> Iterator[tuple[str, Reading]]:
        spec = self._answer(node, owner)
        if spec is not None:
            yield from self._of_answer(spec, owner, WHOLE, calculated)
            return
        match node:
            case nodes.Operation() if len(node.rest) == 1 and 3 <= node.level <= 4:
                yield from self._compared(node, owner, calculated)
            case nodes.Call("selected", (value, nodes.Literal(text))) if one := self._answer(value, owner):
                yield from self._of_answer(one, owner, Reading("name", text.strip()), calculated)
            case nodes.Call("count-selected", (value,)) if one := self._answer(value, owner):
                yield from self._of_answer(one, owner, COUNT, calculated)
            case nodes.Path() | nodes.Filter() | nodes.Reference():
                raise _OpaqueError
            case _:
                if isinstance(node, nodes.Call) and not _is_pure(node):
                    raise _OpaqueError
                for child in nodes.children(node):
                    yield from self._readings(child, owner, calculated)

    def _compared(
        self, node: nodes.Operation, owner: Spec, calculated: dict[int, Spec]
    ) -> Iterator[tuple[str, Reading]]:
        """A comparison: one side may be an answer, the other what it is held against."""
        sides = (node.first, node.rest[0][1])
        for side, other in (sides, sides[::-1]):
            reading = _against(other)
            spec = self._answer(side, owner)
            if spec is not None and reading is not None:
                yield from self._of_answer(spec, owner, reading, calculated)
                return
            match side, other:
                case nodes.Call("string-length", (value,)), nodes.Number(0) if one := self._answer(value, owner):
                    yield from self._of_answer(one, owner, IS_BLANK, calculated)
                    return
        for side in sides:
            yield from self._readings(side, owner, calculated)

    def _answer(self, node: nodes.Node, owner: Spec) -> Spec | None:
        """The item whose one value a node is."""
        if node == nodes.Path((nodes.SELF,)):
            return owner if owner.item is not None else None
        if not isinstance(node, nodes.Reference) or node.is_last_saved:
            return None
        spec = self.reader.resolved(node)
        return spec if spec is not None and spec.item is not None and spec.level in owner.level.chain() else None

    def _of_answer(
        self, spec: Spec, owner: Spec, reading: Reading, calculated: dict[int, Spec]
    ) -> Iterator[tuple[str, Reading]]:
        if self.reader.may_answer(spec):
            yield spec.key, reading
            return
        tree = self.reader.calculation(spec)
        if tree is None or spec is owner or waits(spec) or spec.level not in owner.level.chain():
            raise _OpaqueError
        if self.reader.goals_of(spec):
            yield "?" + spec.key, WHOLE  # whether it is relevant
        if spec.index not in calculated:
            yield from self._readings(tree, spec, calculated)
            calculated[spec.index] = spec

    # Values

    def _values(self, key: str, readings: list[Reading], target: Spec | None) -> list[str]:
        if key.startswith("?"):
            return ["1", BLANK]
        spec = self.schema.by_key[key]
        item = spec.item
        if item is None:
            return []
        ends = self.ways_out.names_before(spec, target)
        if item.kind in _SOME and all(reading == IS_BLANK for reading in readings):
            return [_SOME[item.kind], BLANK]
        match item.kind:
            case Kind.SELECT_ONE:
                return [*(name for name in self._names(item) if name not in ends), BLANK]
            case Kind.SELECT_MULTIPLE:
                return _selections([name for name in self._names(item) if name not in ends], readings)
            case Kind.INTEGER | Kind.DECIMAL | Kind.RANGE | Kind.DATE:
                return _stretches(item, readings)
            case Kind.TEXT:
                return _texts(readings)
        return []

    def _names(self, item: Item) -> list[str]:
        found = self.lists.get(item.choices)
        return list(dict.fromkeys(choice.name for choice in found.choices)) if found else []


def _is_pure(call: nodes.Call) -> bool:
    """Whether a call depends on its arguments alone."""
    entry = find(call.name)
    return entry is not None and entry.purity is Purity.PURE and call.name != "once"


def _against(node: nodes.Node) -> Reading | None:
    """What a comparison with this node looks at in an answer, None where the node is no plain value."""
    match node:
        case nodes.Number(value):
            return Reading("number", number=value)
        case nodes.Negate(nodes.Number(value)):
            return Reading("number", number=-value)
        case nodes.Literal(text) | nodes.Call("date", (nodes.Literal(text),)):
            number = number_of_text(text)
            if isfinite(number):
                return Reading("number", text, number)
            return Reading("text", text) if text.strip() else IS_BLANK
    return None


def _selections(names: list[str], readings: list[Reading]) -> list[str]:
    """Selections of several choices: with and without each that is named, and so many others as can be told apart."""
    hows = {reading.how for reading in readings}
    is_plain = hows <= {"name", "blank", "count"}
    if not is_plain and len(names) > MOST_SELECTED:
        return []
    named = [name for name in names if not is_plain or Reading("name", name) in readings]
    others = [name for name in names if name not in named]
    most = len(others) if "count" in hows else min(1, len(others))
    if (most + 1) * 2 ** min(len(named), 20) > MOST_VALUES:
        return []
    subsets = [few for n in range(len(named) + 1) for few in combinations(named, n)]
    return [" ".join(name for name in names if name in (*few, *others[:n])) for few in subsets for n in range(most + 1)]


def _stretches(item: Item, readings: list[Reading]) -> list[str]:
    """Numbers or days: each that is compared, and one from every stretch between them."""
    if any(reading.how in {"whole", "name", "count"} for reading in readings):
        return []
    edges = sorted({reading.number for reading in readings if reading.how == "number"}) or [0.0]
    numbers: set[float] = {edges[0] - 1, *edges, *((a + b) / 2 for a, b in pairwise(edges)), edges[-1] + 1}
    if item.kind in {Kind.INTEGER, Kind.DATE}:
        numbers = {by for edge in edges for by in (floor(edge) - 1, floor(edge), ceil(edge), ceil(edge) + 1)}
    written = [_written(item.kind, number) for number in sorted(numbers)]
    if item.kind is not Kind.DATE and any(reading.text for reading in readings):
        written += [f"{'-' * (text < '0')}0{text.lstrip('-')}" for text in written]  # 05 is the number 5, not the text
    return [*written, BLANK]


def _written(kind: Kind, number: float) -> str:
    if kind is not Kind.DATE:
        return f"{number:.12g}" if not float(number).is_integer() else str(int(number))
    try:
        return (_EPOCH + timedelta(days=int(number))).isoformat()
    except OverflowError:
        return date.max.isoformat() if number > 0 else date.min.isoformat()


def _texts(readings: list[Reading]) -> list[str]:
    """Texts that are compared, and one that is none of them."""
    if any(reading.how not in {"text", "blank"} for reading in readings):
        return []
    written = {reading.text for reading in readings}
    return [*sorted(written - {BLANK}), "§" * (1 + max((len(text) for text in written), default=0)), BLANK]

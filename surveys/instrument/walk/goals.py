"""What the directed search works on: goals, the plan that reaches them, and what expressions look like from there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from surveys.instrument.document import Answers
from surveys.instrument.language import nodes
from surveys.instrument.schema import Spec

BLANK = ""
Value = str | tuple[str, ...]
#: Key of an item, or (wave, item) of a prior answer.
Variable = str | tuple[str, str]
#: What tells goals apart: expression, owner, choice, and whether it shall be true.
Sign = tuple[int, int, str, bool]


@dataclass(frozen=True)
class Goal:
    """An expression of `owner` that shall be true or not. With `offer` instead, that choice of `owner` be offered."""

    tree: nodes.Node | None
    wanted: bool
    owner: Spec
    offer: str = ""
    is_deferred: bool = False  # it holds as long as nobody is asked what it reads: to be looked at last

    @property
    def sign(self) -> Sign:
        return 0 if self.tree is None else id(self.tree), self.owner.index, self.offer, self.wanted


@dataclass(frozen=True)
class Plan:
    """Answers and prior answers that lead somewhere. A blank one is to be left empty."""

    values: Mapping[Variable, Value] = field(default_factory=dict)
    entered: frozenset[str] = frozenset()  # keys of the nodes whose own relevance is taken care of
    met: frozenset[Sign] = frozenset()  # goals that hold already

    def answers(self) -> dict[str, Value]:
        return {key: value for key, value in self.values.items() if isinstance(key, str)}

    def prior(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for key, value in self.values.items():
            if isinstance(key, tuple) and isinstance(value, str):
                found.setdefault(key[0], {})[key[1]] = value
        return found


@dataclass(frozen=True)
class Script:
    """What somebody is to answer, instance by instance, and what they bring from earlier waves."""

    answers: Answers = field(default_factory=dict)
    prior: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def conjuncts(tree: nodes.Node) -> list[nodes.Node]:
    """The parts that must all hold."""
    if isinstance(tree, nodes.Operation) and tree.level == nodes.LEVELS["and"]:
        return [part for inner in nodes.children(tree) for part in conjuncts(inner)]
    return [tree]


def reads_itself(tree: nodes.Node) -> bool:
    return any(isinstance(node, nodes.Path) and node.steps[:1] == (nodes.SELF,) for node in nodes.walk(tree))


def prior_in(tree: nodes.Node) -> Iterator[tuple[str, str]]:
    for node in nodes.walk(tree):
        match node:
            case nodes.Call("pulldata", (nodes.Literal(wave), nodes.Literal(item), *_)):
                yield wave, item


def diagonal(pools: list[list[Value]]) -> Iterator[tuple[Value, ...]]:
    """All combinations; the first values of every pool come before the last ones of any."""
    if len(pools) == 1:
        yield from ((value,) for value in pools[0])
        return
    depth = max(len(pool) for pool in pools)
    seen = 0
    for size in (2, 4, 8, 16, 32, depth):
        for values in product(*(pool[:size] for pool in pools)):
            if seen and all(value in pool[:seen] for value, pool in zip(values, pools, strict=True)):
                continue
            yield values
        seen = size
        if size >= depth:
            return

"""What a compiled expression is given when it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from surveys.instrument.language.values import Node, Value


class Surroundings(Protocol):
    """What is the same for every expression of one evaluation."""

    @property
    def now(self) -> datetime: ...

    @property
    def today(self) -> date: ...

    @property
    def zone(self) -> tzinfo: ...

    @property
    def language(self) -> str: ...

    @property
    def language_code(self) -> str:
        """Such as "ru"; names of months and days follow it."""

    @property
    def default_language(self) -> str: ...

    def prior(self, wave: str, item: str) -> str:
        """The answer given in an earlier wave, "" where there is none."""


@dataclass(slots=True)
class Context:
    """`frame` belongs to whoever compiled the references; `node`, `position` and `size` change inside predicates."""

    surroundings: Surroundings
    frame: Any = None
    node: Node | None = None
    position: int = 1
    size: int = 1
    row: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""  # names interview, item and instance; seeded functions draw from it

    def at(self, node: Node, position: int, size: int) -> "Context":
        """The context of a predicate on `node`."""
        return Context(self.surroundings, self.frame, node, position, size, self.row, self.seed)

    def of(self, frame: Any) -> "Context":
        """The context of the same expression in another instance."""
        return Context(self.surroundings, frame, None, 1, 1, self.row, self.seed)


Closure = Callable[[Context], Value]

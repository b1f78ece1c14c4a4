"""One evaluation in progress: the values of every instance, and the nodes expressions walk over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from surveys.instrument.environment import Environment
from surveys.instrument.language.context import Context
from surveys.instrument.language.values import Node
from surveys.instrument.schema import Level, Spec


@dataclass(frozen=True, slots=True)
class Around:
    """The environment as expressions see it."""

    now: datetime
    today: date
    zone: tzinfo
    language: str
    language_code: str
    environment: Environment
    default_language: str

    def prior(self, wave: str, item: str) -> str:
        value = self.environment.prior.get(wave, {}).get(item, "")
        return value if isinstance(value, str) else ""


class Frame:
    """The values of one instance of a level. `relevant[0]` says whether the instance itself is relevant."""

    __slots__ = ("conditions", "context", "inner", "instance", "level", "number", "outer", "raw", "relevant", "values")

    def __init__(
        self, level: Level, outer: "Frame | None", instance: str, number: int, raw: Mapping[str, Any], around: Around
    ) -> None:
        self.level = level
        self.outer = outer
        self.instance = instance
        self.number = number
        self.raw = raw
        self.values = [""] * level.size
        self.relevant = [False] * level.size
        self.conditions: list[bool | None] = [None] * level.conditions  # those several nodes share, once worked out
        self.inner: dict[int, list[Frame]] = {}
        self.context = Context(around, self)

    def seed_of(self, key: str) -> str:
        around: Any = self.context.surroundings
        return f"{around.environment.seed}:{key}:{self.instance}"

    def at(self, level: Level) -> "Frame | None":
        """This frame or the one around it that belongs to `level`."""
        frame: Frame | None = self
        while frame is not None and frame.level is not level:
            frame = frame.outer
        return frame


def descend(frames: Iterable[Frame], levels: Sequence[Level]) -> list[Frame]:
    """All instances reached from `frames` through the repeats named by `levels`."""
    reached = list(frames)
    for level in levels:
        reached = [inner for frame in reached for inner in frame.inner.get(level.index, ())]
    return reached


class FormNode:
    """An item, a group or an instance of a repeat."""

    __slots__ = ("frame", "spec")

    def __init__(self, spec: Spec, frame: Frame) -> None:
        self.spec = spec
        self.frame = frame

    @property
    def name(self) -> str:
        return self.spec.name

    def text(self) -> str:
        return self.frame.values[self.spec.slot] if self.spec.item else ""

    def parent(self) -> Node | None:
        above = self.spec.parent
        if above is None:
            return None
        if self.frame.outer is not None and self.frame.level is self.spec.inner:
            return FormNode(above, self.frame.outer)
        return FormNode(above, self.frame)

    def children(self) -> list[Node]:
        found: list[Node] = []
        for child in self.spec.children:
            if child.inner is not None:
                instances = self.frame.inner.get(child.inner.index, ())
                found += [FormNode(child, inner) for inner in instances if inner.relevant[0]]
            elif self.frame.relevant[child.slot]:
                found.append(FormNode(child, self.frame))
        return found

    def place(self) -> int:
        return self.frame.number if self.spec.is_repeat else 1

    def identity(self) -> object:
        return (self.spec.index, self.frame.instance)

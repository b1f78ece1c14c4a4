"""The instrument as the engine addresses it: every node gets a level (its repeat) and a slot in that level's frames."""

from collections.abc import Iterator

from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions import suggest
from surveys.instrument.language.nodes import Reference
from surveys.instrument.model import Group, Instrument, Item

#: The hidden item that stands for "this panel member"; a constant to expressions, never a value.
PANELIST = "panelist"


class Level:
    """The root or the inside of one repeat: what is in it once per instance."""

    __slots__ = ("conditions", "depth", "index", "outer", "repeat", "size")

    def __init__(self, index: int, repeat: "Spec | None", outer: "Level | None") -> None:
        self.index = index
        self.repeat = repeat
        self.outer = outer
        self.depth: int = 0 if outer is None else outer.depth + 1
        self.size = 1  # slot 0 is the instance itself
        self.conditions = 0  # shared by several nodes

    def chain(self) -> "tuple[Level, ...]":
        """The root level first, this one last."""
        return (self,) if self.outer is None else (*self.outer.chain(), self)


class Spec:
    """One group or item. `node` is None for the root element."""

    __slots__ = ("children", "index", "inner", "key", "level", "name", "node", "parent", "path", "slot")

    def __init__(self, index: int, node: Group | Item | None, parent: "Spec | None", level: Level, slot: int) -> None:
        self.index = index
        self.node = node
        self.parent = parent
        self.level = level
        self.slot = slot
        self.name = node.name if node else ""  # no name test finds the root: authors call it as they like
        self.key = node.key if node else ""
        self.path = node.path if node else ""
        self.children: list[Spec] = []
        self.inner: Level | None = None  # of a repeat: the level of its instances

    @property
    def item(self) -> Item | None:
        return self.node if isinstance(self.node, Item) else None

    @property
    def is_repeat(self) -> bool:
        return self.inner is not None

    @property
    def parent_slot(self) -> int:
        """The slot in the same frame that holds whether what surrounds this node is relevant."""
        if self.parent is None or self.parent.is_repeat:
            return 0
        return self.parent.slot

    def inside(self) -> "Iterator[Spec]":
        """This node and everything in it."""
        yield self
        for child in self.children:
            yield from child.inside()


class Schema:
    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.levels = [Level(0, None, None)]
        self.specs: list[Spec] = []
        self.root = self._spec(None, None, self.levels[0])
        self.root.slot = 0
        for child in instrument.children:
            self._add(child, self.root, self.levels[0])
        self.by_key: dict[str, Spec] = {}
        self.by_name: dict[str, list[Spec]] = {}
        for spec in self.specs[1:]:
            self.by_name.setdefault(spec.name, []).append(spec)
            self.by_key.setdefault(spec.path, spec)
            if spec.item or spec.key not in self.by_key:
                self.by_key[spec.key] = spec

    def _spec(self, node: Group | Item | None, parent: Spec | None, level: Level) -> Spec:
        spec = Spec(len(self.specs), node, parent, level, level.size)
        level.size += parent is not None
        self.specs.append(spec)
        if parent is not None:
            parent.children.append(spec)
        return spec

    def _add(self, node: Group | Item, parent: Spec, level: Level) -> None:
        spec = self._spec(node, parent, level)
        if not isinstance(node, Group):
            return
        inside = level
        if node.is_repeat:
            inside = spec.inner = Level(len(self.levels), spec, level)
            self.levels.append(inside)
        for child in node.children:
            self._add(child, spec, inside)

    def find(self, key: str) -> Spec | None:
        """The node with this key or path."""
        return self.by_key.get(key)

    def named(self, name: str) -> Spec | None:
        """The one node with this name, or the node with this key; None where that is none or several."""
        found = self.by_name.get(name, [])
        return found[0] if len(found) == 1 else self.by_key.get(name)

    def resolve(self, reference: Reference) -> Spec:
        """The one node that `${name}` means. Raises ExpressionError if there is none or more than one."""
        name = reference.name
        found = self.by_name.get(name, [])
        if len(found) == 1:
            return found[0]
        if not found and name in self.by_key:
            return self.by_key[name]
        if found:
            paths = " and ".join(spec.path for spec in found)
            message = f"The name '{name}' means more than one thing: {paths}."
            raise ExpressionError(
                message, reference.position, "expression.ambiguous_name", "Give them different names."
            )
        raise unknown_name(name, list(self.by_name), reference.position, "${%s}")


def unknown_name(name: str, known: list[str], position: int, shape: str = "%s") -> ExpressionError:
    meant = suggest(name, known)
    advice = f"Did you mean {shape % meant}?" if meant else "Names are in the column 'name' of the sheet 'survey'."
    return ExpressionError(f"There is no question named '{name}'.", position, "expression.unknown_name", advice)

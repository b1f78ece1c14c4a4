"""Two instruments compared: every item that changed, appeared or went, with its class."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from surveys.instrument.diff.changes import Change, ChangeKind, worst
from surveys.instrument.diff.item_changes import Side, item_changes
from surveys.instrument.diff.matching import Pairs, match, moved_items, moved_pages
from surveys.instrument.language import nodes, parsed
from surveys.instrument.model import Comparability, Instrument, Item, Kind

#: What isn't a measurement: its answers can't become incomparable, because there are none.
_NO_MEASURE = frozenset({Kind.NOTE, Kind.HIDDEN, Kind.METADATA})


@dataclass(frozen=True, slots=True)
class ItemComparison:
    """One item that isn't the same in both versions. `before` is None for a new one, `after` for a dropped one."""

    before: Item | None
    after: Item | None
    changes: tuple[Change, ...]
    found: Comparability  # what the changes amount to
    comparability: Comparability  # the author's own word where there is one, else as found
    reason: str = ""  # the author's

    @property
    def item(self) -> Item:
        """The later item, or the one that was dropped."""
        item = self.after or self.before
        if item is None:
            raise ValueError("A comparison needs an item.")
        return item

    @property
    def key(self) -> str:
        return self.item.key

    @property
    def is_overridden(self) -> bool:
        return self.comparability is not self.found

    @property
    def kinds(self) -> frozenset[ChangeKind]:
        return frozenset(change.kind for change in self.changes)


@dataclass(frozen=True)
class Comparison:
    """`items` holds the changed ones in the order of the later version, then the dropped ones.

    `pairs` tells which earlier item each later one is: the earlier's path by the later's.
    """

    items: tuple[ItemComparison, ...]
    pairs: Pairs

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.items)

    def of_class(self, comparability: Comparability) -> tuple[ItemComparison, ...]:
        return tuple(item for item in self.items if item.comparability is comparability)

    def of(self, path: str) -> ItemComparison | None:
        """The comparison of the later item with this path, None where it is unchanged or unknown."""
        return next((item for item in self.items if item.after is not None and item.after.path == path), None)

    @property
    def n_unchanged(self) -> int:
        return len(self.pairs) - sum(item.before is not None and item.after is not None for item in self.items)


def compare(before: Instrument, after: Instrument) -> Comparison:
    """How the later version's items differ from those of the earlier one."""
    return _Comparer(before, after).compare()


def compare_pair(before: Instrument, old: Item, after: Instrument, new: Item) -> ItemComparison | None:
    """How two items differ that are meant as one, whatever they are called; None where they don't."""
    known = compare(before, after)
    if known.pairs.get(new.path) == old.path:
        return known.of(new.path)
    changes = tuple(item_changes(Side(before), old, Side(after), new))
    return _judged(old, new, changes) if changes else None


class _Comparer:
    def __init__(self, before: Instrument, after: Instrument) -> None:
        self.pairs = match(before, after)
        self.old = {item.path: item for item in before.items()}
        self.new = {item.path: item for item in after.items()}
        later_names = {self.old[old].name: self.new[new].name for new, old in self.pairs.items()}
        self.before = Side(before, {old: new for old, new in later_names.items() if old != new})
        self.after = Side(after)

    def compare(self) -> Comparison:
        moved = self._moved()
        found: dict[str, ItemComparison] = {}
        for path, new in self.new.items():
            old = self.old.get(self.pairs.get(path, ""))
            if old is None:
                found[path] = _judged(None, new, (Change(ChangeKind.NEW),))
                continue
            changes = (*item_changes(self.before, old, self.after, new), *moved.get(path, ()))
            if changes:
                found[path] = _judged(old, new, changes)
        self._spread(found)
        in_order = [found[path] for path in self.new if path in found]
        kept = set(self.pairs.values())
        dropped = [
            _judged(item, None, (Change(ChangeKind.DROPPED),)) for path, item in self.old.items() if path not in kept
        ]
        return Comparison((*in_order, *dropped), self.pairs)

    def _moved(self) -> dict[str, tuple[Change, ...]]:
        order = moved_items(self.pairs, _seen(self.old.values()), _seen(self.new.values()))
        pages = moved_pages(self.pairs, self.before.pages, self.after.pages) | self._to_or_from_hubs()
        return {
            path: (
                *((Change(ChangeKind.ORDER),) if path in order else ()),
                *((Change(ChangeKind.PAGE),) if path in pages else ()),
            )
            for path in self.new
            if path in order or path in pages
        }

    def _to_or_from_hubs(self) -> set[str]:
        """Paths of later items whose repeats have got or lost the hub that lists their entries."""
        both = ((self.old[old], self.new[new]) for new, old in self.pairs.items())
        return {new.path for old, new in both if self.before.on_hubs(old) != self.after.on_hubs(new)}

    def _spread(self, found: dict[str, ItemComparison]) -> None:
        """A calculation is a new measure where one of its inputs has become one."""
        by_name: dict[str, list[str]] = {}
        for path, item in self.new.items():
            by_name.setdefault(item.name, []).append(path)
        reads = {path: _names_read(item.calculation) for path, item in self.new.items() if item.calculation}
        is_spreading = True
        while is_spreading:
            is_spreading = False
            for path, names in reads.items():
                if path not in self.pairs or (path in found and ChangeKind.INPUTS in found[path].kinds):
                    continue
                inputs = sorted(name for name in names if any(_is_new(found.get(one)) for one in by_name.get(name, ())))
                if inputs:
                    known = found.get(path)
                    changes = (*(known.changes if known else ()), Change(ChangeKind.INPUTS, ", ".join(inputs)))
                    found[path] = _judged(self.old[self.pairs[path]], self.new[path], changes)
                    is_spreading = True


def _is_new(comparison: ItemComparison | None) -> bool:
    """Whether an item that was there before is another measure now."""
    if comparison is None or comparison.before is None:
        return False
    return comparison.comparability is Comparability.NEW_MEASURE


def _seen(items: Iterable[Item]) -> list[str]:
    """Paths of what respondents see, in order."""
    return [item.path for item in items if item.is_asked or item.kind is Kind.NOTE]


def _names_read(calculation: str) -> set[str]:
    tree = parsed(calculation)
    if tree is None:
        return set()
    names = {node.name for node in nodes.walk(tree) if isinstance(node, nodes.Reference)}
    paths = (node for node in nodes.walk(tree) if isinstance(node, nodes.Path))
    return names | {step.test for path in paths for step in path.steps}


def _judged(old: Item | None, new: Item | None, changes: tuple[Change, ...]) -> ItemComparison:
    found = worst(changes)
    if all(item is None or item.kind in _NO_MEASURE for item in (old, new)):
        found = Comparability.COSMETIC
    compared = ItemComparison(old, new, changes, found, found)
    if old is None or new is None or new.compare is None:
        return compared
    return replace(compared, comparability=new.compare, reason=new.compare_reason)

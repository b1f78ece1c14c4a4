"""Which item of the later version is which of the earlier one."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from surveys.instrument.model import Group, Instrument, Item

#: The earlier item's path by the later item's.
Pairs = Mapping[str, str]


def match(before: Instrument, after: Instrument) -> dict[str, str]:
    """By path, then by a name that is unique in both, then by `renamed_from`, then by a shared `trend`.

    Nothing is guessed: what none of these ties together is dropped on one side and new on the other.
    """
    old, new = list(before.items()), list(after.items())
    pairs: dict[str, str] = {}
    _pair(pairs, old, new, lambda item: item.path, lambda item: item.path)
    names = Counter(item.name for item in old), Counter(item.name for item in new)
    _pair(
        pairs,
        [item for item in old if names[0][item.name] == 1],
        [item for item in new if names[1][item.name] == 1],
        lambda item: item.name,
        lambda item: item.name,
    )
    once = [item for item in old if names[0][item.name] == 1]
    _pair(pairs, once, new, lambda item: item.name, lambda item: item.renamed_from)
    _pair(pairs, old, new, lambda item: item.trend, lambda item: item.trend)
    return pairs


def _pair(
    pairs: dict[str, str],
    old: Iterable[Item],
    new: Iterable[Item],
    old_sign: Callable[[Item], str],
    new_sign: Callable[[Item], str],
) -> None:
    """Add the pairs of yet unmatched items whose signs, not blank, are the same."""
    taken = set(pairs.values())
    free = {old_sign(item): item.path for item in old if old_sign(item) and item.path not in taken}
    for item in new:
        sign = new_sign(item)
        if item.path not in pairs and sign in free:
            pairs[item.path] = free.pop(sign)


def ancestors(instrument: Instrument) -> dict[str, tuple[Group, ...]]:
    """The groups around each item, by its path, the outermost first."""
    found: dict[str, tuple[Group, ...]] = {}

    def visit(children: Iterable[Group | Item], around: tuple[Group, ...]) -> None:
        for child in children:
            if isinstance(child, Group):
                visit(child.children, (*around, child))
            else:
                found[child.path] = around

    visit(instrument.children, ())
    return found


def pages_of(instrument: Instrument) -> dict[str, str]:
    """The page of each item that is on one, by its path."""
    return {
        node.path: page.name
        for page, on_page in instrument.nodes_by_page()
        for node in on_page
        if isinstance(node, Item)
    }


def moved_pages(pairs: Pairs, before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """Paths of later items that no longer stand with most of their former page, whatever the pages are called."""
    follows = _most_common((before[old], after[new]) for new, old in pairs.items() if old in before and new in after)
    return {
        new
        for new, old in pairs.items()
        if old in before and new in after and follows[before[old]] != after[new] and before[old] != after[new]
    }


def _most_common(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    counts: dict[str, Counter[str]] = {}
    for old, new in pairs:
        counts.setdefault(old, Counter())[new] += 1
    return {old: found.most_common(1)[0][0] for old, found in counts.items()}


def moved_items(pairs: Pairs, before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Paths of the fewest later items that must have moved for the order to be as it is."""
    place = {path: number for number, path in enumerate(before)}
    ordered = [path for path in after if pairs.get(path) in place]
    kept = longest_rising([place[pairs[path]] for path in ordered])
    return {path for number, path in enumerate(ordered) if number not in kept}


def longest_rising(numbers: Sequence[int]) -> set[int]:
    """Positions of a longest rising subsequence."""
    ends: list[int] = []  # the smallest number that ends a subsequence of each length
    at: list[int] = []  # where that number stands
    previous: list[int] = []
    for position, number in enumerate(numbers):
        length = bisect_left(ends, number)
        previous.append(at[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        at[length : length + 1] = [position]
    found: set[int] = set()
    position = at[-1] if at else -1
    while position >= 0:
        found.add(position)
        position = previous[position]
    return found

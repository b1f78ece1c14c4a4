"""A comparison for people and for programs."""

from collections.abc import Iterator
from typing import Any

from surveys.instrument.diff.changes import ChangeKind
from surveys.instrument.diff.comparison import Comparison, ItemComparison
from surveys.instrument.model import Comparability

_HEADINGS = {
    Comparability.NEW_MEASURE: "New measures: their answers can't be joined",
    Comparability.COMPARABLE: "Comparable: joined, with a note",
    Comparability.COSMETIC: "Cosmetic: the same measure",
}


def told(comparison: Comparison) -> list[str]:
    """Lines for a terminal, the gravest first."""
    if not comparison:
        return ["No item differs."]
    lines: list[str] = []
    for comparability, heading in _HEADINGS.items():
        found = [item for item in comparison.of_class(comparability) if not _is_single(item)]
        lines.extend(_section(heading, [_line(item) for item in found]))
    for heading, kind in (("New", ChangeKind.NEW), ("Dropped", ChangeKind.DROPPED)):
        found = [item for item in comparison.items if kind in item.kinds]
        lines.extend(_section(heading, [f"  {item.key}" for item in found]))
    return [*lines, "", f"{summary(comparison)}."]


def summary(comparison: Comparison) -> str:
    """In one line: "1 comparable, 1 dropped, 43 unchanged"."""
    both = [item for item in comparison.items if not _is_single(item)]
    counts = [
        (sum(item.comparability is Comparability.NEW_MEASURE for item in both), "changed to a new measure"),
        (sum(item.comparability is Comparability.COMPARABLE for item in both), "comparable"),
        (sum(item.comparability is Comparability.COSMETIC for item in both), "cosmetic"),
        (sum(ChangeKind.NEW in item.kinds for item in comparison.items), "new"),
        (sum(ChangeKind.DROPPED in item.kinds for item in comparison.items), "dropped"),
        (comparison.n_unchanged, "unchanged"),
    ]
    return ", ".join(f"{n} {what}" for n, what in counts if n) or "nothing to compare"


def to_json(comparison: Comparison) -> dict[str, Any]:
    """`items`: one object each, with the class, the class as found, the author's reason and the list of changes."""
    return {
        "summary": summary(comparison),
        "n_unchanged": comparison.n_unchanged,
        "items": [_item_json(item) for item in comparison.items],
    }


def _item_json(item: ItemComparison) -> dict[str, Any]:
    return {
        "item": item.key,
        "before": item.before.path if item.before else None,
        "after": item.after.path if item.after else None,
        "row": item.item.place.row,
        "class": item.comparability.value,
        "found": item.found.value,
        "is_overridden": item.is_overridden,
        "reason": item.reason,
        "changes": [{"change": change.kind.value, "detail": change.detail} for change in item.changes],
    }


def _is_single(item: ItemComparison) -> bool:
    return item.before is None or item.after is None


def _section(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"{heading}:", *lines)


def _line(item: ItemComparison) -> str:
    line = f"  {item.key}: {', '.join(map(str, item.changes))}"
    if item.is_overridden:
        line += f" [the author says {item.comparability.value}, not {item.found.value}: {item.reason}]"
    elif item.reason:
        line += f" [{item.reason}]"
    return line

"""Which questions are seen together.

A `field-list` group is a page. With the setting `style` = `pages` every top-level group is one. Loose questions form a
page up to the next group. Notes join the question that follows them.

A `field-list` repeat is a page too, with all its entries on it. Any other repeat is a hub, a page that lists its
entries, and the pages of an entry come after it: its groups and questions are laid out by these same rules, and a
repeat among them is a hub inside the entry. What stands in a page, repeats included, is drawn on that page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from surveys.instrument.model import Group, Item, Kind, Page, Text

_UNSEEN = {Kind.CALCULATE, Kind.HIDDEN, Kind.METADATA}
_ONE_PAGE = {"field-list", "table-list"}
#: Of a page's name, which an interview keeps together with the id of an entry.
LONGEST_NAME = 150


def build_pages(children: Sequence[Group | Item], style: str) -> tuple[Page, ...]:
    """Every page of a questionnaire in order, with names that are unique and fit into an address."""
    is_paged = "pages" in style.split()
    pages: list[Page] = []
    taken: set[str] = set()
    for run in _runs(children, {}, None, is_paged):
        name = _name(run.nodes, taken)
        taken.add(name)
        pages.append(Page(name, tuple(node.path for node in run.nodes), run.label, run.repeat, run.hub))
    return tuple(pages)


def is_visible(node: Group | Item) -> bool:
    """Whether a respondent can ever see it."""
    if isinstance(node, Group):
        return any(is_visible(child) for child in node.children)
    return node.kind not in _UNSEEN


@dataclass(frozen=True, slots=True)
class _Run:
    """What becomes one page."""

    nodes: list[Group | Item]
    label: Text
    repeat: str
    hub: str = ""


def _runs(children: Sequence[Group | Item], label: Text, around: Group | None, is_paged: bool) -> Iterator[_Run]:
    """One page at a time. `around` is the repeat in whose entries they are shown, None outside such repeats."""
    loose: list[Group | Item] = []
    repeat, top = (around.key, around.path) if around else ("", "")
    for node in children:
        if not is_visible(node):
            continue
        if isinstance(node, Item):
            loose.append(node)
            continue
        body, notes = _split_trailing_notes(loose)
        loose = []
        if _is_page(node, is_paged and node.parent == top):
            if body:
                yield _Run(body, label, repeat)
            yield _Run([*notes, node], node.label, repeat, node.key if _is_hub(node) else "")
            if _is_hub(node):
                yield from _runs(node.children, node.label, node, is_paged)
            continue
        if body or notes:
            yield _Run([*body, *notes], label, repeat)
        yield from _runs(node.children, node.label or label, around, is_paged)
    if loose:
        yield _Run(loose, label, repeat)


def _is_hub(group: Group) -> bool:
    return group.is_repeat and not _ONE_PAGE & set(group.appearance)


def _is_page(group: Group, is_paged: bool) -> bool:
    if group.is_repeat or _ONE_PAGE & set(group.appearance):
        return True
    return is_paged and not any(isinstance(child, Group) and _holds_page(child) for child in group.children)


def _holds_page(group: Group) -> bool:
    inside = (child for child in group.children if isinstance(child, Group))
    return group.is_repeat or "field-list" in group.appearance or any(_holds_page(child) for child in inside)


def _split_trailing_notes(nodes: list[Group | Item]) -> tuple[list[Group | Item], list[Group | Item]]:
    end = len(nodes)
    while end and isinstance(nodes[end - 1], Item) and _is_note(nodes[end - 1]):
        end -= 1
    return nodes[:end], nodes[end:]


def _is_note(node: Group | Item) -> bool:
    return isinstance(node, Item) and node.kind is Kind.NOTE


def _name(nodes: list[Group | Item], taken: set[str]) -> str:
    """Key of the group, else of the first question, else of the first note; cut off where that is very long."""
    groups = [node for node in nodes if isinstance(node, Group)]
    questions = [node for node in nodes if not _is_note(node)]
    stem = (groups or questions or nodes)[0].key.replace("/", ".")[:LONGEST_NAME]
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}.{number}"
    return name

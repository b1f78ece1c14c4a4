"""Which questions are seen together.

A `field-list` group is a page, and so is a repeat. With the setting `style` = `pages` every top-level group is one.
Loose questions form a page up to the next group. Notes join the question that follows them.
"""

from collections.abc import Iterator, Sequence

from surveys.instrument.model import Group, Item, Kind, Page, Text

_UNSEEN = {Kind.CALCULATE, Kind.HIDDEN, Kind.METADATA}


def build_pages(children: Sequence[Group | Item], style: str) -> tuple[Page, ...]:
    """Every page of a questionnaire in order, with names that are unique and fit into an address."""
    is_paged = "pages" in style.split()
    pages: list[Page] = []
    taken: set[str] = set()
    for nodes, label in _runs(children, {}, is_paged):
        name = _name(nodes, taken)
        taken.add(name)
        pages.append(Page(name, tuple(node.path for node in nodes), label))
    return tuple(pages)


def is_visible(node: Group | Item) -> bool:
    """Whether a respondent can ever see it."""
    if isinstance(node, Group):
        return any(is_visible(child) for child in node.children)
    return node.kind not in _UNSEEN


Run = tuple[list[Group | Item], Text]


def _runs(children: Sequence[Group | Item], label: Text, is_paged: bool) -> Iterator[Run]:
    """Nodes of one page at a time, with the page's label. `is_paged` holds for the top level only."""
    loose: list[Group | Item] = []
    for node in children:
        if not is_visible(node):
            continue
        if isinstance(node, Item):
            loose.append(node)
            continue
        body, notes = _split_trailing_notes(loose)
        loose = []
        if _is_page(node, is_paged):
            if body:
                yield body, label
            yield [*notes, node], node.label
            continue
        if body or notes:
            yield [*body, *notes], label
        yield from _runs(node.children, node.label or label, is_paged=False)
    if loose:
        yield loose, label


def _is_page(group: Group, is_paged: bool) -> bool:
    if group.is_repeat or {"field-list", "table-list"} & set(group.appearance):
        return True
    return is_paged and not any(isinstance(child, Group) and _holds_page(child) for child in group.children)


def _holds_page(group: Group) -> bool:
    inside = (child for child in group.children if isinstance(child, Group))
    return "field-list" in group.appearance or any(_holds_page(child) for child in inside)


def _split_trailing_notes(nodes: list[Group | Item]) -> tuple[list[Group | Item], list[Group | Item]]:
    end = len(nodes)
    while end and isinstance(nodes[end - 1], Item) and _is_note(nodes[end - 1]):
        end -= 1
    return nodes[:end], nodes[end:]


def _is_note(node: Group | Item) -> bool:
    return isinstance(node, Item) and node.kind is Kind.NOTE


def _name(nodes: list[Group | Item], taken: set[str]) -> str:
    """Key of the group, else of the first question, else of the first note."""
    groups = [node for node in nodes if isinstance(node, Group)]
    questions = [node for node in nodes if not _is_note(node)]
    stem = (groups or questions or nodes)[0].key.replace("/", ".")
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}.{number}"
    return name

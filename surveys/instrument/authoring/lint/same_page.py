"""Questions that depend on another one of their page: without a script, the page is shown again when they come up."""

from collections import defaultdict
from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, Written, notice
from surveys.instrument.expressions import Role
from surveys.instrument.language import nodes
from surveys.instrument.model import Item
from surveys.instrument.problems import Problem

_DECISIVE = {Role.RELEVANCE, Role.CHOICE_FILTER, Role.REPEAT_COUNT}


def same_page(subject: Subject) -> Iterator[Problem]:
    """One notice for each page on which that happens, at the first such question."""
    pages = _page_of(subject)
    found: dict[str, list[tuple[Written, Item]]] = defaultdict(list)
    for written in subject.written:
        here = pages.get(written.owner.path)
        if written.role in _DECISIVE and here is not None:
            items = (subject.meant(node, written.owner) for node in nodes.walk(written.tree))
            read = next((item for item in items if item and item.is_asked and pages.get(item.path) == here), None)
            if read is not None and read.path != written.owner.path:
                found[here].append((written, read))
    for cases in found.values():
        (first, read), *more = cases
        others = f", like {len(more)} more on it" if more else ""
        message = f"This depends on '{read.name}' on the same page{others}: the page may be shown twice."
        place = subject.place(first.owner, first.role.value)
        yield notice("same_page", message, place, "Put it on the next page if that disturbs.")


def _page_of(subject: Subject) -> dict[str, str]:
    """Name of its page by path of every node that is on one."""
    return {node.path: page.name for page, on_page in subject.instrument.nodes_by_page() for node in on_page}

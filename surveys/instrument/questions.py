"""The questions of a page, one for each instance where a repeat is on it, and which pages are shown at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from surveys.instrument.controls import control_name
from surveys.instrument.evaluation import Program, State
from surveys.instrument.model import Group, Instrument, Item, Kind, Page

#: Nodes by page for each program in use: looked up many times for each page shown.
_LAYOUTS: WeakKeyDictionary[Program, dict[str, tuple[Group | Item, ...]]] = WeakKeyDictionary()
#: The pages shown in each state in use: one post asks for them more than once.
_SHOWN: WeakKeyDictionary[State, tuple[Page, ...]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Question:
    """An item on a page, in one instance ("" outside repeats)."""

    item: Item
    instance: str = ""

    @property
    def key(self) -> str:
        return self.item.key

    @property
    def control(self) -> str:
        return control_name(self.item.key, self.item.repeat, self.instance)

    @property
    def place(self) -> tuple[str, str]:
        return self.item.key, self.instance


def page_named(instrument: Instrument, name: str) -> Page | None:
    return next((page for page in instrument.pages if page.name == name), None)


def nodes_of(program: Program, page: Page) -> tuple[Group | Item, ...]:
    """The groups and items that a page lists, in its order."""
    layout = _LAYOUTS.get(program)
    if layout is None:
        layout = _LAYOUTS[program] = _layout(program.instrument)
    return layout.get(page.name, ())


def _layout(instrument: Instrument) -> dict[str, tuple[Group | Item, ...]]:
    by_path: Mapping[str, Group | Item] = {node.path: node for node in instrument.nodes()}
    return {page.name: tuple(by_path[path] for path in page.nodes if path in by_path) for page in instrument.pages}


def questions_of(program: Program, state: State, page: Page) -> Iterator[Question]:
    """Every item on the page that takes an answer, relevant or not, for every instance there is."""
    for node in nodes_of(program, page):
        yield from _questions(node, state, "")


def _questions(node: Group | Item, state: State, instance: str) -> Iterator[Question]:
    if isinstance(node, Item):
        if node.is_asked:
            yield Question(node, instance)
        return
    for inside in state.instances(node.key, instance) if node.is_repeat else (instance,):
        for child in node.children:
            yield from _questions(child, state, inside)


def is_shown(program: Program, state: State, page: Page) -> bool:
    """Whether there is anything on the page to see now."""
    return any(_is_seen(node, state, "") for node in nodes_of(program, page))


def _is_seen(node: Group | Item, state: State, instance: str) -> bool:
    if isinstance(node, Item):
        return (node.is_asked or node.kind is Kind.NOTE) and state.is_relevant(node.key, instance)
    if not state.is_group_relevant(node.path, instance):
        return False
    if not node.is_repeat:
        return any(_is_seen(child, state, instance) for child in node.children)
    if not node.repeat_count:
        return True
    return any(
        _is_seen(child, state, inside) for inside in state.instances(node.key, instance) for child in node.children
    )


def shown(program: Program, state: State) -> tuple[Page, ...]:
    """The pages that have anything to see now, in order."""
    known = _SHOWN.get(state)
    if known is None:
        known = _SHOWN[state] = tuple(page for page in program.instrument.pages if is_shown(program, state, page))
    return known

"""The pages as they are shown: each page of a repeat's entries once for every entry, and what comes after what.

An entry is what a respondent sees of an instance of a repeat that has a hub; the id of the instance names both.

A hub leads past its entries to the page after them. In an entry its own pages follow each other, and the last one leads
back to the hub; where a `repeat_count` asks for entries, it leads to the next entry nobody has been through yet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional
from weakref import WeakKeyDictionary

from surveys.instrument.evaluation import Program, State
from surveys.instrument.model import Group, Item, Kind, Page

#: Between the name of a page and the entry it is shown in. No name of an item or a group holds it.
SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class Screen:
    """A page in one entry; `instance` is its id, "" outside repeats, and `hub` the screen that lists it."""

    page: Page
    instance: str = ""
    hub: Optional["Screen"] = None

    @property
    def name(self) -> str:
        """What it is called in addresses and in stored interviews."""
        return f"{self.page.name}{SEPARATOR}{self.instance}" if self.instance else self.page.name


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is looked up of a program's pages many times for each page shown."""

    nodes: Mapping[str, tuple[Group | Item, ...]]  # by page
    pages: Mapping[str, tuple[Page, ...]]  # by the repeat in whose entries they are, "" outside
    repeats: Mapping[str, Group]  # by hub
    outside: tuple[Screen, ...]  # the screens that are in no entry


_LAYOUTS: WeakKeyDictionary[Program, _Layout] = WeakKeyDictionary()
#: The screens shown in each state in use: one post asks for them more than once.
_SHOWN: WeakKeyDictionary[State, tuple[Screen, ...]] = WeakKeyDictionary()


def _layout(program: Program) -> _Layout:
    known = _LAYOUTS.get(program)
    if known is None:
        instrument = program.instrument
        by_path = {node.path: node for node in instrument.nodes()}
        nodes = {page.name: tuple(by_path[path] for path in page.nodes if path in by_path) for page in instrument.pages}
        pages: dict[str, list[Page]] = {}
        for page in instrument.pages:
            pages.setdefault(page.repeat, []).append(page)
        repeats = {
            page.name: node
            for page in instrument.pages
            for node in nodes[page.name]
            if isinstance(node, Group) and node.is_repeat and node.key == page.hub
        }
        outside = tuple(Screen(page) for page in pages.get("", ()))
        known = _LAYOUTS[program] = _Layout(nodes, {key: tuple(some) for key, some in pages.items()}, repeats, outside)
    return known


def nodes_of(program: Program, page: Page) -> tuple[Group | Item, ...]:
    """The groups and items that a page lists, in its order."""
    return _layout(program).nodes.get(page.name, ())


def repeat_of(program: Program, page: Page) -> Group | None:
    """The repeat whose entries a hub lists, None for any other page."""
    return _layout(program).repeats.get(page.name)


def every_screen(program: Program, state: State, hub: Screen | None = None, entry: str = "") -> Iterator[Screen]:
    """Every screen there is, shown or not, a hub before the screens of its entries; or those of one entry of a hub."""
    layout = _layout(program)
    inside = (Screen(page, entry, hub) for page in layout.pages.get(hub.page.hub, ())) if hub else layout.outside
    for screen in inside:
        yield screen
        if screen.page.hub:
            for inner in state.instances(screen.page.hub, entry):
                yield from every_screen(program, state, screen, inner)


def shown(program: Program, state: State) -> tuple[Screen, ...]:
    """The screens that have anything to see now, in order."""
    known = _SHOWN.get(state)
    if known is None:
        screens = every_screen(program, state)
        known = _SHOWN[state] = tuple(screen for screen in screens if is_shown(program, state, screen))
    return known


def split_name(name: str) -> tuple[str, str]:
    """Page and entry that the name of a screen tells."""
    page, _, entry = name.partition(SEPARATOR)
    return page, entry


def screen_named(program: Program, state: State, name: str) -> Screen | None:
    """The screen of that name, shown or not; None where there is no such page or entry."""
    page_name, entry = split_name(name)
    page = next((page for page in program.instrument.pages if page.name == page_name), None)
    if page is None or not page.repeat:
        return None if page is None or entry else Screen(page)
    return next((one for one in every_screen(program, state) if one.page is page and one.instance == entry), None)


def is_shown(program: Program, state: State, screen: Screen) -> bool:
    """Whether there is anything on it to see now."""
    return any(_is_seen(node, state, screen.instance) for node in nodes_of(program, screen.page))


def _is_seen(node: Group | Item, state: State, instance: str) -> bool:
    if isinstance(node, Item):
        return (node.is_asked or node.kind is Kind.NOTE) and state.is_relevant(node.key, instance)
    if not state.is_relevant(node.path, instance):
        return False
    if not node.is_repeat:
        return any(_is_seen(child, state, instance) for child in node.children)
    if not node.repeat_count:
        return True
    return any(
        _is_seen(child, state, inside) for inside in state.instances(node.key, instance) for child in node.children
    )


def next_beside(program: Program, state: State, screen: Screen) -> Screen | None:
    """The next screen of the same entry, or outside repeats the next one there; None behind the last."""
    pages = _layout(program).pages[screen.page.repeat]
    return _first_shown(program, state, screen, pages[pages.index(screen.page) + 1 :])


def following(program: Program, state: State, screen: Screen) -> Screen | None:
    """Where someone goes on from a screen; None where the questionnaire ends."""
    beside, hub = next_beside(program, state, screen), screen.hub
    if beside is not None or hub is None:
        return beside
    ahead = next_unvisited(program, state, hub, after=screen.instance)
    return ahead or (hub if is_shown(program, state, hub) else following(program, state, hub))


def preceding(program: Program, state: State, screen: Screen) -> Screen:
    """Where someone goes back to: the page before, from an entry's first page its hub; the same one at the start."""
    pages = _layout(program).pages[screen.page.repeat]
    beside = _first_shown(program, state, screen, pages[: pages.index(screen.page)][::-1])
    if beside is not None or screen.hub is None:
        return beside or screen
    return screen.hub if is_shown(program, state, screen.hub) else preceding(program, state, screen.hub)


def entrance(program: Program, state: State, hub: Screen, entry: str) -> Screen | None:
    """The first screen of an entry, None where there is nothing in it to see now."""
    return _first_shown(program, state, Screen(hub.page, entry, hub), _layout(program).pages.get(hub.page.hub, ()))


def next_unvisited(program: Program, state: State, hub: Screen, *, after: str = "") -> Screen | None:
    """The entrance of the first entry, or first after that one, that a count asks for and nobody has been through."""
    repeat = repeat_of(program, hub.page)
    if repeat is None or not repeat.repeat_count:
        return None
    entries = state.instances(repeat.key, hub.instance)
    later = entries[entries.index(after) + 1 :] if after in entries else entries
    entrances = (entrance(program, state, hub, entry) for entry in later if not state.is_visited(entry))
    return next((screen for screen in entrances if screen is not None), None)


def _first_shown(program: Program, state: State, beside: Screen, pages: tuple[Page, ...]) -> Screen | None:
    """The first of these pages that is shown in the entry of a screen beside them."""
    screens = (Screen(page, beside.instance, beside.hub) for page in pages)
    return next((screen for screen in screens if is_shown(program, state, screen)), None)

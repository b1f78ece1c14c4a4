"""The questions of a screen, one for each instance where a repeat is drawn on it."""

from collections.abc import Iterator
from dataclasses import dataclass

from surveys.instrument.controls import control_name
from surveys.instrument.document import Place
from surveys.instrument.evaluation import Program, State
from surveys.instrument.model import Group, Item, Kind
from surveys.instrument.screens import Screen, nodes_of


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
    def place(self) -> Place:
        return self.item.key, self.instance


def questions_of(program: Program, state: State, screen: Screen) -> Iterator[Question]:
    """Every item on it that takes an answer, relevant or not. A hub has none: its entries have their own screens."""
    return (one for one in _items_of(program, state, screen) if one.item.is_asked)


def notes_of(program: Program, state: State, screen: Screen) -> Iterator[Question]:
    """Every note on it, relevant or not."""
    return (one for one in _items_of(program, state, screen) if one.item.kind is Kind.NOTE)


def _items_of(program: Program, state: State, screen: Screen) -> Iterator[Question]:
    if not screen.page.hub:
        for node in nodes_of(program, screen.page):
            yield from _items(node, state, screen.instance)


def _items(node: Group | Item, state: State, instance: str) -> Iterator[Question]:
    if isinstance(node, Item):
        yield Question(node, instance)
        return
    for inside in state.instances(node.key, instance) if node.is_repeat else (instance,):
        for child in node.children:
            yield from _items(child, state, inside)

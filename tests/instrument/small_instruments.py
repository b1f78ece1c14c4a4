"""Instruments of a few items, written in a line each, and an environment to evaluate them in."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from surveys.instrument.evaluation import Environment, Program, compile_program
from surveys.instrument.model import Choice, ChoiceList, Group, Instrument, Item, Kind
from surveys.instrument.problems import Place

ZONE = ZoneInfo("Asia/Tbilisi")
NOW = datetime(2024, 5, 1, 0, 30, tzinfo=ZONE)


def environment(**changes) -> Environment:
    return Environment(**{"now": NOW, "today": date(2024, 5, 1), "seed": 7, "language": "ru"} | changes)


def item(name: str, kind: Kind = Kind.TEXT, **fields) -> Item:
    return Item(**{"key": name, "name": name, "kind": kind, "path": f"/{name}"} | fields)


def calculate(name: str, calculation: str, **fields) -> Item:
    return item(name, Kind.CALCULATE, calculation=calculation, **fields)


def group(name: str, *children, **fields) -> Group:
    return Group(**{"key": name, "name": name, "path": f"/{name}", "children": children} | fields)


def repeat(name: str, *children, **fields) -> Group:
    return group(name, *children, is_repeat=True, **fields)


def choice(name: str, label: str = "", **fields) -> Choice:
    extra = {column: fields.pop(column) for column in list(fields) if column not in {"missing", "outcome"}}
    return Choice(name, {"": label or name.upper()}, extra, **fields)


def instrument(*children, lists=None, languages=("",), **fields) -> Instrument:
    """Paths, places and the keys of repeats are filled in as a reader would."""
    rows = iter(range(2, 10_000))
    placed = tuple(_placed(child, "", "", rows) for child in children)
    named = {name: ChoiceList(name, tuple(choices)) for name, choices in (lists or {}).items()}
    return Instrument("Test", "test", "1", tuple(languages), languages[0], placed, named, (), **fields)


def _placed(node, parent: str, around: str, rows):
    path = f"{parent}/{node.name}"
    common = {"path": path, "parent": parent, "repeat": around, "place": Place("survey", next(rows))}
    fields = {name: getattr(node, name) for name in type(node).__slots__} | common
    if isinstance(node, Group):
        inside = node.key if node.is_repeat else around
        fields["children"] = tuple(_placed(child, path, inside, rows) for child in node.children)
    return type(node)(**fields)


def program(*children, **fields) -> Program:
    return compile_program(instrument(*children, **fields))

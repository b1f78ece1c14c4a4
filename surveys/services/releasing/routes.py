"""Routes: being asked an item, or routed past it, may tell what a quasi-identifier would have told.

"Do you follow the politics of the country where you live?" is asked of everybody who isn't in Russia. Who was routed
past it is in Russia, whatever has become of `country` in the file. So the route counts as a quasi-identifier of its
own; where it has to be suppressed, all items behind it are written as suppressed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.instrument import language
from surveys.instrument.language import nodes
from surveys.instrument.model import Disclosure, Group, Instrument, Item
from surveys.services.releasing.fieldwork import Answered
from surveys.services.releasing.plan import Plan, strictest

_IDENTIFYING = {Disclosure.QUASI, Disclosure.OPEN, Disclosure.DIRECT}

ASKED, PAST, UNREACHED = "asked", "past", "unreached"


@dataclass(frozen=True, slots=True)
class Route:
    """Items that are asked under the same identifying conditions. `items` are their keys by version."""

    condition: str
    items: Mapping[int, tuple[str, ...]]

    @property
    def name(self) -> str:
        return f"route: {self.condition}"

    def taken_by(self, record: Answered) -> str:
        """Which way this respondent went, "" where their version has no such route."""
        keys = self.items.get(record.version, ())
        return route_taken(str(record.missing.get(key, "")) for key in keys) if keys else ""


def find_routes(plan: Plan, instruments: Mapping[int, Instrument]) -> tuple[Route, ...]:
    """The routes of all items that are released as they are."""
    named = {variable.base for variable in plan.quasi}
    found: dict[str, dict[int, list[str]]] = {}
    for version, instrument in instruments.items():
        reader = _Conditions(instrument, named)
        for variable in plan.other:
            item = variable.parts.get(version)
            condition = reader.identifying(item) if isinstance(item, Item) else ""
            if item is not None and condition:
                found.setdefault(condition, {}).setdefault(version, []).append(item.key)
    return tuple(
        Route(condition, {version: tuple(keys) for version, keys in items.items()})
        for condition, items in found.items()
    )


def merged(routes: Sequence[Route], records: Sequence[Answered]) -> tuple[Route, ...]:
    """Routes that part these records in the same way as one route; those that part nobody are left out."""
    by_parting: dict[tuple[str, ...], list[Route]] = {}
    for route in routes:
        parting = tuple(route.taken_by(record) for record in records)
        if len(set(parting)) > 1:
            by_parting.setdefault(parting, []).append(route)
    return tuple(_as_one(alike) for alike in by_parting.values())


def _as_one(routes: Sequence[Route]) -> Route:
    items: dict[int, tuple[str, ...]] = {}
    for route in routes:
        for version, keys in route.items.items():
            items[version] = items.get(version, ()) + keys
    return Route("; ".join(route.condition for route in routes), items)


def route_taken(missing: Iterable[str]) -> str:
    """Which way somebody went, from why their items of the route have no value ("" where one has)."""
    reasons = set(missing)
    if reasons - {"not_routed", "not_reached"}:
        return ASKED
    return PAST if "not_routed" in reasons else UNREACHED


class _Conditions:
    """Reads the relevance of an instrument's items and of the groups around them."""

    def __init__(self, instrument: Instrument, named_quasi: set[str]) -> None:
        self._by_path = {node.path: node for node in instrument.nodes()}
        self._by_name: dict[str, list[Group | Item]] = {}
        for node in instrument.nodes():
            self._by_name.setdefault(node.name, []).append(node)
        self._named_quasi = named_quasi
        self._known: dict[str, bool] = {}

    def identifying(self, item: Item) -> str:
        """The conditions of the item that read what identifies, joined by "and"; "" where none does."""
        return " and ".join(sorted({text for text in self._chain(item) if self._reads_identifying(text)}))

    def _chain(self, node: Group | Item) -> list[str]:
        """Relevance of the node and of all groups around it."""
        chain: list[str] = []
        here: Group | Item | None = node
        while here is not None:
            chain.extend([here.relevance] if here.relevance else [])
            here = self._by_path.get(here.parent)
        return chain

    def _reads_identifying(self, expression: str) -> bool:
        """Whether it reads an identifying item, or one that is itself asked of some because of one."""
        if expression not in self._known:
            self._known[expression] = False  # a circle reads nothing new
            self._known[expression] = any(
                self._identifies(node) for name in _names(expression) for node in self._by_name.get(name, [])
            )
        return self._known[expression]

    def _identifies(self, node: Group | Item) -> bool:
        if isinstance(node, Item) and (node.trend or node.key) in self._named_quasi:
            return True
        if strictest([node]) in _IDENTIFYING:
            return True
        return any(self._reads_identifying(text) for text in self._chain(node))


def _names(expression: str) -> set[str]:
    """Names of the items and groups that an expression of a published version reads."""
    try:
        tree = language.parse(expression)
    except language.ExpressionError:
        return set()
    names: set[str] = set()
    for node in nodes.walk(tree):
        if isinstance(node, nodes.Reference):
            names.add(node.name)
        elif isinstance(node, nodes.Path):
            names |= {step.test for step in node.steps}
    return names

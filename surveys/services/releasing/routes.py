"""Routes: being asked an item, or routed past it, may tell what a quasi-identifier would have told.

"Do you follow the politics of the country where you live?" is asked of everybody who isn't in Russia. Who was routed
past it is in Russia, whatever has become of `country` in the file. So the route counts as a quasi-identifier of its
own; where it has to be suppressed, all items behind it are written as suppressed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.instrument.model import Item
from surveys.services.releasing.answered import Answered
from surveys.services.releasing.plan import Plan
from surveys.services.releasing.reading import Reading

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


def find_routes(plan: Plan, readings: Mapping[int, Reading]) -> tuple[Route, ...]:
    """The routes of all items that are released as they are."""
    found: dict[str, dict[int, list[str]]] = {}
    for version, reading in readings.items():
        for variable in plan.other:
            item = variable.parts.get(version)
            condition = reading.route(item) if isinstance(item, Item) else ""
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

"""Changes to what somebody answers: which ones are worth trying where conditions don't hold yet, and making them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, islice, product
from math import ceil, floor, isfinite

from surveys.instrument import document
from surveys.instrument.evaluation import State
from surveys.instrument.frames import Frame
from surveys.instrument.model import Group, Kind
from surveys.instrument.walk.distance import Gap
from surveys.instrument.walk.goals import BLANK, Goal, Script, Value, Variable
from surveys.instrument.walk.reading import Reader

#: Values of one variable, and combinations, that are tried for two variables at once.
MOST_IN_PAIRS, MOST_PAIRS = 12, 500
#: Instances of a repeat whose answers are changed.
MOST_INSTANCES = 4
#: Steps of a number or of days through which a straight line is drawn.
STEPS = (1, 40, 1000)

#: The values worth trying for a variable, the most telling ones first.
Pool = Callable[[Variable, Goal], list[Value]]
#: The difference of a gap's numbers after a change.
Probe = Callable[["Change", Gap], float]


@dataclass(frozen=True, slots=True)
class Change:
    """An answer in one instance (`place`), or a prior answer. With `instances`, so many more in the repeat there."""

    variable: Variable
    value: Value = BLANK
    place: Frame | None = None
    instances: int = 0


class Changes:
    """What can be changed about the scripts of one program."""

    def __init__(self, reader: Reader, pool: Pool, probe: Probe) -> None:
        self.reader = reader
        self.schema = reader.schema
        self.pool = pool
        self.probe = probe

    def towards(self, gaps: list[Gap], state: State) -> Iterator[tuple[Change, ...]]:
        """What may close a gap: first one change, the most promising kind first, then two at once."""
        for gap in gaps:
            for variable, place in self._variables(gap, state):
                yield from ((change,) for change in self._along_a_line(gap, variable, place))
        for gap in gaps:
            for variable, place in self._variables(gap, state):
                yield from ((change,) for change in self._values(gap, variable, place))
            yield from ((change,) for change in self._instances(gap, state))
        for gap in gaps:
            yield from self._pairs(gap, state)

    def _variables(self, gap: Gap, state: State) -> list[tuple[Variable, Frame | None]]:
        """What the gap's condition reads and somebody can answer now, instance by instance."""
        found: list[tuple[Variable, Frame | None]] = []
        for variable in self.reader.read_by(gap.goal):
            if isinstance(variable, tuple):
                found.append((variable, None))
                continue
            spec = self.schema.by_key[variable]
            here = gap.frame.at(spec.level)
            places = [here] if here is not None else state.frames(spec.level)[:MOST_INSTANCES]
            found += [(variable, place) for place in places if place.relevant[spec.slot]]
        return found

    def _values(self, gap: Gap, variable: Variable, place: Frame | None) -> Iterator[Change]:
        held, pool = _held(variable, place), self.pool(variable, gap.goal)
        yield from (Change(variable, value, place) for value in pool if value != held)
        if isinstance(held, tuple):
            chosen = [value[0] for value in pool if isinstance(value, tuple) and len(value) == 1]
            yield from (Change(variable, _toggled(held, name), place) for name in chosen)

    def _along_a_line(self, gap: Gap, variable: Variable, place: Frame | None) -> Iterator[Change]:
        """Where the straight line through the value there is and another one meets what it is compared with."""
        item = self.schema.by_key[variable].item if isinstance(variable, str) else None
        held = _held(variable, place)
        if item is None or not isfinite(gap.difference) or not isinstance(held, str):
            return
        for step in STEPS:
            beside = shifted(item.kind, held, step)
            slope = self.probe(Change(variable, beside, place), gap) - gap.difference if beside else 0.0
            if slope and isfinite(slope):
                meeting = -gap.difference * step / slope
                near = {floor(meeting), ceil(meeting), floor(meeting) - 1, ceil(meeting) + 1}
                ranked: list[float] = [meeting, *sorted(near, key=lambda by: abs(by - meeting))]
                values = dict.fromkeys(shifted(item.kind, held, by) for by in ranked)
                yield from (Change(variable, value, place) for value in values if value)
                return

    def _pairs(self, gap: Gap, state: State) -> Iterator[tuple[Change, ...]]:
        both = combinations(self._variables(gap, state)[:MOST_INSTANCES], 2)
        values = (product(*(islice(self._values(gap, *one), MOST_IN_PAIRS) for one in two)) for two in both)
        yield from islice((pair for pairs in values for pair in pairs), MOST_PAIRS)

    def _instances(self, gap: Gap, state: State) -> Iterator[Change]:
        """One more instance of each repeat that the gap has to do with, or one less."""
        for repeat in self.reader.repeats_behind(gap.goal):
            if isinstance(repeat.node, Group) and repeat.node.repeat_count:
                continue
            here = gap.frame.at(repeat.level)
            for place in [here] if here is not None else state.frames(repeat.level)[:MOST_INSTANCES]:
                yield from (Change(repeat.key, place=place, instances=by) for by in (1, -1))


def changed(script: Script, changes: tuple[Change, ...], seed: int) -> Script:
    """A copy of the script with these changes."""
    answers = document.copied(dict(script.answers))
    prior = {wave: dict(values) for wave, values in script.prior.items()}
    for change in changes:
        if isinstance(change.variable, tuple):
            wave, item = change.variable
            prior.setdefault(wave, {})[item] = change.value if isinstance(change.value, str) else BLANK
            continue
        place = change.place.instance if change.place is not None else ""
        _ensure(answers, change.place)
        if change.instances > 0:
            document.add_instance(answers, change.variable, place, seed)
        elif change.instances < 0:
            _remove_last(answers, change.variable, place)
        else:
            value = list(change.value) if isinstance(change.value, tuple) else change.value
            document.store(answers, change.variable, place, value)
    return Script(answers, prior)


def _ensure(answers: dict[str, object], frame: Frame | None) -> None:
    """A place in the document for an instance that is only counted so far, and those around it."""
    if frame is not None and frame.outer is not None and frame.level.repeat is not None:
        _ensure(answers, frame.outer)
        document.ensure_instance(answers, frame.level.repeat.key, frame.instance, frame.outer.instance)


def _remove_last(answers: dict[str, object], repeat: str, outer: str) -> None:
    around = document.holder(answers, outer)
    found = document.instances(around, repeat) if around is not None else []
    if found:
        document.remove_instance(answers, repeat, found[-1][document.ID])


def _held(variable: Variable, place: Frame | None) -> Value | None:
    """What is answered there now, None for a prior answer."""
    found = place.raw.get(variable, BLANK) if place is not None and isinstance(variable, str) else None
    return tuple(map(str, found)) if isinstance(found, list) else found if isinstance(found, str) else None


def _toggled(chosen: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in chosen if one != name) if name in chosen else (*chosen, name)


def shifted(kind: Kind, value: str, by: float) -> str:
    """A number or a date so much later, "" where that can't be."""
    try:
        if kind is Kind.INTEGER:
            return str(int(float(value)) + round(by))
        if kind in {Kind.DECIMAL, Kind.RANGE}:
            return f"{float(value) + by:.10g}"
        if kind is Kind.DATE:
            return (date.fromisoformat(value[:10]) + timedelta(days=round(by))).isoformat()
    except (ValueError, OverflowError):
        return ""
    return ""

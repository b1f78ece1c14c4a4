"""One step of an evaluation: whether a node is relevant, and its value, in one frame."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.instrument.casts import CASTS, chosen_of, instant_of, text_of
from surveys.instrument.choices import Filter, PreparedList, is_offered
from surveys.instrument.document import ID, inputs_marks
from surveys.instrument.frames import Around, Frame
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.values import Value, to_boolean, to_number, to_printed
from surveys.instrument.model import Item, Kind
from surveys.instrument.schema import PANELIST, Level, Spec

#: What an expression may raise when it runs: it then counts as blank.
FAILURES = (ArithmeticError, ValueError, TimeoutError, RecursionError)
MAX_INSTANCES = 1_000  # of one repeat, whatever a count or a document asks for

Step = Callable[["Run", Frame], None]
Reader = Callable[[Frame], str]


@dataclass(slots=True)
class Run:
    """The frames of one evaluation: by level, and by the id of their instance."""

    around: Around
    root: Frame
    by_level: list[list[Frame]]
    by_instance: dict[str, Frame] = field(default_factory=dict)


def result(closure: Closure, context: Context) -> Value:
    """The value of an expression, "" where it can't be worked out."""
    try:
        return closure(context)
    except FAILURES:
        return ""


def holds(closure: Closure | None, context: Context) -> bool:
    """Whether a condition is true; without one it is."""
    if closure is None:
        return True
    try:
        value = closure(context)
    except FAILURES:
        return False
    return value is True or (value is not False and to_boolean(value))


def shared_condition(closure: Closure, place: int) -> Closure:
    """A condition that several nodes have, worked out once in each frame."""

    def condition(context: Context) -> Value:
        known = context.frame.conditions
        value = known[place]
        if value is None:
            value = known[place] = holds(closure, context)
        return bool(value)

    return condition


# Items


def item_step(spec: Spec, relevance: Closure | None, value: Reader | None) -> Step:
    slot, parent = spec.slot, spec.parent_slot

    def step(run: Run, frame: Frame) -> None:
        if frame.relevant[parent] and (relevance is None or holds(relevance, frame.context)):
            frame.relevant[slot] = True
            if value is not None:
                frame.values[slot] = value(frame)

    return step


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the value of an item comes from, each None where it has none."""

    calculation: Closure | None = None
    is_calculated_always: bool = False
    default: Closure | None = None
    prepared: PreparedList | None = None
    choice_filter: Filter | None = None
    inputs: Closure | None = None  # the mark of what the calculation reads


def value_reader(item: Item, sources: Sources) -> Reader | None:
    """What works out the value of a relevant item; None for what never has one."""
    if item.kind is Kind.NOTE or item.name == PANELIST:
        return None
    raw = _raw_reader(item, sources)
    if item.has_list and sources.prepared is not None:
        return _offered_reader(item, sources.prepared, sources.choice_filter, raw)
    if item.kind is Kind.DATETIME:
        return lambda frame: instant_of(raw(frame), frame.context.surroundings.zone)
    cast = CASTS.get(item.kind, text_of)

    def value(frame: Frame) -> str:
        found = raw(frame)
        return cast(found) if found else ""

    return value


def _raw_reader(item: Item, sources: Sources) -> Callable[[Frame], Any]:
    """The stored answer; a calculation where it counts; the default as long as there was no answer, blank or not.

    An answer that was written over a calculated one stands as long as nothing changes that the calculation reads.
    """
    key, calculation, default, fixed_default = item.key, sources.calculation, sources.default, item.default
    inputs = sources.inputs

    def computed(frame: Frame) -> str:
        return to_printed(result(calculation, frame.context)) if calculation else ""

    def stored(frame: Frame) -> Any:
        if key in frame.raw and not (inputs and _is_overtaken(key, frame, inputs)):
            return frame.raw[key]
        if calculation is not None:
            return computed(frame)
        return to_printed(result(default, frame.context)) if default else fixed_default

    if calculation is None and default is None:
        return lambda frame: frame.raw.get(key, fixed_default)
    return computed if calculation and sources.is_calculated_always else stored


def _is_overtaken(key: str, frame: Frame, inputs: Closure) -> bool:
    mark = inputs_marks(frame.raw).get(key)
    return mark is not None and mark != result(inputs, frame.context)


def _offered_reader(
    item: Item, prepared: PreparedList, choice_filter: Filter | None, raw: Callable[[Frame], Any]
) -> Reader:
    def offered(frame: Frame, name: str) -> bool:
        try:
            return is_offered(prepared, name, choice_filter, frame.context)
        except FAILURES:
            return False

    places = prepared.places

    def one(frame: Frame) -> str:
        name = raw(frame)
        if not name or not isinstance(name, str) or name not in places:
            return ""
        return name if choice_filter is None or offered(frame, name) else ""

    def several(frame: Frame) -> str:
        return " ".join(name for name in chosen_of(raw(frame)) if offered(frame, name))

    return several if item.takes_several else one


def seeded(spec: Spec, closure: Closure) -> Closure:
    """An expression whose random functions draw for this node and instance."""
    key = spec.key

    def run(context: Context) -> Value:
        here = context.of(context.frame)
        here.seed = context.frame.seed_of(key)
        return closure(here)

    return run


# Groups and repeats


def group_step(spec: Spec, relevance: Closure | None) -> Step:
    return item_step(spec, relevance, None)


def repeat_step(
    spec: Spec, level: Level, relevance: Closure | None, each: Closure | None, count: Closure | None
) -> Step:
    """Makes the instances of a repeat: those of the document, as many as `repeat_count` says where it says so."""
    slot, parent = spec.slot, spec.parent_slot

    def step(run: Run, outer: Frame) -> None:
        is_relevant = outer.relevant[parent] and holds(relevance, outer.context)
        outer.relevant[slot] = is_relevant
        entries = _entries(outer.raw.get(spec.key))
        frames = outer.inner[level.index] = []
        for number in range(1, _wanted(count, outer.context, len(entries)) + 1):
            raw = entries[number - 1] if number <= len(entries) else {}
            frame = Frame(level, outer, _instance_id(run, raw, spec, outer, number), number, raw, run.around)
            frame.relevant[0] = is_relevant and holds(each, frame.context)
            frames.append(frame)
            run.by_level[level.index].append(frame)
            run.by_instance[frame.instance] = frame

    return step


def _entries(raw: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(raw, list):
        return []
    return [entry for entry in raw if isinstance(entry, dict)][:MAX_INSTANCES]


def _wanted(count: Closure | None, context: Context, existing: int) -> int:
    """How many instances there are. A blank count changes nothing: it keeps what there is."""
    number = to_number(result(count, context)) if count is not None else float(existing)
    if math.isnan(number):
        return existing
    return int(max(0.0, min(number, MAX_INSTANCES)))


def _instance_id(run: Run, raw: Mapping[str, Any], spec: Spec, outer: Frame, number: int) -> str:
    """The id in the document, or one that depends on nothing but the place, so that it is the same next time."""
    written = raw.get(ID)
    if isinstance(written, str) and written and written not in run.by_instance:
        return written
    attempt = 0
    while True:
        source = f"{outer.instance}/{spec.key}/{number}/{attempt}"
        made = "i" + hashlib.sha256(source.encode()).hexdigest()[:8]
        if made not in run.by_instance:
            return made
        attempt += 1

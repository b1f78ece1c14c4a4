"""What a post does to calculated values that are stored: those made once, those with a trigger, those written over."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from surveys.instrument import document
from surveys.instrument.document import Place
from surveys.instrument.evaluation import Program, State
from surveys.instrument.model import Item


def keep_once(program: Program, state: State, answers: dict[str, Any]) -> None:
    """Store what `once(…)` has given, so that it stays the same whatever changes later."""
    for spec in program.built.once:
        for instance in state.everywhere(spec.key):
            value = state.value(spec.key, instance)
            if value and not document.stored(answers, spec.key, instance):
                document.store(answers, spec.key, instance, value)


def pull_triggers(
    program: Program, before: State, after: State, answers: dict[str, Any], evaluate: Callable[[], State]
) -> State:
    """Calculate and store the items whose trigger has changed between the two states; the state that results.

    What this changes may be a trigger in its turn. Each item is calculated once, so that two that trigger each other
    come to rest.
    """
    pulled: set[Place] = set()
    while due := list(_due(program, before, after, pulled)):
        for key, instance in due:
            document.store(answers, key, instance, after.calculated(key, instance))
        pulled.update(due)
        after = evaluate()
    return after


def _due(program: Program, before: State, after: State, pulled: Collection[Place]) -> Iterator[Place]:
    for spec in program.built.triggered:
        if spec.item is None:
            continue
        for instance in after.everywhere(spec.key):
            if (spec.key, instance) not in pulled and _is_pulled(program, before, after, spec.item, instance):
                yield spec.key, instance


def _is_pulled(program: Program, before: State, after: State, item: Item, instance: str) -> bool:
    """Whether a trigger of the item has another value. One that breaks its constraint is not accepted yet."""
    for name in item.trigger:
        spec = program.built.schema.named(name)
        if spec is None:
            continue
        home = after.home(spec.key, instance)
        places = after.everywhere(spec.key) if home is None else (home,)
        values = [[state.value(spec.key, place) for place in places] for state in (before, after)]
        if values[0] != values[1] and not any(after.violates_constraint(spec.key, place) for place in places):
            return True
    return False

"""What was never reached and why, where nobody gets on, and what went wrong on the way."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Protocol

from surveys.instrument.evaluation import Program
from surveys.instrument.expressions import Role, place_of
from surveys.instrument.language import print_expression
from surveys.instrument.model import Group, Item
from surveys.instrument.problems import Place, Problem, Severity
from surveys.instrument.walk.goals import Goal
from surveys.instrument.walk.sitting import Stuck
from surveys.instrument.walk.steering import Steering

#: Conditions around one item beyond which pairs of them are no longer tried.
MOST_CONDITIONS = 14
_SHOWN = 8
_LENGTH = 120


class Reached(Protocol):
    """What the findings want to know of a walk's coverage."""

    @property
    def keys(self) -> Collection[str]: ...

    @property
    def answered(self) -> Collection[str]: ...

    @property
    def offered(self) -> Collection[tuple[str, str]]: ...

    @property
    def failures(self) -> Collection[tuple[str, Role, str]]: ...

    @property
    def stuck(self) -> Mapping[Stuck, int]: ...


def find(program: Program, steering: Steering, reached: Reached, items: Sequence[Item]) -> Iterator[Problem]:
    """Every finding of a walk, the gravest first."""
    places = {node.key: node for node in program.instrument.nodes()}
    yield from _dead_ends(reached, places)
    yield from _failures(reached, places)
    yield from _constraints(program, steering, reached, items)
    unreached = [item for item in items if item.key not in reached.keys]
    known = list(contradictions(steering, unreached))
    yield from dict.fromkeys(problem for _, problem in known)
    explained = {key for key, _ in known}
    yield from (_unreached(item) for item in unreached if item.key not in explained)
    yield from _choices(program, reached, items)


def choices_of(program: Program, item: Item) -> list[str]:
    found = program.instrument.choice_lists.get(item.choices) if item.has_list else None
    return [choice.name for choice in found.choices] if found else []


def contradictions(steering: Steering, items: Sequence[Item]) -> Iterator[tuple[str, Problem]]:
    """For items that can never be asked, the key and the one or two conditions because of which they can't."""
    impossible: dict[tuple[int, ...], Problem] = {}
    for item in items:
        spec = steering.schema.find(item.key)
        goals = steering.goals_of(spec) if spec else ()
        if len(goals) > MOST_CONDITIONS:
            continue
        for few in (*((goal,) for goal in goals), *combinations(goals, 2)):
            sign = tuple(id(goal.tree) for goal in few)
            if sign not in impossible and False:
                impossible[sign] = _contradiction(few)
            if sign in impossible:
                yield item.key, impossible[sign]
                break


def _contradiction(goals: tuple[Goal, ...]) -> Problem:
    node = goals[-1].owner.node
    place = place_of(node, "relevant") if node is not None else Place("survey")
    said = [f"{_short(goal)} (row {goal.owner.node.place.row})" for goal in goals if goal.owner.node is not None]
    if len(said) == 1:
        message = f"This can never be true: {said[0]}."
        advice = "Compare with a value that can be given; choices go by their name, not their label."
    else:
        message = f"These exclude each other: {' and '.join(said)}."
        advice = "Change one of them, or remove what nobody can be asked."
    return Problem(Severity.WARNING, "walk.contradiction", message, place, advice)


def _short(goal: Goal) -> str:
    text = print_expression(goal.tree) if goal.tree is not None else goal.offer
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1] + "…"


def _unreached(item: Item) -> Problem:
    message = f"Nobody reached '{item.key}'."
    advice = "Check its relevance and that of its groups, or walk with more interviews."
    return Problem(Severity.WARNING, "walk.unreached", message, place_of(item, "relevant"), advice)


def _choices(program: Program, reached: Reached, items: Sequence[Item]) -> Iterator[Problem]:
    for item in items:
        missed = [name for name in choices_of(program, item) if (item.key, name) not in reached.offered]
        if missed and item.key in reached.keys:
            shown = ", ".join(missed[:_SHOWN]) + (f" and {len(missed) - _SHOWN} more" if len(missed) > _SHOWN else "")
            message = f"'{item.key}' never offered: {shown}."
            advice = "Check its choice_filter, or walk with more interviews."
            yield Problem(Severity.WARNING, "walk.choices", message, place_of(item, "choice_filter"), advice)


def _dead_ends(reached: Reached, places: Mapping[str, Group | Item]) -> Iterator[Problem]:
    by_reasons: dict[tuple[tuple[str, str], ...], tuple[Stuck, int]] = {}
    for stuck, n in reached.stuck.items():
        known = by_reasons.get(stuck.reasons)
        by_reasons[stuck.reasons] = (stuck, n + (known[1] if known else 0))
    for stuck, n in by_reasons.values():
        people = "One respondent" if n == 1 else f"{n} respondents"
        reasons = ", ".join(f"'{key}' ({code})" for key, code in stuck.reasons) or "it comes back again and again"
        message = f"{people} found no way on from page '{stuck.page}': {reasons}."
        node = places.get(stuck.reasons[0][0]) if stuck.reasons else None
        column = "constraint" if stuck.reasons and stuck.reasons[0][1] == "constraint" else "required"
        place = place_of(node, column) if node is not None else Place("survey")
        advice = "A required question needs a choice that is offered, and a value that its constraint allows."
        yield Problem(Severity.ERROR, "walk.dead_end", message, place, advice)


def _failures(reached: Reached, places: Mapping[str, Group | Item]) -> Iterator[Problem]:
    for key, role, error in sorted(reached.failures):
        message = f"The expression of '{key}' failed while it was worked out ({error}) and counts as blank."
        node = places.get(key)
        place = place_of(node, role.value) if node is not None else Place("survey")
        yield Problem(Severity.ERROR, "walk.expression", message, place, "Check it with values at its edges.")


def _constraints(program: Program, steering: Steering, reached: Reached, items: Sequence[Item]) -> Iterator[Problem]:
    """Constraints that let nothing pass, tried for questions that were asked and never answered."""
    for item in items:
        if not item.constraint or item.key not in reached.keys or item.key in reached.answered:
            continue
        if steering.plan(item.key, steering.goals_to_value(item.key)) is not None:
            continue
        message = f"No value of '{item.key}' meets its constraint."
        advice = "Loosen it, or take out the condition that excludes the others."
        yield Problem(Severity.ERROR, "walk.constraint", message, place_of(item, "constraint"), advice)

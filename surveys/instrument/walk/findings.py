"""What was never reached and why, where nobody gets on, and what went wrong on the way."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from typing import Protocol

from surveys.instrument.evaluation import Program
from surveys.instrument.expressions import Role, place_of
from surveys.instrument.language import print_expression
from surveys.instrument.model import Group, Item
from surveys.instrument.problems import Place, Problem, Severity
from surveys.instrument.walk.goals import Goal
from surveys.instrument.walk.sitting import Stuck
from surveys.instrument.walk.steering import Steering

_SHOWN = 8
_LENGTH = 120


class Reached(Protocol):
    """What the findings want to know of a walk's coverage."""

    @property
    def keys(self) -> Collection[str]: ...

    @property
    def answered(self) -> Collection[str]: ...

    @property
    def offered(self) -> Set[tuple[str, str]]: ...

    @property
    def offerable(self) -> Set[tuple[str, str]]:
        """Choices that nobody was offered, but that the search found answers for."""

    @property
    def failures(self) -> Collection[tuple[str, Role, str]]: ...

    @property
    def stuck(self) -> Mapping[Stuck, int]: ...


def find(program: Program, steering: Steering, reached: Reached, items: Sequence[Item]) -> Iterator[Problem]:
    """Every finding of a walk, the gravest first."""
    places = {node.key: node for node in program.instrument.nodes()}
    yield from _dead_ends(reached, places)
    yield from _failures(reached, places)
    yield from _constraints(steering, reached, items)
    unreached = [item for item in items if item.key not in reached.keys]
    known = {item.key: problem for item in unreached if (problem := _contradiction(steering, item)) is not None}
    yield from dict.fromkeys(known.values())
    yield from (_unreached(item) for item in unreached if item.key not in known)
    yield from _choices(program, steering, reached, items)


def choices_of(program: Program, item: Item) -> list[str]:
    found = program.instrument.choice_lists.get(item.choices) if item.has_list else None
    return [choice.name for choice in found.choices] if found else []


def _contradiction(steering: Steering, item: Item) -> Problem | None:
    """The few conditions because of which an item can never be asked, where that is certain."""
    goals = steering.core(item.key, steering.goals_to_item(item.key))
    if not goals:
        return None
    node = goals[-1].owner.node
    place = place_of(node, "relevant") if node is not None else Place("survey")
    said = [f"{_short(goal)} (row {goal.owner.node.place.row})" for goal in goals if goal.owner.node is not None]
    if not steering.is_impossible(goals):
        message = f"Only an answer that ends the interview before this page makes this true: {' and '.join(said)}."
        advice = "Move it to the page of that question, or take the outcome off the choice."
    elif len(said) == 1:
        message = f"This can never be true: {said[0]}."
        advice = "Compare with a value that can be given; choices go by their name, not their label."
    else:
        message = f"These exclude each other: {', '.join(said[:-1])} and {said[-1]}."
        advice = "Change one of them, or remove what nobody can be asked."
    return Problem(Severity.WARNING, "walk.contradiction", message, place, advice)


def _short(goal: Goal) -> str:
    text = print_expression(goal.tree) if goal.tree is not None else goal.offer
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1] + "…"


def _unreached(item: Item) -> Problem:
    message = f"Nobody reached '{item.key}'."
    advice = "Check its relevance and that of its groups, or walk with more interviews."
    return Problem(Severity.WARNING, "walk.unreached", message, place_of(item, "relevant"), advice)


def _choices(program: Program, steering: Steering, reached: Reached, items: Sequence[Item]) -> Iterator[Problem]:
    possible = reached.offered | reached.offerable
    for item in items:
        missed = [name for name in choices_of(program, item) if (item.key, name) not in possible]
        if item.key not in reached.keys or not missed:
            continue
        certain = [name for name in missed if steering.core(item.key, steering.goals_to_choice(item.key, name))]
        others = [name for name in missed if name not in certain]
        place = place_of(item, "choice_filter")
        if certain:
            message = f"'{item.key}' can never offer: {_few(certain)}."
            yield Problem(Severity.WARNING, "walk.choices", message, place, "Check its choice_filter.")
        if others:
            message = f"'{item.key}' never offered: {_few(others)}."
            advice = "Check its choice_filter, or walk with more interviews."
            yield Problem(Severity.WARNING, "walk.choices", message, place, advice)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


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


def _constraints(steering: Steering, reached: Reached, items: Sequence[Item]) -> Iterator[Problem]:
    """Constraints of questions that were asked and that nobody had an answer to."""
    for item in items:
        is_lacking = item.key in reached.keys and item.key not in reached.answered
        if not item.constraint or not is_lacking or not steering.may_answer(item.key):
            continue
        place = place_of(item, "constraint")
        if steering.core(item.key, steering.goals_to_value(item.key)):
            message = f"No value of '{item.key}' meets its constraint."
            advice = "Loosen it, or take out the condition that excludes the others."
            yield Problem(Severity.ERROR, "walk.constraint", message, place, advice)
        elif steering.plan(item.key, steering.goals_to_value(item.key)) is None:
            message = f"Nobody found a value of '{item.key}' that meets its constraint."
            advice = "See whether there is one, or walk with more interviews."
            yield Problem(Severity.WARNING, "walk.constraint", message, place, advice)

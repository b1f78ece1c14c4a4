"""The final answers of an interview, complete or broken off, with the reason for every answer that is not there.

Of each item that takes an answer, exactly one of `values` and `missing` tells: a choice that stands for "hard to say"
or "prefer not to answer" is a reason, not a value. Calculated values are in `values` where they are not blank.
An answer that breaks its constraint was never accepted and counts as left empty.
A repeat is in `values` as its instances, each with its `_id` and values; in `missing` as the same instances with
reasons, or, where the repeat itself was not routed or not reached, as one reason under its key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from surveys.instrument.document import ID, Answers
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.model import Group, Instrument, Item, Kind
from surveys.instrument.schema import PANELIST
from surveys.instrument.screens import every_screen


class Missing(StrEnum):
    """The missing codes that an interview itself can tell."""

    NOT_ROUTED = "not_routed"
    NOT_REACHED = "not_reached"
    LEFT_EMPTY = "left_empty"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Final:
    """`n_applicable` counts the questions routed to, reached or not; `n_answered` those with a value or a chosen
    "hard to say" or "prefer not to answer". In repeats each instance counts."""

    values: dict[str, Any]
    missing: dict[str, Any]
    n_applicable: int
    n_answered: int


@dataclass
class _Sum:
    """What is gathered on the way through an instrument."""

    state: State
    instrument: Instrument
    beyond: frozenset[tuple[str, str]]  # path and entry of the nodes on pages that were not reached
    values: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, Any] = field(default_factory=dict)
    n_applicable: int = 0
    n_answered: int = 0


def final_of(program: Program, answers: Answers, *, environment: Environment, reached: str | None) -> Final:
    """What is kept of these answers. `reached` is the furthest page seen, None for a completed interview.

    An unknown page name (an interview of which no page was ever shown) counts as nothing reached.
    """
    state = program.evaluate(answers, environment)
    work = _Sum(state, program.instrument, frozenset(_beyond(program, state, reached)))
    _take(work, program.instrument.children, "", work.values, work.missing, is_beyond=False)
    return Final(work.values, work.missing, work.n_applicable, work.n_answered)


def _beyond(program: Program, state: State, reached: str | None) -> Iterator[tuple[str, str]]:
    """What the screens after the one reached list, with the entries they are shown in."""
    if reached is None:
        return
    screens = list(every_screen(program, state))
    names = [screen.name for screen in screens]
    for screen in screens[names.index(reached) + 1 if reached in names else 0 :]:
        yield from ((path, screen.instance) for path in screen.page.nodes)


def _take(
    work: _Sum,
    nodes: tuple[Group | Item, ...],
    instance: str,
    values: dict[str, Any],
    missing: dict[str, Any],
    *,
    is_beyond: bool,
) -> None:
    for node in nodes:
        past = is_beyond or (node.path, instance) in work.beyond
        if isinstance(node, Item):
            _take_item(work, node, instance, values, missing, is_beyond=past)
        elif node.is_repeat:
            _take_repeat(work, node, instance, values, missing, is_beyond=past)
        else:
            _take(work, node.children, instance, values, missing, is_beyond=past)


def _take_repeat(
    work: _Sum, repeat: Group, outer: str, values: dict[str, Any], missing: dict[str, Any], *, is_beyond: bool
) -> None:
    found = work.state.instances(repeat.key, outer) if work.state.is_relevant(repeat.path, outer) else ()
    if not found:
        if is_beyond:
            missing[repeat.key] = Missing.NOT_REACHED.value
        elif not work.state.is_relevant(repeat.path, outer):
            missing[repeat.key] = Missing.NOT_ROUTED.value
        return
    kept: list[dict[str, Any]] = []
    reasons: list[dict[str, Any]] = []
    for instance in found:
        kept.append({ID: instance})
        reasons.append({ID: instance})
        _take(work, repeat.children, instance, kept[-1], reasons[-1], is_beyond=is_beyond)
    values[repeat.key] = kept
    missing[repeat.key] = reasons


def _take_item(
    work: _Sum, item: Item, instance: str, values: dict[str, Any], missing: dict[str, Any], *, is_beyond: bool
) -> None:
    if item.kind is Kind.NOTE or item.name == PANELIST:  # which is nobody's answer
        return
    if not item.is_asked:
        _take_unasked(work, item, instance, values)
        return
    is_routed = work.state.is_relevant(item.key, instance)
    value = work.state.value(item.key, instance) if is_routed else ""
    if work.state.violates_constraint(item.key, instance):
        value = ""  # saved while going back or breaking off, never accepted
    reason = _reason(work, item, value, is_routed=is_routed, is_beyond=is_beyond)
    if reason is None:
        values[item.key] = value.split() if item.takes_several else value
    else:
        missing[item.key] = reason.value
    work.n_applicable += is_routed
    work.n_answered += bool(value)


def _take_unasked(work: _Sum, item: Item, instance: str, values: dict[str, Any]) -> None:
    value = work.state.value(item.key, instance) if work.state.is_relevant(item.key, instance) else ""
    if item.kind is Kind.METADATA:
        value = value[:10]  # of a moment its date is kept, never its time
    if value:
        values[item.key] = value


def _reason(work: _Sum, item: Item, value: str, *, is_routed: bool, is_beyond: bool) -> Missing | None:
    """Why there is no value, None where there is one."""
    if value:
        return _chosen_reason(work.instrument, item, value)
    if is_beyond:
        return Missing.NOT_REACHED
    return Missing.LEFT_EMPTY if is_routed else Missing.NOT_ROUTED


def _chosen_reason(instrument: Instrument, item: Item, value: str) -> Missing | None:
    """The reason that the chosen choices stand for, None where any of them is substantive."""
    if not item.has_list or item.choices not in instrument.choice_lists:
        return None
    codes: Mapping[str, str] = {choice.name: choice.missing for choice in instrument.choice_lists[item.choices].choices}
    chosen = value.split() if item.takes_several else [value]
    reasons = [codes.get(name, "") for name in chosen]
    return Missing(reasons[0]) if all(reasons) else None

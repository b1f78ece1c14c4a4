"""Hubs: the entries that one lists, what is told of them, what they still lack, and adding and removing them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from surveys.instrument import document
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.findings import ENTRY_OPEN, Finding, is_open, stored_code
from surveys.instrument.messages import message
from surveys.instrument.questions import Question, questions_of
from surveys.instrument.screens import Screen, entrance, every_screen, is_shown, repeat_of

#: More entries than this are not added by hand; a count may make more.
MOST_ADDED = 50
#: Answers of an entry that tell which one it is.
MOST_TOLD = 3


def entries_of(program: Program, state: State, hub: Screen) -> Iterator[tuple[str, int]]:
    """Id and number of each entry to be listed: with a count, only those in which there is something to see."""
    repeat = repeat_of(program, hub.page)
    if repeat is None or not state.is_relevant(repeat.path, hub.instance):
        return
    for number, entry in enumerate(state.instances(repeat.key, hub.instance), 1):
        if not repeat.repeat_count or entrance(program, state, hub, entry) is not None:
            yield entry, number


def told_of(program: Program, state: State, hub: Screen, entry: str) -> Iterator[Question]:
    """The first questions of an entry that are answered."""
    answered = (question for _, question in _asked_in(program, state, hub, entry) if state.value(*question.place))
    return islice(answered, MOST_TOLD)


def lacking_in(program: Program, state: State, hub: Screen, entry: str) -> list[tuple[Screen, Question]]:
    """The questions of an entry whose answers are missing or wrong, with the screens they are on."""
    asked = _asked_in(program, state, hub, entry)
    return [one for one in asked if is_open(state, one[1]) and stored_code(state, one[1])]


def _asked_in(program: Program, state: State, hub: Screen, entry: str) -> Iterator[tuple[Screen, Question]]:
    """Every question on the screens of an entry that are shown, those of hubs inside it included."""
    for screen in every_screen(program, state, hub, entry):
        if is_shown(program, state, screen):
            yield from ((screen, question) for question in questions_of(program, state, screen))


def screens_passed(program: Program, state: State, hub: Screen) -> Iterator[Screen]:
    """The screens of the entries that somebody on a hub has been in: added by hand, or gone through to the end."""
    repeat = repeat_of(program, hub.page)
    for entry, _ in entries_of(program, state, hub):
        if repeat is not None and (not repeat.repeat_count or state.is_visited(entry)):
            yield from every_screen(program, state, hub, entry)


def hub_findings(program: Program, state: State, hub: Screen, language: str) -> Iterator[Finding]:
    """One finding for each entry in which something is missing or wrong."""
    for entry, _ in entries_of(program, state, hub):
        if lacking_in(program, state, hub, entry):
            yield Finding(hub.page.hub, entry, ENTRY_OPEN, message(ENTRY_OPEN, language))


def add_entry(program: Program, state: State, hub: Screen, answers: dict[str, Any], environment: Environment) -> str:
    """The id of a new entry; of the last one as long as that is empty, so that pressing twice adds one. "" for none."""
    repeat = repeat_of(program, hub.page)
    if repeat is None or repeat.repeat_count:
        return ""
    entries = state.instances(repeat.key, hub.instance)
    if entries and _is_empty(program, state, hub, entries[-1], answers, environment):
        return entries[-1]
    if len(entries) >= MOST_ADDED:
        return ""
    return document.add_instance(answers, repeat.key, hub.instance, environment.seed)


def _is_empty(
    program: Program, state: State, hub: Screen, entry: str, answers: dict[str, Any], environment: Environment
) -> bool:
    """Whether every question of an entry has the value it had when the entry was new: none, or its default."""
    emptied = document.copied(answers)
    document.empty_instance(emptied, entry)
    new = program.evaluate(emptied, environment)
    asked = _asked_in(program, state, hub, entry)
    return all(state.value(*question.place) == new.value(*question.place) for _, question in asked)


def remove_entry(program: Program, state: State, hub: Screen, answers: dict[str, Any], entry: str) -> None:
    """Remove an entry with all its answers. Nothing happens where the hub lists no such one, or a count made it."""
    repeat = repeat_of(program, hub.page)
    if repeat is not None and not repeat.repeat_count and entry in state.instances(repeat.key, hub.instance):
        document.remove_instance(answers, repeat.key, entry)


def ensure_entry(program: Program, state: State, hub: Screen | None, answers: dict[str, Any]) -> None:
    """Give the entries that the counts of a hub and of those around it ask for their places in the answers."""
    if hub is None:
        return
    ensure_entry(program, state, hub.hub, answers)
    repeat = repeat_of(program, hub.page)
    if repeat is not None and repeat.repeat_count:
        for entry in state.instances(repeat.key, hub.instance):
            document.ensure_instance(answers, repeat.key, entry, hub.instance)


def is_ahead(program: Program, state: State, screen: Screen) -> bool:
    """Whether a screen is of an entry that a count asks for and nobody has been through yet."""
    repeat = repeat_of(program, screen.hub.page) if screen.hub else None
    return repeat is not None and bool(repeat.repeat_count) and not state.is_visited(screen.instance)


def mark_visited(program: Program, screen: Screen, answers: dict[str, Any]) -> None:
    """Note that somebody has come to the end of an entry, where a count decides which entry comes next."""
    repeat = repeat_of(program, screen.hub.page) if screen.hub else None
    if repeat is not None and repeat.repeat_count:
        document.mark_visited(answers, screen.instance)

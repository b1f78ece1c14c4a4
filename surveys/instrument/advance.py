"""Routing and validation: from answers and what was posted to the next page. Pure and stateless.

What was posted is saved on every move as far as it can be read (see `visit`); only `next` validates. A value that can't
be read, or on `next` breaks its constraint, is shown again as typed and never takes the place of a stored answer.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from surveys.instrument import controls, document, hubs
from surveys.instrument.calculated import keep_once
from surveys.instrument.controls import Posted
from surveys.instrument.document import Answers
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.findings import (
    GENTLE,
    LEFT_EMPTY,
    NOTE_REVEALED,
    REVEALED,
    Finding,
    finding_of,
    is_open,
    messages_of,
    stored_code,
    stored_findings,
)
from surveys.instrument.hubs import MOST_ADDED
from surveys.instrument.page_view import Drawing, draw, position
from surveys.instrument.questions import Question, notes_of
from surveys.instrument.resuming import where_to_resume
from surveys.instrument.screens import (
    Screen,
    entrance,
    following,
    is_shown,
    next_beside,
    next_unvisited,
    preceding,
    screen_named,
    shown,
)
from surveys.instrument.view import PageView
from surveys.instrument.visit import Visit, read_page


@dataclass(frozen=True, slots=True)
class Move:
    """Where the respondent wants to go. `next`, `back`, `stay`, or `add` or `remove` with a repeat.

    `check` stays too, and says what is wrong. `review` goes to the end instead of the next page, for someone who came
    back from there to change something; not out of the midst of an entry that a count has newly asked for.
    `instance` is the one to remove; for `add` the instance around the new one, "" outside repeats. On a hub, `add`
    leads into the new entry.
    """

    name: str
    repeat: str = ""
    instance: str = ""

    @classmethod
    def from_text(cls, text: str) -> "Move":
        """The move of a button's value: `next`, `back`, `add:moves`, `remove:moves:k3f9`. Anything else stays."""
        name, *rest = text.split(":")
        if name in {"next", "back", "check", "review"} and not rest:
            return cls(name)
        if name == "add" and len(rest) in {1, 2}:
            return cls(name, *rest)
        return cls(name, *rest) if name == "remove" and len(rest) == 2 else STAY


NEXT = Move("next")
BACK = Move("back")
STAY = Move("stay")


@dataclass(frozen=True)
class Step:
    """Where a post has led. `page` is the page to show now and `view` what it shows; at the end, the last page.

    A page of a repeat's entries is named with the entry it is shown in: `move_country/k3f9`. The view is drawn when it
    is asked for: most posts are answered with the address of the next page alone.
    """

    answers: dict[str, Any]
    drawing: Drawing = field(repr=False, compare=False)
    here: Screen = field(repr=False)
    problems: tuple[Finding, ...] = ()
    is_over: bool = False
    outcome: str = ""  # "" or "refused", "screened_out", "out_of_scope": a choice ended the interview
    revealed: bool = False  # the page is shown again because an answer brought up something on it
    is_astray: bool = False  # nothing was read: the posted page doesn't exist, or isn't on the route (any more)

    @property
    def page(self) -> str:
        return self.here.name

    @cached_property
    def view(self) -> PageView:
        return draw(self.drawing, self.here)

    @property
    def position(self) -> tuple[int, int]:
        """How many pages lie behind the one to show now, and how many there are to be shown."""
        return position(self.drawing.program, self.drawing.state, self.here)


def advance(
    program: Program,
    answers: Answers,
    page: str,
    posted: Posted,
    *,
    environment: Environment,
    move: Move,
    asked: Collection[str] = (),
) -> Step:
    """Read what was posted from `page`, save it in a copy of the answers, and say where that leads.

    A page that has nothing to see now, or doesn't exist, leads to where the respondent would resume, and nothing is
    read. `asked` are the controls whose emptiness the respondent has been asked about already.
    """
    kept: dict[str, Any] = document.copied(dict(answers))
    before = program.evaluate(kept, environment)
    here = screen_named(program, before, page)
    visit = Visit(program, environment, here or where_to_resume(program, before), posted, asked, kept, before)
    if not shown(program, before):  # nobody is asked anything: this is the end already
        return _finish_or_return(visit)
    if here is None or not is_shown(program, before, here):
        return _arrive(visit, where_to_resume(program, before), is_astray=True)
    read_page(visit)
    if move.name in {"add", "remove"}:
        return _change_instances(visit, move)
    if move.name in {"next", "review", "check"}:
        return _next(visit, move)
    if move.name == "back":
        return _back(visit)
    return _again(visit, ())


def show(program: Program, answers: Answers, page: str, *, environment: Environment) -> PageView:
    """A page as stored answers make it. One that doesn't exist shows where the respondent would resume."""
    state = program.evaluate(answers, environment)
    here = screen_named(program, state, page) or where_to_resume(program, state)
    return draw(Drawing(program, state, environment.language), here)


def show_on_route(program: Program, answers: Answers, page: str, *, environment: Environment) -> PageView | None:
    """A page as stored answers make it, None where there is nothing to see on it now or it doesn't exist."""
    state = program.evaluate(answers, environment)
    here = screen_named(program, state, page)
    if here is None or not is_shown(program, state, here):
        return None
    return draw(Drawing(program, state, environment.language), here)


def shown_pages(program: Program, answers: Answers, *, environment: Environment) -> tuple[str, ...]:
    """Names of the pages that have anything to see now, in order."""
    return tuple(page.name for page in shown(program, program.evaluate(answers, environment)))


def _change_instances(visit: Visit, move: Move) -> Step:
    if visit.screen.page.hub:
        return _change_entries(visit, move)
    repeat = next((node for node in visit.repeats() if node.key == move.repeat), None)
    if repeat is not None and not repeat.repeat_count:
        if move.name == "remove":
            document.remove_instance(visit.answers, repeat.key, move.instance)
        elif _has_room(visit.after, move):
            document.add_instance(visit.answers, repeat.key, move.instance, visit.environment.seed)
        visit.after = visit.evaluate()
    return _again(visit, ())


def _change_entries(visit: Visit, move: Move) -> Step:
    """Add an entry to a hub and go to its first page, or remove one and stay."""
    program, hub, added = visit.program, visit.screen, ""
    if move.repeat != hub.page.hub:
        return _again(visit, ())
    if move.name == "remove":
        hubs.remove_entry(program, visit.after, hub, visit.answers, move.instance)
    elif move.instance == hub.instance:
        hubs.ensure_entry(program, visit.before, hub.hub, visit.answers)
        added = hubs.add_entry(program, visit.after, hub, visit.answers, visit.environment)
    visit.after = visit.evaluate()
    first = entrance(program, visit.after, hub, added) if added else None
    return _arrive(visit, first or hub)


def _has_room(state: State, move: Move) -> bool:
    """Whether one more instance can stand there: in an instance of the repeat around it, if there is one around it."""
    is_there = move.instance in state.everywhere(move.repeat)
    return is_there and len(state.instances(move.repeat, move.instance)) < MOST_ADDED


def _next(visit: Visit, move: Move) -> Step:
    program, screen = visit.program, visit.screen
    unvisited = next_unvisited(program, visit.after, screen) if move.name == "next" else None
    if unvisited is not None:
        return _arrive(visit, unvisited)
    findings = tuple(_findings(visit))
    if move.name == "check":
        findings = tuple(finding for finding in findings if finding.code not in GENTLE)
    if findings or move.name == "check":
        for finding in findings:
            if finding.code == "constraint" and finding.place in visit.previous:
                visit.restore(finding.place)
        return _again(visit, findings)
    keep_once(program, visit.after, visit.answers)
    outcome = _outcome(visit)
    if outcome:
        return _arrive(visit, screen, outcome=outcome)
    is_within = next_beside(program, visit.after, screen) is not None and hubs.is_ahead(program, visit.after, screen)
    if screen.hub is not None and not is_within:
        hubs.mark_visited(program, screen, visit.answers)
    ahead = following(program, visit.after, screen)
    if ahead is not None and (move.name != "review" or is_within):
        return _arrive(visit, ahead)
    return _finish_or_return(visit)


def _back(visit: Visit) -> Step:
    return _arrive(visit, preceding(visit.program, visit.after, visit.screen))


def finish(program: Program, answers: Answers, page: str, *, environment: Environment) -> Step:
    """The end at `page`, unless some page lacks something, from answers as they are stored."""
    kept = dict(answers)
    state = program.evaluate(kept, environment)
    here = screen_named(program, state, page) or where_to_resume(program, state)
    return _finish_or_return(Visit(program, environment, here, {}, (), kept, state))


def _finish_or_return(visit: Visit) -> Step:
    """The end, unless some page still lacks something; then the first such page, with its problems.

    Nor is it the end as long as a count asks for an entry that nobody has been through.
    """
    program, state = visit.program, visit.after
    for screen in shown(program, state):
        findings = tuple(stored_findings(program, state, screen, visit.environment))
        if findings:
            drawing = Drawing(program, state, visit.environment.language, messages=messages_of(findings))
            return Step(visit.answers, drawing, screen, findings)
        unvisited = next_unvisited(program, state, screen)
        if unvisited is not None:
            return _arrive(visit, unvisited)
    return _arrive(visit, visit.screen, is_over=True)


def _findings(visit: Visit) -> Iterator[Finding]:
    """What is wrong on the posted page, or to be said, in page order."""
    language = visit.environment.language
    yield from hubs.hub_findings(visit.program, visit.after, visit.screen, language)
    for question in visit.questions(visit.after):
        if not is_open(visit.after, question):
            continue
        reading = visit.readings.get(question.place)
        if reading is not None and reading.code:
            yield finding_of(visit.after, question, reading.code, language, reading.parameters)
        elif _is_revealed(visit, question):
            yield finding_of(visit.after, question, REVEALED, language)
        else:
            code = stored_code(visit.after, question) or _left_empty(visit, question)
            if code:
                yield finding_of(visit.after, question, code, language)
    for note in notes_of(visit.program, visit.after, visit.screen):
        if visit.after.is_relevant(*note.place) and not visit.before.is_relevant(*note.place):
            yield finding_of(visit.after, note, NOTE_REVEALED, language)


def _left_empty(visit: Visit, question: Question) -> str:
    """The code for an answer that is asked for softly, the first time that it is left empty."""
    is_empty = question.item.soft_required and not visit.after.value(*question.place)
    return LEFT_EMPTY if is_empty and question.control not in visit.asked else ""


def _is_revealed(visit: Visit, question: Question) -> bool:
    """Whether this post has brought up the question or other choices for it, unanswered and not seen yet."""
    place = question.place
    if visit.after.value(*place):
        return False
    if not visit.before.is_relevant(*place):
        return not controls.is_present(question.item, question.control, visit.posted)
    if not question.item.choice_filter:
        return False
    names = [{choice.name for choice in state.choices(*place)} for state in (visit.before, visit.after)]
    return bool(names[1] - names[0])


def _outcome(visit: Visit) -> str:
    """The outcome of a chosen choice on this page, "" where no choice ends the interview."""
    for question in visit.questions(visit.after):
        if question.item.has_list and visit.after.is_relevant(*question.place):
            value = visit.after.value(*question.place)
            chosen = value.split() if question.item.takes_several else [value]
            for choice in visit.after.choices(*question.place):
                if choice.outcome and choice.name in chosen:
                    return choice.outcome
    return ""


def _again(visit: Visit, findings: Sequence[Finding]) -> Step:
    """The same page once more, with what was typed."""
    drawing = Drawing(visit.program, visit.after, visit.environment.language, visit.typed(), messages_of(findings))
    revealed = any(finding.code in {REVEALED, NOTE_REVEALED} for finding in findings)
    return Step(visit.answers, drawing, visit.screen, tuple(findings), revealed=revealed)


def _arrive(visit: Visit, screen: Screen, *, outcome: str = "", is_over: bool = False, is_astray: bool = False) -> Step:
    """To a screen, which shows what is stored."""
    drawing = Drawing(visit.program, visit.after, visit.environment.language)
    return Step(visit.answers, drawing, screen, is_over=is_over or bool(outcome), outcome=outcome, is_astray=is_astray)

"""Routing and validation: from answers and what was posted to the next page. Pure and stateless.

What was posted is saved on every move as far as it can be read; only `next` validates. A value that can't be read,
or on `next` breaks its constraint, is shown again as typed and never takes the place of a stored answer.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.instrument import controls, document
from surveys.instrument.controls import Posted, Reading
from surveys.instrument.document import Answers
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.messages import message
from surveys.instrument.model import Group, Kind, Page
from surveys.instrument.page_view import MAX_INSTANCES, Drawing, Place, draw
from surveys.instrument.questions import Question, nodes_of, page_named, questions_of, shown
from surveys.instrument.view import PageView

REVEALED = "revealed"


@dataclass(frozen=True, slots=True)
class Move:
    """Where the respondent wants to go. `next`, `back`, `stay`, or `add` or `remove` with a repeat.

    `instance` is the one to remove; for `add` the instance around the new one, "" outside repeats.
    """

    name: str
    repeat: str = ""
    instance: str = ""

    @classmethod
    def from_text(cls, text: str) -> "Move":
        """The move of a button's value: `next`, `back`, `add:moves`, `remove:moves:k3f9`. Anything else stays."""
        name, *rest = text.split(":")
        if name in {"next", "back"} and not rest:
            return cls(name)
        if name == "add" and len(rest) in {1, 2}:
            return cls(name, *rest)
        return cls(name, *rest) if name == "remove" and len(rest) == 2 else STAY


NEXT = Move("next")
BACK = Move("back")
STAY = Move("stay")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a respondent has to look at before going on."""

    key: str
    instance: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Step:
    """Where a post has led. `page` is the page to show now and `view` what it shows; at the end, the last page."""

    answers: dict[str, Any]
    page: str
    view: PageView
    problems: tuple[Finding, ...] = ()
    is_over: bool = False
    outcome: str = ""  # "" or "refused", "screened_out", "out_of_scope": a choice ended the interview
    revealed: bool = False  # the page is shown again because an answer brought up something on it


@dataclass
class _Visit:
    """One post to one page, while it is worked on."""

    program: Program
    environment: Environment
    page: Page
    posted: Posted
    answers: dict[str, Any]
    before: State
    after: State
    readings: dict[Place, Reading] = field(default_factory=dict)
    previous: dict[Place, document.Stored | None] = field(default_factory=dict)

    def evaluate(self) -> State:
        return self.program.evaluate(self.answers, self.environment)

    def questions(self, state: State) -> Iterator[Question]:
        return questions_of(self.program, state, self.page)

    def typed(self) -> dict[Place, tuple[str, ...]]:
        """What was typed where it is not what is stored now."""
        return {place: reading.typed for place, reading in self.readings.items() if reading.code}


def advance(
    program: Program, answers: Answers, page: str, posted: Posted, *, environment: Environment, move: Move
) -> Step:
    """Read what was posted from `page`, save it in a copy of the answers, and say where that leads.

    A page that doesn't exist leads to where the respondent would resume, and nothing is read.
    """
    kept = copy.deepcopy(dict(answers))
    before = program.evaluate(kept, environment)
    here = page_named(program.instrument, page)
    if here is None:
        return _arrive(program, kept, before, _resume(program, before), environment)
    visit = _Visit(program, environment, here, posted, kept, before, before)
    _read_page(visit)
    if move.name in {"add", "remove"}:
        _change_instances(visit, move)
    if move.name == "next":
        return _next(visit)
    if move.name == "back":
        return _back(visit)
    return _again(visit, ())


def show(program: Program, answers: Answers, page: str, *, environment: Environment) -> PageView:
    """A page as stored answers make it. One that doesn't exist shows where the respondent would resume."""
    state = program.evaluate(answers, environment)
    here = page_named(program.instrument, page) or _resume(program, state)
    return draw(Drawing(program, state, environment.language), here)


def shown_pages(program: Program, answers: Answers, *, environment: Environment) -> tuple[str, ...]:
    """Names of the pages that have anything to see now, in order."""
    return tuple(page.name for page in shown(program, program.evaluate(answers, environment)))


def resume_page(program: Program, answers: Answers, *, environment: Environment) -> str:
    """Where someone goes on who comes back: see `_resume`."""
    return _resume(program, program.evaluate(answers, environment)).name


def _resume(program: Program, state: State) -> Page:
    """The first page with an unanswered required question, but never beyond the page after the last answered one."""
    pages = shown(program, state) or program.instrument.pages
    answered = [number for number, page in enumerate(pages) if _holds_answer(program, state, page)]
    reached = min(answered[-1] + 1, len(pages) - 1) if answered else 0
    lacking = (page for page in pages[:reached] if any(True for _ in _lacking(program, state, page)))
    return next(lacking, pages[reached])


def _holds_answer(program: Program, state: State, page: Page) -> bool:
    return any(state.value(*question.place) for question in questions_of(program, state, page))


def _lacking(program: Program, state: State, page: Page) -> Iterator[Question]:
    for question in questions_of(program, state, page):
        if _is_open(state, question) and state.is_required(*question.place) and not state.value(*question.place):
            yield question


def _is_open(state: State, question: Question) -> bool:
    """Whether it is asked now and takes an answer."""
    return state.is_relevant(*question.place) and not state.is_read_only(*question.place)


def _read_page(visit: _Visit) -> None:
    """Store what can be read of the page's controls, and leave alone what this post makes no question of."""
    lists = visit.program.instrument.choice_lists
    _make_counted_instances(visit)
    for question in list(visit.questions(visit.before)):
        item, place = question.item, question.place
        if visit.before.is_read_only(*place) or not _was_sent(visit, question):
            continue
        names = [choice.name for choice in lists[item.choices].choices] if item.choices in lists else []
        reading = controls.read(item, question.control, visit.posted, names)
        if reading is None:
            continue
        visit.readings[place] = reading
        visit.previous[place] = document.stored(visit.answers, *place)
        if not reading.code and not _is_untouched(visit, question, reading):
            document.store(visit.answers, *place, _storable(visit, question, reading))
    visit.after = visit.evaluate()
    for place in list(visit.readings):
        if not (visit.before.is_relevant(*place) or visit.after.is_relevant(*place)):
            _restore(visit, place)
            del visit.readings[place]


def _was_sent(visit: _Visit, question: Question) -> bool:
    """Whether the page held this control: it was relevant when the page was made, or the browser sent it."""
    is_there = controls.is_present(question.item, question.control, visit.posted)
    return is_there or visit.before.is_relevant(*question.place)


def _storable(visit: _Visit, question: Question, reading: Reading) -> document.Stored | None:
    """What to store. Blank is absence, except where a default or a calculation would come back: there it is an answer.

    Boxes ticked earlier that were not offered on this page could not be unticked, and stay.
    """
    item, value = question.item, reading.value
    if item.kind is Kind.SELECT_MULTIPLE and isinstance(value, list):
        offered = {choice.name for choice in visit.before.choices(*question.place)}
        hidden = [name for name in visit.previous[question.place] or () if name not in offered]
        names = (choice.name for choice in visit.program.instrument.choice_lists[item.choices].choices)
        value = [name for name in names if name in value or name in hidden]
    return value if value or item.default or item.calculation else None


def _is_untouched(visit: _Visit, question: Question, reading: Reading) -> bool:
    """Whether what came back says nothing new, so that what is stored stays.

    A blank where a blank was shown: there may be an answer that is just not offered now. A calculated value as it was
    shown: it stays calculated until it is edited.
    """
    shown_value = visit.before.value(*question.place)
    if not reading.value:
        return not shown_value
    if not question.item.calculation or visit.previous[question.place] is not None:
        return False
    value = reading.value if isinstance(reading.value, str) else " ".join(reading.value)
    return value == shown_value


def _make_counted_instances(visit: _Visit) -> None:
    """Give the instances that a `repeat_count` asks for a place in the answers."""
    for repeat in _repeats_on(visit):
        if repeat.repeat_count:
            for instance in visit.before.instances(repeat.key):
                document.ensure_instance(visit.answers, repeat.key, instance)


def _restore(visit: _Visit, place: Place) -> None:
    document.store(visit.answers, *place, visit.previous[place])


def _change_instances(visit: _Visit, move: Move) -> None:
    repeat = next((node for node in _repeats_on(visit) if node.key == move.repeat), None)
    if repeat is None or repeat.repeat_count:
        return
    if move.name == "remove":
        document.remove_instance(visit.answers, repeat.key, move.instance)
    elif len(visit.after.instances(repeat.key, move.instance)) < MAX_INSTANCES:
        document.add_instance(visit.answers, repeat.key, move.instance, visit.environment.seed)
    visit.after = visit.evaluate()


def _repeats_on(visit: _Visit) -> Iterator[Group]:
    waiting = list(nodes_of(visit.program, visit.page))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Group):
            waiting.extend(node.children)
            if node.is_repeat:
                yield node


def _next(visit: _Visit) -> Step:
    findings = tuple(_findings(visit))
    if findings:
        for finding in findings:
            place = (finding.key, finding.instance)
            if finding.code == "constraint" and place in visit.previous:
                _restore(visit, place)
        return _again(visit, findings)
    outcome = _outcome(visit)
    if outcome:
        return _arrive(visit.program, visit.answers, visit.after, visit.page, visit.environment, outcome=outcome)
    following = _following(visit)
    if following is not None:
        return _arrive(visit.program, visit.answers, visit.after, following, visit.environment)
    return _finish_or_return(visit)


def _back(visit: _Visit) -> Step:
    order = [page.name for page in visit.program.instrument.pages]
    here = order.index(visit.page.name)
    earlier = [page for page in shown(visit.program, visit.after) if order.index(page.name) < here]
    page = earlier[-1] if earlier else visit.page
    return _arrive(visit.program, visit.answers, visit.after, page, visit.environment)


def _following(visit: _Visit) -> Page | None:
    order = [page.name for page in visit.program.instrument.pages]
    here = order.index(visit.page.name)
    later = (page for page in shown(visit.program, visit.after) if order.index(page.name) > here)
    return next(later, None)


def _finish_or_return(visit: _Visit) -> Step:
    """The end, unless some page still lacks something; then the first such page, with its problems."""
    for page in shown(visit.program, visit.after):
        findings = tuple(_stored_findings(visit, page))
        if findings:
            messages = {(finding.key, finding.instance): finding.message for finding in findings}
            drawing = Drawing(visit.program, visit.after, visit.environment.language, {}, messages)
            return Step(visit.answers, page.name, draw(drawing, page), findings)
    return _arrive(visit.program, visit.answers, visit.after, visit.page, visit.environment, is_over=True)


def _stored_findings(visit: _Visit, page: Page) -> Iterator[Finding]:
    for question in questions_of(visit.program, visit.after, page):
        if _is_open(visit.after, question):
            code = _stored_code(visit.after, question)
            if code:
                yield _finding(visit, question, code)


def _stored_code(state: State, question: Question) -> str:
    """What is wrong with the answer as it is stored, "" where nothing is."""
    value = state.value(*question.place)
    if not value:
        return "required" if state.is_required(*question.place) else ""
    if question.item.kind is Kind.RANK and len(value.split()) < len(state.choices(*question.place)):
        return "not_ranked"
    return "constraint" if state.violates_constraint(*question.place) else ""


def _findings(visit: _Visit) -> Iterator[Finding]:
    """What is wrong on the posted page, in page order."""
    for question in visit.questions(visit.after):
        if not _is_open(visit.after, question):
            continue
        reading = visit.readings.get(question.place)
        if reading is not None and reading.code:
            yield _finding(visit, question, reading.code, reading.parameters)
        elif _is_revealed(visit, question):
            yield _finding(visit, question, REVEALED)
        else:
            code = _stored_code(visit.after, question)
            if code:
                yield _finding(visit, question, code)


def _is_revealed(visit: _Visit, question: Question) -> bool:
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


def _finding(visit: _Visit, question: Question, code: str, parameters: Mapping[str, str] | None = None) -> Finding:
    item, language = question.item, visit.environment.language
    own = {"required": item.required_message, "constraint": item.constraint_message}.get(code)
    text = visit.after.text(own, *question.place) if own else ""
    return Finding(*question.place, code, text or message(code, language, parameters))


def _outcome(visit: _Visit) -> str:
    """The outcome of a chosen choice on this page, "" where no choice ends the interview."""
    for question in visit.questions(visit.after):
        if question.item.has_list and visit.after.is_relevant(*question.place):
            value = visit.after.value(*question.place)
            chosen = [value] if question.item.kind is Kind.SELECT_ONE else value.split()
            for choice in visit.after.choices(*question.place):
                if choice.outcome and choice.name in chosen:
                    return choice.outcome
    return ""


def _again(visit: _Visit, findings: Sequence[Finding]) -> Step:
    """The same page once more, with what was typed."""
    messages = {(finding.key, finding.instance): finding.message for finding in findings}
    drawing = Drawing(visit.program, visit.after, visit.environment.language, visit.typed(), messages)
    revealed = any(finding.code == REVEALED for finding in findings)
    return Step(visit.answers, visit.page.name, draw(drawing, visit.page), tuple(findings), revealed=revealed)


def _arrive(
    program: Program,
    answers: dict[str, Any],
    state: State,
    page: Page,
    environment: Environment,
    *,
    outcome: str = "",
    is_over: bool = False,
) -> Step:
    view = draw(Drawing(program, state, environment.language), page)
    return Step(answers, page.name, view, is_over=is_over or bool(outcome), outcome=outcome)

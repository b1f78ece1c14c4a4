"""One simulated interview, watched: what was shown, how long it was, and where it got stuck or went wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from surveys.instrument import advance as routing
from surveys.instrument import resuming
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.expressions import Role, fixed
from surveys.instrument.findings import Finding
from surveys.instrument.model import Group, Item
from surveys.instrument.respondents import Profile, answer_page, entry_to_mend, wanted_instance
from surveys.instrument.screens import nodes_of, split_name
from surveys.instrument.steps import FAILURES
from surveys.instrument.view import NoteView, PageView, QuestionView
from surveys.instrument.walk.minutes import nodes_in, page_seconds, seconds_of

#: So often in a row a page may come back with something wrong before there is no way on from it.
STUCK_AFTER = 12
#: Pages seen, for each page there is, after which an interview goes round in circles.
MAX_VISITS = 6
#: Times that someone who has come to the end goes back to what their answers brought up on earlier pages.
MOST_RETURNS = 5


@dataclass(frozen=True, slots=True)
class Stuck:
    """A page nobody gets on from: which questions refuse which answers."""

    page: str
    reasons: tuple[tuple[str, str], ...]  # key of the item, code of the finding


@dataclass
class Sitting:
    """What happened in one interview."""

    pages: list[str] = field(default_factory=list)  # in the order seen
    shown: set[tuple[str, str]] = field(default_factory=set)  # questions and notes, with their instances
    asked: set[tuple[str, str]] = field(default_factory=set)  # questions alone
    answered: set[str] = field(default_factory=set)
    offered: set[tuple[str, str]] = field(default_factory=set)  # key and name of a choice
    failures: set[tuple[str, Role, str]] = field(default_factory=set)  # key, column, what was raised
    seconds: float = 0.0
    is_over: bool = False
    outcome: str = ""
    stuck: Stuck | None = None
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> set[str]:
        return {key for key, _ in self.shown}


def sit(
    program: Program, *, environment: Environment, random: Random, profile: Profile, returns: bool = False
) -> Sitting:
    """One interview from the first page to its end, or to where there is no way on.

    What answers bring up on their own page is seen before the page is left, as the pages' script shows it. With
    `returns` the respondent goes back from the end to earlier pages that show something new by now.
    """
    sitting = Sitting()
    page = resuming.resume_page(program, {}, environment=environment)
    view = routing.show(program, {}, page, environment=environment)
    silent = _silent_pages(program)
    n_stuck, n_returns = 0, MOST_RETURNS if returns else 0
    for number in count():
        if number > MAX_VISITS * max(view.total, len(program.instrument.pages)) + 10 * STUCK_AFTER:
            sitting.stuck = Stuck(page, ())
            break
        _watch(sitting, view)
        if mend := entry_to_mend(view):
            page, view = mend, routing.show(program, sitting.answers, mend, environment=environment)
            _watch(sitting, view)
        posted = answer_page(program, view, random, profile, answers=sitting.answers, environment=environment)
        repeat = wanted_instance(view, random, profile)
        move = routing.Move.from_text(f"add:{repeat}") if repeat else routing.NEXT
        step = routing.advance(program, sitting.answers, page, posted, environment=environment, move=move)
        sitting.answers, view = step.answers, step.view
        if split_name(page)[0] in silent and (step.is_over or step.page != page):
            _watch(sitting, routing.show(program, step.answers, page, environment=environment))
        if step.is_over:
            back = _brought_up(program, sitting, environment) if n_returns and not step.outcome else None
            if back is not None:
                n_returns, page, view = n_returns - 1, back.name, back
                continue
            sitting.is_over, sitting.outcome = True, step.outcome
            break
        n_stuck = n_stuck + 1 if step.problems and not step.revealed and not repeat else 0
        page = step.page
        if n_stuck >= STUCK_AFTER:
            sitting.stuck = Stuck(page, tuple(dict.fromkeys(_reason(program, one) for one in step.problems)))
            break
    sitting.answered = {key for key, value in _leaves(sitting.answers) if value}
    sitting.failures = set(expression_failures(program, sitting.answers, environment))
    return sitting


def _reason(program: Program, finding: Finding) -> tuple[str, str]:
    """What held the respondent: where no value was found for a required question, its constraint did."""
    spec = program.built.schema.find(finding.key)
    is_typed = spec is not None and spec.item is not None and not spec.item.has_list and bool(spec.item.constraint)
    return finding.key, "constraint" if is_typed and finding.code == "required" else finding.code


def _silent_pages(program: Program) -> frozenset[str]:
    """Pages on which answers may bring up something that doesn't hold the respondent there: fixed values."""
    pages = program.instrument.pages
    return frozenset(page.name for page in pages if any(_is_silent(node) for node in nodes_of(program, page)))


def _is_silent(node: Group | Item, *, is_conditional: bool = False) -> bool:
    is_conditional = is_conditional or bool(node.relevance)
    if isinstance(node, Group):
        return any(_is_silent(child, is_conditional=is_conditional) for child in node.children)
    return is_conditional and node.is_asked and fixed(node.read_only) is not False


def _brought_up(program: Program, sitting: Sitting, environment: Environment) -> PageView | None:
    """The first page that by now shows something nobody has seen in this interview."""
    for name in routing.shown_pages(program, sitting.answers, environment=environment):
        view = routing.show(program, sitting.answers, name, environment=environment)
        for instance, node in nodes_in(view.nodes, view.instance):
            if isinstance(node, QuestionView | NoteView) and (node.key, instance) not in sitting.shown:
                return view
    return None


def _leaves(answers: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for instance in value:
                yield from _leaves(instance)
        else:
            yield key, value


def _watch(sitting: Sitting, view: PageView) -> None:
    if not sitting.pages or sitting.pages[-1] != view.name:
        if view.name not in sitting.pages:
            sitting.seconds += page_seconds(view)
        sitting.pages.append(view.name)
    for instance, node in nodes_in(view.nodes, view.instance):
        if not isinstance(node, QuestionView | NoteView):
            continue
        if (node.key, instance) not in sitting.shown:
            sitting.seconds += seconds_of(node)
            sitting.shown.add((node.key, instance))
        if isinstance(node, QuestionView):
            sitting.asked.add((node.key, instance))
            sitting.offered.update((node.key, choice.name) for choice in node.choices)


def expression_failures(
    program: Program, answers: dict[str, Any], environment: Environment
) -> Iterator[tuple[str, Role, str]]:
    """Key, column and kind of error of each expression that fails on these answers. It counts as blank elsewhere."""
    state = program.evaluate(answers, environment)
    specs = program.built.schema.specs
    for (index, role), closure in program.built.closures.items():
        spec = specs[index]
        if role is Role.CHOICE_FILTER:
            continue  # runs once for each choice, when the choices are drawn
        for frame in state.frames(spec.level):
            if not frame.relevant[spec.parent_slot]:
                continue
            try:
                closure(frame.context)
            except FAILURES as error:
                yield spec.key, role, type(error).__name__

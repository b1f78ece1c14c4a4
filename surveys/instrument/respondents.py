"""Simulated respondents: what someone might answer on a page, found by trying values against its constraints.

Used to walk a questionnaire, to simulate a wave and in tests. Pure: chance comes in as `random`.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from surveys.instrument import document
from surveys.instrument.controls import iso_date
from surveys.instrument.document import Answers
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.language import nodes, parsed
from surveys.instrument.model import Item, Kind
from surveys.instrument.page_view import as_typed
from surveys.instrument.samples import numbers_in, values_for
from surveys.instrument.view import (
    GroupView,
    HubView,
    InstanceView,
    NodeView,
    PageView,
    QuestionView,
    RepeatView,
)

MAX_TRIES = 40
_SOME_DAY = date(2022, 6, 1)
_WORDS = ("work", "family", "a new start", "работа", "семья", "ничего особенного", "no", "12", "2022", "a@example.org")


@dataclass(frozen=True, slots=True)
class Profile:
    """How someone answers. Shares are from 0 to 1.

    `fixed` gives answers by item name, texts or lists of texts, used where they are possible; an empty list leaves an
    optional question empty. `given` is an answers document that is given once more in the same way, instance by
    instance, before `fixed` and over defaults. `weights` gives, by item name, how likely each value is; of a select,
    choices not named are never taken.
    """

    skips: float = 0.08  # optional questions left empty
    evades: float = 0.04  # "hard to say" or "prefer not to answer" where that is offered
    instances: float = 0.5  # chance to add one more instance to a repeat
    fixed: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    given: Answers = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def answer_page(
    program: Program,
    view: PageView,
    random: Random,
    profile: Profile | None = None,
    *,
    answers: Answers | None = None,
    environment: Environment | None = None,
) -> dict[str, list[str]]:
    """What a respondent posts on this page: valid answers to what it asks, some left empty.

    Constraints that read other pages need `answers`, those that read the clock `environment`; without an environment
    every value is taken as good.
    """
    respondent = _Respondent(program, random, profile or Profile(), copy.deepcopy(dict(answers or {})), environment)
    posted: dict[str, list[str]] = {}
    given = _given_in(view, respondent.profile.given)
    for question, instance, part in _questions(view.nodes, view.instance, given):
        if not question.is_read_only:
            values = respondent.answer(question, instance, part.get(question.key))
            if values or question.kind not in {Kind.SELECT_ONE, Kind.SELECT_MULTIPLE, Kind.ACKNOWLEDGE}:
                posted[question.control] = values or [""]
    return posted


def wanted_instance(view: PageView, random: Random, profile: Profile | None = None) -> str:
    """The repeat on this page to which the respondent adds an instance now, as its button names it; "" for none."""
    profile = profile or Profile()
    for repeat, given in _repeats(view.nodes, _given_in(view, profile.given)):
        if repeat.may_add and _is_wanted(repeat, given, random, profile):
            return f"{repeat.key}:{repeat.outer}" if repeat.outer else repeat.key
    return ""


def _is_wanted(repeat: RepeatView | HubView, given: Answers, random: Random, profile: Profile) -> bool:
    n = len(repeat.entries if isinstance(repeat, HubView) else repeat.instances)
    if repeat.key in given:
        return n < len(document.instances(given, repeat.key))
    return random.random() < profile.instances / (1 + n)


def entry_to_mend(view: PageView) -> str:
    """Of a hub, the page of an entry that was left with something missing; "" for none. A link leads there."""
    entries = view.hub.entries if view.hub else ()
    return next((entry.mend for entry in entries if entry.mend and not entry.is_ahead), "")


def _given_in(view: PageView, given: Answers) -> Answers:
    """The part of `given` that has the answers of the entry in which a page is shown."""
    for one in view.inside:
        parts = document.instances(given, one.repeat)
        given = parts[one.number - 1] if one.number <= len(parts) else {}
    return given


def _questions(views: Sequence[NodeView], instance: str, given: Answers) -> Iterator[tuple[QuestionView, str, Answers]]:
    """Every question with the instance it belongs to, and the part of `given` that has the answers of that instance."""
    for view in views:
        if isinstance(view, QuestionView):
            yield view, instance, given
        elif isinstance(view, GroupView):
            yield from _questions(view.nodes, instance, given)
        elif isinstance(view, RepeatView):
            for inside, part in _instances(view, given):
                yield from _questions(inside.nodes, inside.instance, part)


def _repeats(views: Sequence[NodeView], given: Answers) -> Iterator[tuple[RepeatView | HubView, Answers]]:
    """Every repeat with the part of `given` around it, outer ones before those inside their instances."""
    for view in views:
        if isinstance(view, GroupView):
            yield from _repeats(view.nodes, given)
        elif isinstance(view, HubView):
            yield view, given
        elif isinstance(view, RepeatView):
            yield view, given
            for inside, part in _instances(view, given):
                yield from _repeats(inside.nodes, part)


def _instances(view: RepeatView, given: Answers) -> Iterator[tuple[InstanceView, Answers]]:
    """Instances of the same number belong together: their ids differ from interview to interview."""
    parts = document.instances(given, view.key)
    for place, inside in enumerate(view.instances):
        yield inside, parts[place] if place < len(parts) else {}


class _Respondent:
    """Someone with one page in front of them; `answers` grows as they fill it in."""

    def __init__(
        self,
        program: Program,
        random: Random,
        profile: Profile,
        answers: dict[str, Any],
        environment: Environment | None,
    ) -> None:
        self.program = program
        self.random = random
        self.profile = profile
        self.answers = answers
        self.environment = environment
        self.items = {item.key: item for item in program.instrument.items()}

    def answer(self, question: QuestionView, instance: str, given: object) -> list[str]:
        """Values for one question: those of the profile, what it already holds, a new answer, or none."""
        item = self.items[question.key]
        own = self._own(item, given)
        is_held = bool(question.values) and not question.problem
        if is_held and (given is None or list(question.values) == own):
            return list(question.values)
        if own is not None and not own and not question.is_required:
            return []
        if own is None and not question.is_required and self.random.random() < self.profile.skips:
            return []
        for values in self._ideas(item, question, own or []):
            if values and self._is_fitting(item, instance, values):
                return values
        return []

    def _ideas(self, item: Item, question: QuestionView, own: list[str]) -> Iterator[list[str]]:
        """What is tried in turn: the profile's own answer, something likely, then the edges of the constraint."""
        if not item.has_list or {choice.name for choice in question.choices}.issuperset(own):
            yield own
        for _ in range(MAX_TRIES):
            yield self._try(item, question)
        tree = parsed(item.constraint)
        if tree is not None and not item.has_list:
            today = self.environment.today if self.environment else _SOME_DAY
            yield from ([value] for value in values_for(item, [tree], today))

    def _own(self, item: Item, given: object) -> list[str] | None:
        """The profile's own answer as it is typed, empty to leave the question empty, None where it has none."""
        if isinstance(given, str | list):
            return list(as_typed(item, given if isinstance(given, str) else " ".join(map(str, given))))
        fixed = self.profile.fixed.get(item.name)
        return [fixed] if isinstance(fixed, str) else None if fixed is None else list(fixed)

    def _try(self, item: Item, question: QuestionView) -> list[str]:
        if item.has_list:
            return self._choose(item, question)
        weights = self.profile.weights.get(item.name)
        if weights:
            return self.random.choices(list(weights), list(weights.values()))
        return [self._typed(item)]

    def _choose(self, item: Item, question: QuestionView) -> list[str]:
        substantive = [choice.name for choice in question.choices if not choice.is_missing]
        evasive = [choice.name for choice in question.choices if choice.is_missing]
        if evasive and (not substantive or self.random.random() < self.profile.evades):
            return [self.random.choice(evasive)]
        if not substantive:
            return []
        if item.kind is Kind.RANK:
            names = [choice.name for choice in question.choices]
            return self.random.sample(names, len(names))
        weights = self.profile.weights.get(item.name, {})
        shares = [weights.get(name, 0.0) for name in substantive] if weights else []
        if sum(shares) <= 0:
            shares = [1.0] * len(substantive)
        n_chosen = 1
        if item.kind is Kind.SELECT_MULTIPLE:
            n_chosen = min(len(substantive), self.random.choice((1, 1, 2, 2, 3)))
        chosen = self.random.choices(substantive, shares, k=n_chosen)
        return [name for name in substantive if name in chosen]

    def _typed(self, item: Item) -> str:
        if item.kind is Kind.ACKNOWLEDGE:
            return "OK"
        if item.kind is Kind.DATE:
            day = self._day(item)
            return day[:4] if "year" in item.appearance else (day[:7] if "month-year" in item.appearance else day)
        if item.kind is Kind.TIME:
            return f"{self.random.randrange(24):02d}:{self.random.randrange(60):02d}"
        if item.kind is Kind.DATETIME:
            return f"{self._day(item)}T{self.random.randrange(24):02d}:00:00"
        if item.kind in {Kind.INTEGER, Kind.DECIMAL, Kind.RANGE}:
            return self._number(item)
        literals = [node.text for node in _parts(item.constraint) if isinstance(node, nodes.Literal)]
        return self.random.choice((*_WORDS, *literals))

    def _day(self, item: Item) -> str:
        literals = [iso_date(node.text) for node in _parts(item.constraint) if isinstance(node, nodes.Literal)]
        today = self.environment.today if self.environment else _SOME_DAY
        days = [date.fromisoformat(text) for text in literals if text] + [today]
        first = min(days) if len(days) > 1 else today - timedelta(days=1500)
        drawn = first + timedelta(days=self.random.randint(0, max((max(days) - first).days, 0)))
        return self.random.choice((drawn, drawn, drawn, *days)).isoformat()

    def _number(self, item: Item) -> str:
        if item.kind is Kind.RANGE:
            start, end, step = (float(item.parameters.get(name, "1")) for name in ("start", "end", "step"))
            return f"{start + step * self.random.randint(0, int(abs((end - start) / step))):g}"
        bounds = list(numbers_in(_parts(item.constraint)))
        low = min(bounds, default=0.0)
        high = max(bounds, default=100.0)
        if low == high:
            low, high = low - 50, high + 50
        high = min(high, low + 10_000 * self.random.choice((0.01, 0.1, 1)))
        return str(self.random.randint(int(low), max(int(low), int(high))))

    def _is_fitting(self, item: Item, instance: str, values: list[str]) -> bool:
        """Whether the constraint holds with this answer. A fitting answer stays in `answers`."""
        if self.environment is None:
            return True
        value: document.Stored = values if item.takes_several else values[0]
        if item.kind is Kind.DATE and isinstance(value, str):
            value = f"{value}-01-01"[:10] if len(value) == 4 else f"{value}-01"[:10]
        document.store(self.answers, item.key, instance, value)
        if not item.constraint:
            return True
        state = self.program.evaluate(self.answers, self.environment)
        if not state.violates_constraint(item.key, instance):
            return True
        document.store(self.answers, item.key, instance, None)
        return False


def _parts(expression: str) -> list[nodes.Node]:
    """Every part of an expression, none where it is empty or can't be read."""
    tree = parsed(expression)
    return [] if tree is None else nodes.walk(tree)

"""The walk: simulated respondents sent through a questionnaire until all that can be reached was reached.

Directed search comes first: for each item that nobody was asked yet, answers are looked for under which it is asked,
and someone is sent who gives them. The interviews that remain are random. The same seed gives the same walk.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from statistics import median

from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.expressions import Role
from surveys.instrument.model import Item, Kind
from surveys.instrument.pages import is_visible
from surveys.instrument.respondents import Profile
from surveys.instrument.walk import findings, prior
from surveys.instrument.walk.goals import Plan
from surveys.instrument.walk.report import Length, Report
from surveys.instrument.walk.sitting import Sitting, Stuck, sit
from surveys.instrument.walk.steering import Steering

#: People sent after one target before it is given up; what they answer beside the plan is random.
MOST_ATTEMPTS = 3
#: Choices of one filtered list that are looked for one by one.
MOST_CHOICES = 40
COMPLETED, STUCK = "completed", "stuck"


@dataclass(frozen=True, slots=True)
class Target:
    """An item to be reached; with `choice`, that it offers it; with `is_taken`, that it is chosen."""

    key: str
    choice: str = ""
    is_taken: bool = False
    is_answered: bool = False


@dataclass
class Coverage:
    """What the interviews so far have reached."""

    keys: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    offered: set[tuple[str, str]] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    ended_with: set[str] = field(default_factory=set)
    failures: set[tuple[str, Role, str]] = field(default_factory=set)
    stuck: dict[Stuck, int] = field(default_factory=dict)
    lengths: list[Length] = field(default_factory=list)

    def add(self, sitting: Sitting) -> None:
        self.keys |= sitting.keys
        self.answered |= sitting.answered
        self.offered |= sitting.offered
        self.failures |= sitting.failures
        end = STUCK if sitting.stuck else (sitting.outcome or COMPLETED)
        self.outcomes[end] += 1
        if sitting.stuck is not None:
            self.stuck[sitting.stuck] = self.stuck.get(sitting.stuck, 0) + 1
        elif not sitting.outcome:
            pages = len(set(sitting.pages))
            self.lengths.append(Length(pages, len(sitting.asked), round(sitting.seconds / 60, 2)))


def walk_questionnaire(program: Program, *, environment: Environment, interviews: int, seed: int) -> Report:
    """Walk with `interviews` respondents. `environment` gives the clock; its prior answers are simulated anew."""
    return _Walker(program, environment, interviews, seed).walk()


class _Walker:
    def __init__(self, program: Program, environment: Environment, interviews: int, seed: int) -> None:
        self.program = program
        self.environment = environment
        self.interviews = interviews
        self.seed = seed
        self.random = Random(seed)  # noqa: S311  (nothing secret comes from it)
        self.steering = Steering(program, environment)
        self.coverage = Coverage()
        self.items = [item for item in program.instrument.items() if is_visible(item)]
        self.attempts: Counter[Target] = Counter()
        self.n_done = 0

    def walk(self) -> Report:
        self._send(Plan(), self._careful())
        targets = self._open_targets()
        while self.n_done < self.interviews and (target := next(targets, None)) is not None:
            self._go_for(target)
        while self.n_done < self.interviews:
            self._send(Plan(), Profile(instances=self.random.choice((0.2, 0.5, 0.8))))
        return self._report()

    # Who is sent

    def _go_for(self, target: Target) -> None:
        self.attempts[target] += 1
        plan = self._plan(target)
        if plan is None and self.steering.is_cut_short and not target.choice and not target.is_answered:
            plan = self.steering.towards(target.key)
        if plan is not None:
            self._send(plan, self._careful())
        else:
            self.attempts[target] = MOST_ATTEMPTS

    def _plan(self, target: Target) -> Plan | None:
        if target.is_answered:
            return self.steering.to_value(target.key)
        if not target.choice:
            return self.steering.to_item(target.key)
        plan = self.steering.to_choice(target.key, target.choice)
        if plan is None or not target.is_taken:
            return plan
        item = self._item(target.key)
        value = target.choice if item.kind is Kind.SELECT_ONE else (target.choice,)
        return replace(plan, values={**plan.values, target.key: value})

    def _item(self, key: str) -> Item:
        return next(item for item in self.items if item.key == key)

    def _careful(self) -> Profile:
        """Someone who leaves out little and takes no way out of the interview."""
        weights = {}
        for item in self.items:
            found = self.program.instrument.choice_lists.get(item.choices) if item.has_list else None
            if found is not None and any(choice.outcome for choice in found.choices):
                weights[item.name] = {choice.name: 1.0 for choice in found.choices if not choice.outcome}
        return Profile(skips=0.02, evades=0.02, instances=0.7, weights=weights)

    def _send(self, plan: Plan, profile: Profile) -> None:
        names = {item.key: item.name for item in self.program.instrument.items()}
        fixed = {
            names[key]: [value] if value and isinstance(value, str) else list(value)
            for key, value in plan.answers().items()
        }
        brought = prior.simulated(self.program.instrument, self.random)
        for variable, value in plan.values.items():
            if isinstance(variable, tuple) and isinstance(value, str):
                brought.setdefault(variable[0], {})[variable[1]] = value
        environment = replace(self.environment, prior=brought, seed=self.random.randrange(2**31))
        profile = replace(profile, fixed=fixed)
        self.coverage.add(sit(self.program, environment=environment, random=self.random, profile=profile))
        self.n_done += 1

    # What is still to be reached

    def _open_targets(self) -> Iterator[Target]:
        """Targets not reached yet, each looked at again when its turn comes."""
        for _ in range(MOST_ATTEMPTS):
            yield from (Target(item.key) for item in self._still_open() if self._is_worth(Target(item.key)))
            yield from (target for target in self._choice_targets() if self._is_worth(target))
            yield from (target for target in self._value_targets() if self._is_worth(target))

    def _is_worth(self, target: Target) -> bool:
        return self.attempts[target] < MOST_ATTEMPTS

    def _still_open(self) -> Iterator[Item]:
        for item in self.items:
            if item.key not in self.coverage.keys:
                yield item

    def _choice_targets(self) -> Iterator[Target]:
        for item in self.items:
            found = self.program.instrument.choice_lists.get(item.choices) if item.has_list else None
            if found is None:
                continue
            n_sent = 0
            for choice in found.choices:
                if choice.outcome and choice.outcome not in self.coverage.outcomes:
                    yield Target(item.key, choice.name, is_taken=True)
                elif (item.key, choice.name) not in self.coverage.offered and n_sent < MOST_CHOICES:
                    n_sent += 1
                    yield Target(item.key, choice.name)

    def _value_targets(self) -> Iterator[Target]:
        """Questions that were asked, but whose constraint let no answer pass."""
        for item in self.items:
            if item.constraint and item.is_asked and item.key not in self.coverage.answered:
                yield Target(item.key, is_answered=True)

    # What comes of it

    def _report(self) -> Report:
        offered = self.coverage.offered
        choices = [(item.key, name) for item in self.items for name in findings.choices_of(self.program, item)]
        lengths = self.coverage.lengths
        return Report(
            n_interviews=self.n_done,
            seed=self.seed,
            n_items=len(self.items),
            n_items_reached=sum(item.key in self.coverage.keys for item in self.items),
            n_choices=len(choices),
            n_choices_reached=sum(choice in offered for choice in choices),
            outcomes=dict(self.coverage.outcomes.most_common()),
            shortest=min(lengths, key=_size, default=None),
            longest=max(lengths, key=_size, default=None),
            median_minutes=median(length.minutes for length in lengths) if lengths else None,
            problems=tuple(findings.find(self.program, self.steering, self.coverage, self.items)),
        )


def _size(length: Length) -> tuple[int, int, float]:
    return length.questions, length.pages, length.minutes

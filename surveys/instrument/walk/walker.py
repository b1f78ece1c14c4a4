"""The walk: simulated respondents sent through a questionnaire until all that can be reached was reached.

Directed search comes first: for each item that nobody was asked yet, answers are looked for under which it is asked,
and someone is sent who gives them. The interviews that remain are random. The same seed gives the same walk.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random
from statistics import median

from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.expressions import Role
from surveys.instrument.model import Item, Kind
from surveys.instrument.pages import is_visible
from surveys.instrument.respondents import Profile
from surveys.instrument.walk import findings, prior
from surveys.instrument.walk.climbing import Climb
from surveys.instrument.walk.exits import turns_back
from surveys.instrument.walk.goals import Goal, Script
from surveys.instrument.walk.report import Length, Report
from surveys.instrument.walk.sitting import Sitting, Stuck, sit
from surveys.instrument.walk.steering import Steering

#: People sent after one target before it is given up; what they answer beside the plan is random.
MOST_ATTEMPTS = 3
#: People sent one after another from where the one before got to.
MOST_ROUNDS = 3
#: Interviews whose answers are compared to see which is nearest to a target, and climbs from the nearest of them.
MOST_KEPT, MOST_CLIMBS = 25, 3
#: Choices of one filtered list that are looked for one by one.
MOST_CHOICES = 40
#: Choices that nobody was offered, of one list, for which a way is searched, and evaluations that each search may take.
MOST_SEARCHED, MOST_TRIES_FOR_CHOICE = 5_000, 150
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
    offerable: set[tuple[str, str]] = field(default_factory=set)  # not offered yet: the search knows under what answers
    outcomes: Counter[str] = field(default_factory=Counter)
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
        lists = program.instrument.choice_lists
        self.choices = {
            item.key: lists[item.choices].choices for item in self.items if item.has_list and item.choices in lists
        }
        self.attempts: Counter[Target] = Counter()
        self.n_done = 0
        self.walked: list[tuple[Script, int]] = []  # with the seeds of their interviews
        self.turns_back = turns_back(program, self.steering.reader)

    def walk(self) -> Report:
        self._send(Script(), self._careful(), self._seed())
        targets = self._open_targets()
        while self.n_done < self.interviews and (target := next(targets, None)) is not None:
            self._go_for(target)
        while self.n_done < self.interviews:
            self._send(Script(), Profile(instances=self.random.choice((0.2, 0.5, 0.8))), self._seed())
        return self._report()

    # Who is sent

    def _go_for(self, target: Target) -> None:
        """Send someone after a target, and others from where they got to, until it is reached or no way is seen."""
        self.attempts[target] += 1
        goals = self._goals(target)
        script, seed = self._first_script(target, goals)
        for _ in range(MOST_ROUNDS):
            if script is None or self.n_done >= self.interviews:
                break
            walked = self._send(self._with_choice(target, script), self._careful(), seed)
            if not self._is_open(target):
                break
            environment = replace(self.environment, seed=seed)
            script = self.steering.climb(target.key, goals, environment).from_(walked)
        if script is None:
            self.attempts[target] = MOST_ATTEMPTS

    def _goals(self, target: Target) -> tuple[Goal, ...]:
        if target.is_answered:
            return self.steering.goals_to_value(target.key)
        if target.choice:
            return self.steering.goals_to_choice(target.key, target.choice)
        return self.steering.goals_to_item(target.key)

    def _first_script(self, target: Target, goals: tuple[Goal, ...]) -> tuple[Script | None, int]:
        """What is worked out backwards, else what is reached from the answers that came nearest so far."""
        plan = self.steering.plan(target.key, goals)
        if plan is not None:
            return self.steering.script(plan), self._seed()
        if self.steering.core(target.key, goals):
            return None, 0
        ranked: list[tuple[float, int, Climb, Script, int]] = []
        for script, seed in self.walked[-MOST_KEPT:]:
            climb = self.steering.climb(target.key, goals, replace(self.environment, seed=seed))
            ranked.append((climb.distance(script), len(ranked), climb, script, seed))
        for _, _, climb, script, seed in sorted(ranked, key=lambda one: one[:2])[:MOST_CLIMBS]:
            found = climb.from_(script)
            if found is not None:
                return found, seed
        return None, 0

    def _with_choice(self, target: Target, script: Script) -> Script:
        """The script of someone who also takes the choice that is looked for, if it shall be taken."""
        if not target.is_taken:
            return script
        is_one = next(item for item in self.items if item.key == target.key).kind is Kind.SELECT_ONE
        return replace(script, answers={**script.answers, target.key: target.choice if is_one else [target.choice]})

    def _careful(self) -> Profile:
        """Someone who leaves out little and takes no way out of the interview."""
        weights = {
            item.name: {choice.name: 1.0 for choice in self.choices[item.key] if not choice.outcome}
            for item in self.items
            if any(choice.outcome for choice in self.choices.get(item.key, ()))
        }
        return Profile(skips=0.02, evades=0.02, instances=0.7, weights=weights)

    def _send(self, script: Script, profile: Profile, seed: int) -> Script:
        """One interview. What was answered in it is kept to climb from."""
        brought = prior.simulated(self.program.instrument, self.random)
        for wave, values in script.prior.items():
            brought.setdefault(wave, {}).update(values)
        environment = replace(self.environment, prior=brought, seed=seed)
        profile = replace(profile, given=script.answers)
        sitting = sit(
            self.program, environment=environment, random=self.random, profile=profile, returns=self.turns_back
        )
        self.coverage.add(sitting)
        self.n_done += 1
        walked = Script(sitting.answers, brought)
        if sitting.stuck is None and not sitting.outcome:
            self.walked.append((walked, seed))
        return walked

    def _seed(self) -> int:
        return self.random.randrange(2**31)

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

    def _is_open(self, target: Target) -> bool:
        """Whether nobody has reached the target yet."""
        if target.is_answered:
            return target.key not in self.coverage.answered
        if target.is_taken:
            return self._outcome(target) not in self.coverage.outcomes
        if target.choice:
            return (target.key, target.choice) not in self.coverage.offered
        return target.key not in self.coverage.keys

    def _outcome(self, target: Target) -> str:
        return next(one.outcome for one in self.choices[target.key] if one.name == target.choice)

    def _choice_targets(self) -> Iterator[Target]:
        for key, choices in self.choices.items():
            n_sent = 0
            for choice in choices:
                if choice.outcome and choice.outcome not in self.coverage.outcomes:
                    yield Target(key, choice.name, is_taken=True)
                elif (key, choice.name) not in self.coverage.offered and n_sent < MOST_CHOICES:
                    n_sent += 1
                    yield Target(key, choice.name)

    def _value_targets(self) -> Iterator[Target]:
        """Questions that were asked, but whose constraint let no answer pass."""
        for item in self.items:
            may_answer = item.constraint and self.steering.may_answer(item.key)
            if may_answer and item.key not in self.coverage.answered:
                yield Target(item.key, is_answered=True)

    # What comes of it

    def _look_for_choices(self) -> None:
        """Search for answers under which choices are offered that nobody was offered, whoever gives them."""
        for key, choices in self.choices.items():
            names = dict.fromkeys(choice.name for choice in choices if (key, choice.name) not in self.coverage.offered)
            for name in islice(list(names), MOST_SEARCHED) if key in self.coverage.keys else ():
                if (key, name) not in self.coverage.offerable:
                    self.coverage.offerable.update((key, one) for one in self._offered_with(key, name) if one in names)

    def _offered_with(self, key: str, name: str) -> set[str]:
        """The choices that an item offers where it offers this one, none where no answers are found for that."""
        plan = self.steering.plan(key, self.steering.goals_to_choice(key, name), MOST_TRIES_FOR_CHOICE)
        return self.steering.offered(plan, key) if plan is not None else set()

    def _report(self) -> Report:
        self._look_for_choices()
        offered = self.coverage.offered
        choices = [(key, choice.name) for key, found in self.choices.items() for choice in found]
        lengths = self.coverage.lengths
        return Report(
            n_interviews=self.n_done,
            seed=self.seed,
            n_items=len(self.items),
            n_items_reached=sum(item.key in self.coverage.keys for item in self.items),
            n_choices=len(choices),
            n_choices_reached=sum(choice in offered for choice in choices),
            n_choices_found=sum(choice in self.coverage.offerable for choice in choices),
            outcomes=dict(self.coverage.outcomes.most_common()),
            shortest=min(lengths, key=_size, default=None),
            longest=max(lengths, key=_size, default=None),
            median_minutes=median(length.minutes for length in lengths) if lengths else None,
            problems=tuple(findings.find(self.program, self.steering, self.coverage, self.items)),
        )


def _size(length: Length) -> tuple[int, int, float]:
    return length.questions, length.pages, length.minutes

"""Directed search: answers under which an item is asked, found backwards from its relevance.

The relevance of an item and of all groups around it is taken apart: `and` and `or`, `not()` and `if()`, calculated
values replaced by what they are worked out from. What remains are small conditions that read a few answers; for these
values are tried, those at the edges of the condition first, and the engine itself says which of them make it true.
An answer can only be given where its own question is asked, so that question's relevance is a goal as well. Prior
answers are varied like answers.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.language import nodes
from surveys.instrument.model import Kind
from surveys.instrument.samples import numbers_in, values_for
from surveys.instrument.schema import Spec
from surveys.instrument.walk.climbing import Climb
from surveys.instrument.walk.distance import Meter
from surveys.instrument.walk.goals import BLANK, Goal, Plan, Script, Sign, Value, Variable, diagonal
from surveys.instrument.walk.prior import values_of
from surveys.instrument.walk.proofs import Prover
from surveys.instrument.walk.reading import Reader
from surveys.instrument.walk.trials import Trials

#: Evaluations that the search for one target may take, and that finding out how hard one condition is may take.
MOST_TRIES = 600
MOST_TRIES_ALONE = 150
#: Combinations of values tried for one condition.
MOST_COMBINATIONS = 400
#: How hard a condition is for which no answers were found.
HARD = 10**6
#: Choices of a list that are tried, besides those a condition names, and choices of a list that are chosen together.
MOST_CHOICES, MOST_CHOSEN = 300, 20


class Steering:
    """Finds plans for one program. `environment` gives date and seed; its prior answers are replaced."""

    def __init__(self, program: Program, environment: Environment) -> None:
        self.program = program
        self.environment = environment
        self.schema = program.built.schema
        self.reader = Reader(program)
        self.trials = Trials(program, environment, self.reader)
        self.most_tries = MOST_TRIES
        self.target: Spec | None = None
        self.meter = Meter(self.reader, self.trials)
        self.prover = Prover(program, environment, self.reader, self.trials)
        self._cores: dict[tuple[str, tuple[Sign, ...]], tuple[Goal, ...]] = {}
        self._hardness: dict[Sign, int] = {}

    def goals_of(self, spec: Spec) -> tuple[Goal, ...]:
        """The relevance of a node and of all around it."""
        return self.reader.goals_of(spec)

    def state(self, plan: Plan) -> State:
        """The engine's word on a plan."""
        return self.trials.state(plan)

    def script(self, plan: Plan) -> Script:
        """The plan as somebody follows it."""
        return Script(self.trials.document(plan, self.environment), plan.prior())

    def offered(self, plan: Plan, key: str) -> set[str]:
        """The choices that the item offers under the plan, wherever it is asked."""
        state, spec = self.state(plan), self.schema.by_key[key]
        asked = [one.instance for one in state.frames(spec.level) if state.is_relevant(key, one.instance)]
        return {choice.name for instance in asked for choice in state.choices(key, instance)}

    # Targets

    def goals_to_item(self, key: str) -> tuple[Goal, ...]:
        """What has to hold for the item to be asked."""
        return self.goals_of(self.schema.by_key[key])

    def goals_to_choice(self, key: str, name: str) -> tuple[Goal, ...]:
        """What has to hold for the item to be asked and to offer this choice."""
        return (*self.goals_to_item(key), *self.reader.offer_of(self.schema.by_key[key], name))

    def goals_to_value(self, key: str) -> tuple[Goal, ...]:
        """What has to hold for the item to be asked and to have a value that its constraint allows."""
        spec = self.schema.by_key[key]
        return (*self.goals_to_item(key), self.reader.answered(spec), *self.reader.constraint_of(spec))

    def plan(self, key: str, goals: tuple[Goal, ...], most_tries: int = MOST_TRIES) -> Plan | None:
        """Answers under which the goals hold where the item stands, None where none were found."""
        self.trials.n, self.most_tries, self.target = 0, most_tries, self.schema.by_key[key]
        try:
            return next(self._solve(goals, Plan()), None)
        except RecursionError:
            return None

    def core(self, key: str, goals: tuple[Goal, ...]) -> tuple[Goal, ...]:
        """Those of the goals to an item that can't hold together; none where that isn't certain."""
        known = (key, tuple(goal.sign for goal in goals))
        if known not in self._cores:
            self._cores[known] = self.prover.core(goals, self.schema.by_key[key])
        return self._cores[known]

    def is_impossible(self, goals: tuple[Goal, ...]) -> bool:
        """Whether goals can't hold together even where answers that end the interview are given."""
        return self.prover.refutes(goals, None)

    def may_answer(self, key: str) -> bool:
        return self.reader.may_answer(self.schema.by_key[key])

    def climb(self, key: str, goals: tuple[Goal, ...], environment: Environment) -> Climb:
        """A climb to the goals; `environment` has the seed of the interview it starts from."""
        spec = self.target = self.schema.by_key[key]
        return Climb(self.program, self.meter, goals, spec, environment, lambda one, goal: self.pool(one, goal, goals))

    # Search

    def _solve(self, goals: tuple[Goal, ...], plan: Plan) -> Iterator[Plan]:
        if not goals:
            yield plan
            return
        if self.trials.n > self.most_tries:
            return
        goal, rest = goals[0], goals[1:]
        if goal.sign in plan.met:
            yield from self._solve(rest, plan)
            return
        ways = self.reader.ways(goal)
        if not ways:
            yield from self._solve_leaf(goal, rest, plan)
        for way in self._easiest_first(ways) if len(ways) > 1 else ways:
            yield from self._solve((*way, *rest), plan)

    def _easiest_first(self, ways: tuple[tuple[Goal, ...], ...]) -> list[tuple[Goal, ...]]:
        return sorted(ways, key=lambda way: max((self._hard(goal) for goal in way), default=0))

    def _hard(self, goal: Goal) -> int:
        """How many evaluations it takes to reach this goal alone."""
        sign = goal.sign
        if sign not in self._hardness:
            self._hardness[sign] = HARD  # while it is looked at: it leads back to itself
            before = self.trials.n, self.most_tries
            self.trials.n, self.most_tries = 0, MOST_TRIES_ALONE
            if next(self._solve((goal,), Plan()), None) is not None:
                self._hardness[sign] = self.trials.n
            self.trials.n, self.most_tries = before
        return self._hardness[sign]

    def _solve_leaf(self, goal: Goal, rest: tuple[Goal, ...], plan: Plan) -> Iterator[Plan]:
        variables = self.reader.read_by(goal)
        open_ones = [one for one in variables if one not in plan.values]
        unentered = [one for one in open_ones if isinstance(one, str) and one not in plan.entered]
        if unentered and not goal.is_deferred and self.trials.holds(goal, plan):
            yield from self._solve((*rest, replace(goal, is_deferred=True)), plan)
        elif goal.is_deferred and self._is_met_unasked(open_ones, goal, plan):
            yield from self._solve(rest, plan)
        elif unentered:
            yield from self._enter(unentered[0], goal, rest, plan)
        elif open_ones:
            yield from self._assign(open_ones, goal, rest, plan)
        elif self.trials.holds(goal, plan):
            yield from self._solve(rest, replace(plan, met=plan.met | {goal.sign}))

    def _is_met_unasked(self, open_ones: list[Variable], goal: Goal, plan: Plan) -> bool:
        """Whether the goal holds and nothing it still reads is asked under this plan."""
        if not self.trials.holds(goal, plan):
            return False
        state = self.state(plan)
        keys = [one for one in open_ones if isinstance(one, str)]
        return len(keys) == len(open_ones) and not any(self.trials.is_asked(state, key) for key in keys)

    def _enter(self, key: str, goal: Goal, rest: tuple[Goal, ...], plan: Plan) -> Iterator[Plan]:
        """First make the question be asked that the goal reads; else see whether the goal is met without it."""
        spec = self.schema.by_key[key]
        asked = replace(plan, entered=plan.entered | {key})
        yield from self._solve((*self.goals_of(spec), goal, *rest), asked)
        left_out = replace(asked, values={**plan.values, key: BLANK})
        yield from self._solve((goal, *rest), left_out)

    def _assign(self, variables: list[Variable], goal: Goal, rest: tuple[Goal, ...], plan: Plan) -> Iterator[Plan]:
        pools = [self.pool(variable, goal, rest) for variable in variables]
        for values in islice(diagonal(pools), MOST_COMBINATIONS):
            tried = replace(plan, values={**plan.values, **dict(zip(variables, values, strict=True))})
            offers = tuple(self._offers(variables, values))
            if offers:
                yield from self._solve((*offers, goal, *rest), tried)
            elif self.trials.holds(goal, tried):
                yield from self._solve(rest, replace(tried, met=tried.met | {goal.sign}))
            if self.trials.n > self.most_tries:
                return

    def _offers(self, variables: list[Variable], values: tuple[Value, ...]) -> Iterator[Goal]:
        """Goals that the choices be offered that a filter may leave out."""
        for variable, value in zip(variables, values, strict=True):
            spec = self.schema.by_key.get(variable) if isinstance(variable, str) else None
            if spec is not None and spec.item is not None and spec.item.choice_filter and value:
                for name in (value,) if isinstance(value, str) else value:
                    yield from self.reader.offer_of(spec, name)

    # Values

    def pool(self, variable: Variable, goal: Goal, rest: tuple[Goal, ...]) -> list[Value]:
        """Values worth trying for what `goal` and `rest` read, the most telling ones first."""
        trees = [tree for tree, _ in self.reader.trees_behind(goal)]
        trees += [
            tree
            for other in rest
            if variable in self.reader.read_by(other)
            for tree, _ in self.reader.trees_behind(other)
        ]
        if isinstance(variable, tuple):
            own = values_of(self.program.instrument, variable[1])
            return [BLANK, *dict.fromkeys((*_named(trees), *own[:MOST_CHOICES]))]
        item = self.schema.by_key[variable].item
        if item is None:
            return [BLANK]
        constraint = self.reader.tree(item.constraint)
        if item.has_list:
            return [*self._choices(variable, trees), BLANK]
        both = [*trees, constraint] if constraint is not None else trees
        return [*values_for(item, both, self.environment.today), BLANK]

    def _choices(self, key: str, trees: list[nodes.Node]) -> list[Value]:
        """Choices that the expressions name first, those that end the interview last; of several also pairs."""
        spec = self.schema.by_key[key]
        item = spec.item
        found = self.program.instrument.choice_lists.get(item.choices) if item else None
        if item is None or found is None:
            return []
        named = set(_named(trees))
        ends = self.meter.ways_out.names_before(spec, self.target)
        choices = sorted(
            (choice for choice in found.choices if choice.name not in ends),
            key=lambda choice: (bool(choice.outcome), choice.name not in named),
        )
        names = [choice.name for choice in choices[: MOST_CHOICES + len(named)]]
        if item.kind is Kind.SELECT_ONE:
            return list(names)
        if item.kind is Kind.RANK:
            every = [choice.name for choice in found.choices]
            return [(name, *(other for other in every if other != name)) for name in names]
        few = [name for name in names if name in named][:4] or names[:4]
        others = [name for name in names if name not in few]
        pairs: list[Value] = [(a, b) for place, a in enumerate(few) for b in names[place + 1 :][:6] if a != b]
        many = [
            tuple(row[:n])
            for n in range(3, min(len(names), MOST_CHOSEN) + 1)
            for row in (names, others)
            if row[n - 1 :]
        ]
        return [*((name,) for name in names), *pairs, *many, tuple(names)]


def _named(trees: list[nodes.Node]) -> list[str]:
    """The texts and numbers that expressions name."""
    parts = [part for tree in trees for part in nodes.walk(tree)]
    texts = [part.text for part in parts if isinstance(part, nodes.Literal)]
    return [*texts, *(f"{number:g}" for number in numbers_in(parts))]

"""Trying a plan: the engine itself says what holds under it."""

from dataclasses import replace
from typing import Any

from surveys.instrument import document
from surveys.instrument.binding import FormScope
from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.frames import Frame
from surveys.instrument.language import ExpressionError
from surveys.instrument.language.compiler import compile_expression
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.values import to_boolean
from surveys.instrument.schema import Spec
from surveys.instrument.steps import FAILURES
from surveys.instrument.walk.goals import Goal, Plan, Value
from surveys.instrument.walk.reading import Reader


class Trials:
    """Evaluates plans, and counts how often."""

    def __init__(self, program: Program, environment: Environment, reader: Reader) -> None:
        self.program = program
        self.environment = environment
        self.reader = reader
        self.schema = program.built.schema
        self.n = 0
        self._closures: dict[tuple[int, int], Closure | None] = {}

    def state(self, plan: Plan) -> State:
        """The engine's word on a plan."""
        self.n += 1
        environment = replace(self.environment, prior=plan.prior())
        return self.program.evaluate(self.document(plan, environment), environment)

    def holds(self, goal: Goal, plan: Plan) -> bool:
        """Whether the plan reaches the goal, with answers that can all be given."""
        state = self.state(plan)
        if not all(self._is_valid(key, plan, state) for key in self.reader.read_by(goal) if isinstance(key, str)):
            return False
        frames = state.frames(goal.owner.level) or self._first_instance(goal.owner, plan)
        if not frames:
            return False
        if goal.offer:
            return any(choice.name == goal.offer for choice in state.choices(goal.owner.key, frames[0].instance))
        closure = self.closure(goal)
        return closure is not None and truth_of(closure, frames[0].context) is goal.wanted

    def _first_instance(self, spec: Spec, plan: Plan) -> tuple[Frame, ...]:
        """A first, empty instance of the repeat around a node where the plan has none."""
        environment = replace(self.environment, prior=plan.prior())
        answers = self.document(plan, environment)
        self._instance(answers, spec, environment)
        return self.program.evaluate(answers, environment).frames(spec.level)

    def is_asked(self, state: State, key: str) -> bool:
        """Whether an item is asked anywhere."""
        spec = self.schema.by_key[key]
        return any(state.is_relevant(key, frame.instance) for frame in state.frames(spec.level))

    def document(self, plan: Plan, environment: Environment) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        nested: list[tuple[Spec, Value]] = []
        for key, value in plan.answers().items():
            spec = self.schema.by_key[key]
            if spec.level.repeat is None:
                answers[key] = list(value) if isinstance(value, tuple) else value
            else:
                nested.append((spec, value))
        for spec, value in nested:
            instance = self._instance(answers, spec, environment)
            document.store(answers, spec.key, instance, list(value) if isinstance(value, tuple) else value)
        return answers

    def _instance(self, answers: dict[str, Any], spec: Spec, environment: Environment) -> str:
        """The id of the first instance around a node, made where there is none."""
        instance = ""
        for level in spec.level.chain()[1:]:
            if level.repeat is None:
                continue
            holder = document.holder(answers, instance)
            found = document.instances(holder, level.repeat.key) if holder is not None else []
            if found:
                instance = found[0][document.ID]
                continue
            counted = self.program.evaluate(answers, environment).instances(level.repeat.key, instance)
            if counted and holder is not None:
                holder[level.repeat.key] = [{document.ID: counted[0]}]
                instance = counted[0]
            else:
                instance = document.add_instance(answers, level.repeat.key, instance, environment.seed)
        return instance

    def _is_valid(self, key: str, plan: Plan, state: State) -> bool:
        """Whether the planned answer could be given: it reaches the engine, and its constraint allows it.

        A blank one can't where an answer is required.
        """
        if key not in plan.values:
            return True
        spec, value = self.schema.by_key[key], plan.values[key]
        frames = state.frames(spec.level)
        instance = frames[0].instance if frames else ""
        if not value:
            return not (state.is_relevant(key, instance) and state.is_required(key, instance))
        is_there = bool(state.value(key, instance)) or not state.is_relevant(key, instance)
        return is_there and not state.violates_constraint(key, instance)

    def closure(self, goal: Goal) -> Closure | None:
        if goal.tree is None:
            return None
        known = (id(goal.tree), goal.owner.index)
        if known not in self._closures:
            try:
                self._closures[known] = compile_expression(
                    goal.tree, FormScope(self.schema, self.reader.lists, goal.owner)
                )
            except ExpressionError:
                self._closures[known] = None
        return self._closures[known]


def truth_of(closure: Closure, context: Context) -> bool:
    try:
        return to_boolean(closure(context))
    except FAILURES:
        return False

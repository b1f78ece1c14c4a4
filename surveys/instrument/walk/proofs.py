"""Proofs that conditions can never hold together.

Only what is certain is used. `and`, `or`, `not()` and the branches of if() are taken apart; of the small conditions
that remain those are kept whose answers can all be gone through: every choice of a list, or one number, date or text
from each stretch between those that are compared (see `domains`). Anything else is taken to be true. A condition that
needs an answer needs its question to be asked, its constraint to be met and the choice to be offered. What can't be
refuted in this way may still be impossible; it is not claimed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.expressions import Role
from surveys.instrument.frames import Around, Frame
from surveys.instrument.language.values import to_printed
from surveys.instrument.schema import Level, Spec
from surveys.instrument.steps import result
from surveys.instrument.walk.domains import Domains, Literal
from surveys.instrument.walk.exits import WaysOut
from surveys.instrument.walk.goals import BLANK, Goal, Sign
from surveys.instrument.walk.reading import Reader
from surveys.instrument.walk.trials import Trials, truth_of

#: Cases of one proof, assignments of one case, and assignments of one condition by itself.
MOST_CASES, MOST_ASSIGNMENTS, MOST_ALONE = 1_500, 20_000, 2_000


class Prover:
    """Refutes goals of one program."""

    def __init__(self, program: Program, environment: Environment, reader: Reader, trials: Trials) -> None:
        self.program = program
        self.reader = reader
        self.trials = trials
        self.schema = reader.schema
        self.domains = Domains(program, reader, WaysOut(program))
        root = program.evaluate({}, environment).frames(self.schema.levels[0])[0]
        self._around = cast(Around, root.context.surroundings)
        self._frames: dict[int, Frame] = {root.level.index: root}
        self._needs: dict[tuple[Sign, int], tuple[Goal, ...]] = {}
        self._target: Spec | None = None
        self._n = 0

    def core(self, goals: Sequence[Goal], target: Spec) -> tuple[Goal, ...]:
        """The few of the goals that can't hold together on the way to `target`; none where that can't be proven."""
        if not self.refutes(goals, target):
            return ()
        core = list(goals)
        for goal in reversed(goals):
            others = [one for one in core if one is not goal]
            if self.refutes(others, target):
                core = others
        return tuple(core)

    def refutes(self, goals: Sequence[Goal], target: Spec | None) -> bool:
        """Whether the goals can never hold together; without a target, answers that end the interview count too."""
        self._target, self._n = target, 0
        try:
            return bool(goals) and self._is_closed(tuple(goals), (), frozenset())
        except RecursionError:
            return False

    # Cases

    def _is_closed(self, waiting: tuple[Goal, ...], held: tuple[Literal, ...], seen: frozenset[Sign]) -> bool:
        """Whether every case in which all goals hold is impossible."""
        self._n += 1
        if self._n > MOST_CASES:
            return False
        if not waiting:
            needed = {goal.sign: goal for literal in held for goal in self._needed(literal) if goal.sign not in seen}
            return bool(needed) and self._is_closed(tuple(needed.values()), held, seen | needed.keys())
        goal, rest = waiting[0], waiting[1:]
        ways = self.reader.ways(goal)
        if ways:
            return all(self._is_closed((*way, *rest), held, seen) for way in ways)
        literal = self.domains.literal(goal)
        if literal is None or literal in held:
            return self._is_closed(rest, held, seen)
        together = (*held, literal)
        return self._clashes(together, literal) or self._is_closed(rest, together, seen)

    # Assignments

    def _clashes(self, literals: tuple[Literal, ...], new: Literal) -> bool:
        """Whether no answers make the new condition true together with those that share answers with it."""
        near, keys = [new], set(new.keys)
        for _ in literals:
            found = [one for one in literals if one not in near and keys.intersection(one.keys)]
            near += found
            keys.update(key for one in found for key in one.keys)
        try:
            return next(self._models(near, MOST_ASSIGNMENTS), None) is None
        except _TooManyError:
            return False

    def _needed(self, literal: Literal) -> tuple[Goal, ...]:
        """What has to hold because the condition can't be true without an answer."""
        mark = (literal.goal.sign, self._target.index if self._target is not None else -1)
        if mark not in self._needs:
            self._needs[mark] = tuple(self._find_needed(literal))
        return self._needs[mark]

    def _find_needed(self, literal: Literal) -> Iterator[Goal]:
        try:
            models = list(self._models([literal], MOST_ALONE))
        except _TooManyError:
            return
        for key in literal.keys:
            values = {model.get(key, BLANK) for model in models} or {BLANK}
            spec = self.schema.find(key)
            if BLANK in values or spec is None:
                continue
            yield from self.reader.goals_of(spec)
            yield from self.reader.constraint_of(spec)
            if spec.item is not None and spec.item.has_list:
                for name in set.intersection(*(set(value.split()) for value in values)):
                    yield from self.reader.offer_of(spec, name)

    def _models(self, literals: Sequence[Literal], most: int) -> Iterator[dict[str, str]]:
        """Answers under which all of these hold, those left out whose answers can't be gone through."""
        domains = self.domains.of(literals, self._target)
        kept = [one for one in literals if all(key in domains for key in one.keys)]
        order = list(dict.fromkeys(key for one in kept for key in one.keys))
        due: dict[int, list[Literal]] = {}
        for one in kept:
            due.setdefault(max((order.index(key) + 1 for key in one.keys), default=0), []).append(one)
        return self._extended(_Table(order, domains, due, most), {})

    def _extended(self, table: "_Table", values: dict[str, str]) -> Iterator[dict[str, str]]:
        """The models that begin with these values."""
        table.left -= 1
        if table.left < 0:
            raise _TooManyError
        place = len(values)
        if not all(self._holds(one, values) for one in table.due.get(place, ())):
            return
        if place == len(table.order):
            yield values
            return
        key = table.order[place]
        for value in table.domains[key]:
            yield from self._extended(table, {**values, key: value})

    def _holds(self, literal: Literal, values: dict[str, str]) -> bool:
        closure = self.trials.closure(literal.goal)
        if closure is None:
            return True
        frame = self._frame(literal.goal.owner.level)
        for key in literal.keys:
            spec = self.schema.find(key)
            at = frame.at(spec.level) if spec is not None else None
            if spec is not None and at is not None:
                at.values[spec.slot] = values[key]
        for spec in literal.calculated:
            self._calculate(spec, frame, is_relevant=values.get(f"?{spec.key}") != BLANK)
        return truth_of(closure, frame.context) is literal.goal.wanted

    def _calculate(self, spec: Spec, frame: Frame, *, is_relevant: bool) -> None:
        at = frame.at(spec.level)
        closure = self.program.built.closures.get((spec.index, Role.CALCULATION))
        if at is not None and closure is not None:
            at.values[spec.slot] = to_printed(result(closure, at.context)) if is_relevant else BLANK

    def _frame(self, level: Level) -> Frame:
        """A first instance of a level, made up, whose values are set at will."""
        if level.index not in self._frames:
            outer = self._frame(level.outer) if level.outer is not None else None
            self._frames[level.index] = Frame(level, outer, f"proof-{level.index}", 1, {}, self._around)
        return self._frames[level.index]


@dataclass
class _Table:
    """Assignments being gone through: the answers in order, and after how many of them a condition can be judged."""

    order: list[str]
    domains: dict[str, list[str]]
    due: dict[int, list[Literal]]
    left: int


class _TooManyError(Exception):
    """There are more assignments than are gone through."""

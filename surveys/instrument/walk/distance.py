"""How far answers are from goals, and what stands in the way: a number that falls as answers come nearer.

An unmet condition counts two, or between one and two by how far apart the numbers are that it compares. `and` adds its
parts up, of `or` and of the branches of an if() the nearest counts. Where a condition reads a question that nobody is
asked under these answers, what keeps that question from being asked counts as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite, nan

from surveys.instrument.choices import is_offered
from surveys.instrument.evaluation import State
from surveys.instrument.frames import Frame
from surveys.instrument.language import nodes
from surveys.instrument.language.values import to_number
from surveys.instrument.schema import Spec
from surveys.instrument.steps import FAILURES
from surveys.instrument.walk.exits import WaysOut
from surveys.instrument.walk.goals import Goal
from surveys.instrument.walk.reading import Reader
from surveys.instrument.walk.trials import Trials, truth_of

#: Questions behind questions that are looked at for one goal.
MOST_DEPTH = 12
#: Open conditions that are kept.
MOST_GAPS = 16


@dataclass(frozen=True, slots=True)
class Gap:
    """A small condition that doesn't hold, in one instance. `difference` is that of the numbers it compares, if any."""

    goal: Goal
    frame: Frame
    difference: float = nan


@dataclass(frozen=True, slots=True)
class Distance:
    """0 where all is well; the gaps, nearest first."""

    length: float = 0.0
    gaps: tuple[Gap, ...] = ()


HERE = Distance()


class Meter:
    """Measures distances in the states of one program."""

    def __init__(self, reader: Reader, trials: Trials) -> None:
        self.reader = reader
        self.trials = trials
        self.schema = reader.schema
        self.built = trials.program.built
        self.ways_out = WaysOut(trials.program)
        self._constraints = tuple(goal for spec in self.schema.specs for goal in reader.constraint_of(spec))

    def of_target(self, goals: tuple[Goal, ...], spec: Spec, state: State) -> Distance:
        """How far `state` is from goals that shall hold in one and the same instance of where `spec` stands.

        Answers that an interview wouldn't take, or that would end it on an earlier page, are in the way.
        """
        level = spec.level
        while not state.frames(level) and level.outer is not None:
            level = level.outer
        found = (self._together(goals, frame, frozenset()) for frame in state.frames(level))
        nearest = min(found, key=_length, default=HERE)
        refused = [self._of_goal(goal, frame, frozenset()) for goal, frame in self._refused(state)]
        length = nearest.length + sum(one.length for one in refused) + 2 * self._n_ended(state, spec)
        return Distance(length, (*nearest.gaps, *(gap for one in refused for gap in one.gaps)))

    def _refused(self, state: State) -> Iterator[tuple[Goal, Frame]]:
        """Constraints of answers that don't hold."""
        for goal in self._constraints:
            for frame in state.frames(goal.owner.level):
                if state.violates_constraint(goal.owner.key, frame.instance):
                    yield goal, frame

    def _n_ended(self, state: State, spec: Spec) -> int:
        """Answers on pages before the target's that end the interview."""
        return sum(
            not names.isdisjoint(frame.values[one.slot].split())
            for one, names in self.ways_out.before(spec)
            for frame in state.frames(one.level)
        )

    def _together(self, goals: tuple[Goal, ...], frame: Frame, seen: frozenset[int]) -> Distance:
        """All goals in one instance. Each repeat that lacks an instance of it counts one."""
        length, gaps = 0.0, []
        missing = set()
        for goal in goals:
            at = frame.at(goal.owner.level)
            if at is None:
                missing.add(goal.owner.level.index)
                gaps.append(Gap(goal, frame))
                continue
            one = self._of_goal(goal, at, seen)
            length += one.length
            gaps.extend(one.gaps)
        return Distance(length + len(missing), tuple(gaps[:MOST_GAPS]))

    def _of_goal(self, goal: Goal, frame: Frame, seen: frozenset[int]) -> Distance:
        ways = self.reader.ways(goal)
        if not ways:
            return HERE if self.holds(goal, frame) else self._of_leaf(goal, frame, seen)
        found = sorted((self._together(way, frame, seen) for way in ways), key=_length)
        if found[0].length == 0:
            return HERE
        return Distance(found[0].length, tuple(gap for one in found for gap in one.gaps)[:MOST_GAPS])

    def _of_leaf(self, goal: Goal, frame: Frame, seen: frozenset[int]) -> Distance:
        difference = self.difference(goal, frame)
        own = Gap(goal, frame, difference)
        length = 1 + abs(difference) / (abs(difference) + 1000) if isfinite(difference) else 2.0
        behind = [self.schema.by_key[key] for key in self.reader.read_by(goal) if isinstance(key, str)]
        near = [(spec, at) for spec in behind if (at := frame.at(spec.level)) is not None]
        unasked = [(spec, at) for spec, at in near if not at.relevant[spec.slot] and spec.index not in seen]
        if not unasked or len(seen) > MOST_DEPTH:
            return Distance(length, (own,))
        found = sorted(
            (self._together(self.reader.goals_of(spec), at, seen | {spec.index}) for spec, at in unasked[:6]),
            key=_length,
        )
        is_in_the_way = len(unasked) == len(near)
        gaps = (own, *(gap for one in found for gap in one.gaps))
        return Distance(length + (found[0].length if is_in_the_way else 0), gaps[:MOST_GAPS])

    def holds(self, goal: Goal, frame: Frame) -> bool:
        """Whether a goal is met in one instance."""
        if goal.offer:
            item = goal.owner.item
            prepared = self.built.lists.by_name.get(item.choices) if item else None
            chosen = self.built.filters.get(goal.owner.index)
            return prepared is not None and is_offered(prepared, goal.offer, chosen, frame.context)
        closure = self.trials.closure(goal)
        return closure is not None and truth_of(closure, frame.context) is goal.wanted

    def difference(self, goal: Goal, frame: Frame) -> float:
        """Left side less right side of a comparison of numbers, not-a-number where there are none."""
        tree = goal.tree
        if not isinstance(tree, nodes.Operation) or len(tree.rest) != 1 or not 3 <= tree.level <= 4:
            return nan
        sides = [self._number(replace(goal, tree=side), frame) for side in (tree.first, tree.rest[0][1])]
        return sides[0] - sides[1] if all(isfinite(side) for side in sides) else nan

    def _number(self, goal: Goal, frame: Frame) -> float:
        closure = self.trials.closure(goal)
        if closure is None:
            return nan
        try:
            return to_number(closure(frame.context))
        except FAILURES:
            return nan


def _length(distance: Distance) -> float:
    return distance.length

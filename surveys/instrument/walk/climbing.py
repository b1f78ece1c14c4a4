"""Climbing: answers that somebody gave are changed bit by bit until goals hold, each time towards them.

The directed search of `steering` begins with nothing and may lose its way where many conditions hang together. Here
everything is answered already, the engine says how far that is from the goals (see `distance`), and changed is only
what the open conditions read (see `changes`). Answers that a constraint refuses, or that end the interview before
what is looked for, lie in the way as well.
"""

from dataclasses import dataclass, replace

from surveys.instrument.evaluation import Environment, Program, State
from surveys.instrument.schema import Spec
from surveys.instrument.walk.changes import Change, Changes, Pool, changed
from surveys.instrument.walk.distance import Distance, Gap, Meter
from surveys.instrument.walk.goals import Goal, Script

#: Evaluations that one climb may take.
MOST_TRIES = 2_000
#: Open conditions, the nearest first, that are worked on at a time.
MOST_GAPS = 8
#: Changes in a row that bring nothing nearer, and how much farther away one of them may lead.
MOST_SIDEWAYS, FARTHER = 6, 0.5


@dataclass(frozen=True)
class Foothold:
    """A script, what the engine makes of it, and how far that is from the goals."""

    script: Script
    state: State
    distance: Distance

    @property
    def length(self) -> float:
        return self.distance.length


class Climb:
    """One climb towards goals that shall hold where `spec` stands. `environment` has the seed of the interview."""

    def __init__(
        self, program: Program, meter: Meter, goals: tuple[Goal, ...], spec: Spec, environment: Environment, pool: Pool
    ) -> None:
        self.program = program
        self.meter = meter
        self.goals = goals
        self.spec = spec
        self.environment = environment
        self.changes = Changes(meter.reader, pool, self._probe)
        self.n = 0
        self._here: Foothold | None = None

    def from_(self, script: Script) -> Script | None:
        """A script near this one under which the goals hold, None where none was found."""
        here = self._foothold(script)
        sideways, visited = 0, {_mark(script)}
        while here.length > 0:
            there = self._next(here, visited, may_go_sideways=sideways < MOST_SIDEWAYS)
            if there is None:
                return None
            sideways = 0 if there.length < here.length else sideways + 1
            visited.add(_mark(there.script))
            here = there
        return here.script

    def distance(self, script: Script) -> float:
        """How far a script is from the goals."""
        return self._foothold(script).length

    def _next(self, here: Foothold, visited: set[str], *, may_go_sideways: bool) -> Foothold | None:
        """The first change that leads nearer, else the one that leads least far away."""
        self._here = here
        beside: Foothold | None = None
        gaps = list({(gap.goal.sign, gap.frame.instance): gap for gap in here.distance.gaps}.values())[:MOST_GAPS]
        for changes in self.changes.towards(gaps, here.state):
            if self.n > MOST_TRIES:
                return None
            there = self._foothold(changed(here.script, changes, self.environment.seed))
            if there.length < here.length:
                return there
            limit = beside.length if beside is not None else here.length + FARTHER
            if may_go_sideways and there.length < limit and _mark(there.script) not in visited:
                beside = there
        return beside

    def _foothold(self, script: Script) -> Foothold:
        self.n += 1
        state = self.program.evaluate(script.answers, replace(self.environment, prior=script.prior))
        return Foothold(script, state, self.meter.of_target(self.goals, self.spec, state))

    def _probe(self, change: Change, gap: Gap) -> float:
        """The difference of the gap's numbers with one change."""
        if self._here is None:
            return gap.difference
        there = self._foothold(changed(self._here.script, (change,), self.environment.seed))
        frames = there.state.frames(gap.frame.level)
        at = next((frame for frame in frames if frame.instance == gap.frame.instance), None)
        return self.meter.difference(gap.goal, at) if at is not None else gap.difference


def _mark(script: Script) -> str:
    return repr((script.answers, script.prior))

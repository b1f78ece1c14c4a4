"""The engine's entrance: an instrument, answers and an environment in; what is shown, valid and computed out.

An evaluation works everything out anew from the answers. It depends on nothing else, changes nothing, and never
raises for what is in the answers: junk is ignored, and an expression that fails counts as blank. An item without a
key in the answers has its default; an item whose key is there, even blank, has what is there.
"""

from collections.abc import Callable, Mapping
from typing import Any

from surveys.instrument.binding import FormScope
from surveys.instrument.built import build
from surveys.instrument.checks import check_instrument
from surveys.instrument.choices import PreparedList, offered_places, seed_number, shuffled
from surveys.instrument.document import VISITED
from surveys.instrument.environment import Environment
from surveys.instrument.expressions import Role, fixed, is_randomized
from surveys.instrument.frames import Around, Frame
from surveys.instrument.language.compiler import compile_expression
from surveys.instrument.language.context import Context
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.values import to_boolean, to_printed
from surveys.instrument.model import Choice, Instrument, Item, Text
from surveys.instrument.problems import InstrumentError, Problem, Severity
from surveys.instrument.schema import Level, Spec
from surveys.instrument.steps import FAILURES, Run, result
from surveys.instrument.texts import filler, pick

__all__ = ["Environment", "Program", "State", "check", "compile_program"]


def check(instrument: Instrument) -> tuple[Problem, ...]:
    """Every problem in the expressions and texts, errors first."""
    return check_instrument(instrument)


def compile_program(instrument: Instrument) -> "Program":
    """Raises InstrumentError with every problem if one of them is an error."""
    problems = check(instrument)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InstrumentError(problems)
    return Program(instrument)


class Program:
    """A compiled instrument. It keeps no state of any interview and can serve many threads."""

    def __init__(self, instrument: Instrument) -> None:
        """`instrument` must have passed `check`; `compile_program` is the way here."""
        self.instrument = instrument
        self.built = build(instrument)
        self._fillers: dict[tuple[int, int, str], Callable[[Context], str]] = {}

    def evaluate(self, answers: Mapping[str, Any], environment: Environment) -> "State":
        """Everything about these answers, worked out anew."""
        schema = self.built.schema
        around = Around(
            environment.now,
            environment.today,
            environment.zone,
            environment.language,
            environment.language_code,
            environment,
            self.instrument.default_language,
        )
        root = Frame(schema.levels[0], None, "", 1, answers if isinstance(answers, Mapping) else {}, around)
        root.relevant[0] = True
        run = Run(around, root, [[] for _ in schema.levels], {"": root})
        run.by_level[0].append(root)
        by_level = run.by_level
        for level, step in self.built.steps:
            for frame in by_level[level]:
                step(run, frame)
        return State(self, run)

    def filler(self, spec: Spec, level: Level, template: str) -> Callable[[Context], str]:
        """What fills a template in where `spec` stands, in frames of `level`; compiled on first use."""
        known = self._fillers.get((spec.index, level.index, template))
        if known is None:
            scope = FormScope(self.built.schema, self.built.lists, spec, level=level)
            try:
                known = filler(template, lambda node: compile_expression(node, scope))
            except ExpressionError:
                known = _constant(template)  # only for texts that check never saw
            self._fillers[spec.index, level.index, template] = known
        return known


def _constant(text: str) -> Callable[[Context], str]:
    return lambda context: text


class State:
    """The result of one evaluation. Keys are those of items and groups, or paths; instances are `_id`s.

    What lies outside repeats is found from any instance; what lies in a repeat needs the instance it is meant in.
    Unknown keys and instances are blank, not relevant and not required.
    """

    def __init__(self, program: Program, run: Run) -> None:
        self._program = program
        self._built = program.built
        self._run = run
        self._choices: dict[tuple[int, str], tuple[Choice, ...]] = {}

    def _find(self, key: str, instance: str) -> tuple[Spec, Frame] | None:
        spec = self._built.schema.by_key.get(key)
        frame = self._run.by_instance.get(instance)
        if spec is None or frame is None:
            return None
        if frame.level is spec.level:
            return spec, frame
        if spec.inner is not None and frame.level is spec.inner:
            return spec, frame
        at = frame.at(spec.level)
        return None if at is None else (spec, at)

    def is_relevant(self, key: str, instance: str = "") -> bool:
        """Whether this node and all that surrounds it are relevant; of a repeat, in one instance or as a whole."""
        found = self._find(key, instance)
        if found is None:
            return False
        spec, frame = found
        return frame.relevant[0 if frame.level is spec.inner else spec.slot]

    def value(self, key: str, instance: str = "") -> str:
        """The effective lexical value, "" where blank or irrelevant; names of several choices with spaces between."""
        found = self._find(key, instance)
        if found is None or found[0].item is None:
            return ""
        return found[1].values[found[0].slot]

    def is_given(self, key: str, instance: str = "") -> bool:
        """Whether the answers hold the item, blank or not; else its value is a default or calculated."""
        found = self._find(key, instance)
        return found is not None and found[0].key in found[1].raw

    def is_required(self, key: str, instance: str = "") -> bool:
        return self._flag(key, instance, Role.REQUIRED, lambda item: item.required)

    def is_read_only(self, key: str, instance: str = "") -> bool:
        return self._flag(key, instance, Role.READ_ONLY, lambda item: item.read_only)

    def _flag(self, key: str, instance: str, role: Role, source: Callable[[Item], str]) -> bool:
        found = self._find(key, instance)
        if found is None or found[0].item is None:
            return False
        spec, frame = found
        closure = self._built.closures.get((spec.index, role))
        if closure is None:
            return fixed(source(found[0].item)) is True
        return to_boolean(result(closure, frame.context))

    def violates_constraint(self, key: str, instance: str = "") -> bool:
        """Whether a value that isn't blank breaks the constraint of its item."""
        found = self._find(key, instance)
        if found is None or not self.value(key, instance):
            return False
        spec, frame = found
        closure = self._built.closures.get((spec.index, Role.CONSTRAINT))
        return closure is not None and not to_boolean(result(closure, frame.context))

    def choices(self, key: str, instance: str = "") -> tuple[Choice, ...]:
        """The choices offered now, in the order to show them; none for an item without a list."""
        found = self._find(key, instance)
        if found is None or found[0].item is None:
            return ()
        spec, frame = found
        known = self._choices.get((spec.index, frame.instance))
        if known is None:
            known = self._choices[spec.index, frame.instance] = self._offered(spec, found[0].item, frame)
        return known

    def _offered(self, spec: Spec, item: Item, frame: Frame) -> tuple[Choice, ...]:
        prepared: PreparedList | None = self._built.lists.by_name.get(item.choices) if item.has_list else None
        if prepared is None:
            return ()
        try:
            places = offered_places(prepared, self._built.filters.get(spec.index), frame.context)
        except FAILURES:
            places = []
        offered = tuple(prepared.choices[place] for place in places)
        return shuffled(offered, self._seed(spec, frame)) if is_randomized(item) else offered

    def _seed(self, spec: Spec, frame: Frame) -> int:
        closure = self._built.closures.get((spec.index, Role.SEED))
        written = to_printed(result(closure, frame.context)) if closure is not None else ""
        return seed_number(written or frame.seed_of(spec.key))

    def instances(self, repeat_key: str, instance: str = "") -> tuple[str, ...]:
        """The ids of the instances of a repeat inside that outer instance, relevant or not.

        Instances that a `repeat_count` asks for and the answers lack have ids that stay the same next time; what is
        answered in them is to be stored under these.
        """
        spec = self._built.schema.find(repeat_key)
        outer = self._run.by_instance.get(instance)
        if spec is None or spec.inner is None or outer is None:
            return ()
        frame = outer.at(spec.level)
        return tuple(inner.instance for inner in frame.inner.get(spec.inner.index, ())) if frame else ()

    def everywhere(self, key: str) -> tuple[str, ...]:
        """The ids of all instances in which a node stands, relevant or not; ("",) outside repeats."""
        spec = self._built.schema.find(key)
        return tuple(frame.instance for frame in self._run.by_level[spec.level.index]) if spec else ()

    def home(self, key: str, instance: str = "") -> str | None:
        """The id of the instance around this one in which a node stands, None where it stands in no such one."""
        found = self._find(key, instance)
        return found[1].instance if found else None

    def is_visited(self, instance: str) -> bool:
        """Whether somebody has been through the pages of an entry that a count asks for."""
        frame = self._run.by_instance.get(instance)
        return frame is not None and bool(frame.raw.get(VISITED))

    def calculated(self, key: str, instance: str = "") -> str:
        """What the calculation of an item gives now, whatever its value is."""
        found = self._find(key, instance)
        closure = self._built.closures.get((found[0].index, Role.CALCULATION)) if found else None
        return to_printed(result(closure, found[1].context)) if found and closure else ""

    def inputs_mark(self, key: str, instance: str = "") -> str | None:
        """The mark of what the calculation of an item reads, where a respondent may write over it."""
        found = self._find(key, instance)
        closure = self._built.inputs.get(found[0].index) if found else None
        return to_printed(result(closure, found[1].context)) if found and closure else None

    def frames(self, level: Level) -> tuple[Frame, ...]:
        """The values of every instance of a level, for those who compile expressions of their own."""
        return tuple(self._run.by_level[level.index])

    def text(self, text: Text, key: str = "", instance: str = "") -> str:
        """The text in the language of the interview with answers in place of `${name}`: plain, nothing escaped."""
        around = self._run.around
        template = pick(text, around.language, around.default_language)
        if "${" not in template:
            return template
        spec, frame = self._find(key, instance) or (self._built.schema.root, self._run.root)
        try:
            return self._program.filler(spec, frame.level, template)(frame.context)
        except FAILURES:
            return template

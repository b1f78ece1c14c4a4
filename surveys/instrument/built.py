"""An instrument made ready to run: expressions as closures, steps in the order in which they must be taken."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

from surveys.instrument.analysis import analyse
from surveys.instrument.binding import FormScope
from surveys.instrument.choices import ChoiceLists, Filter, PreparedList
from surveys.instrument.dependencies import Dependencies
from surveys.instrument.expressions import Expression, Role, expressions_of, fixed
from surveys.instrument.graph import order
from surveys.instrument.language import nodes
from surveys.instrument.language.compiler import compile_expression
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.functions.registry import Purity, find
from surveys.instrument.language.parser import parse
from surveys.instrument.language.values import Value, strings
from surveys.instrument.model import Group, Instrument, Item
from surveys.instrument.schema import Level, Schema, Spec
from surveys.instrument.steps import (
    Sources,
    Step,
    group_step,
    item_step,
    repeat_step,
    seeded,
    shared_condition,
    value_reader,
)


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that was compiled of one instrument."""

    schema: Schema
    lists: ChoiceLists
    steps: tuple[tuple[int, Step], ...]  # index of the level, and what to do in each of its frames
    closures: dict[tuple[int, Role], Closure]  # by index of the node
    filters: dict[int, Filter]  # likewise
    inputs: dict[int, Closure]  # likewise: the mark of what a calculation reads that a respondent may overwrite
    once: tuple[Spec, ...]  # items whose calculation keeps its first value
    triggered: tuple[Spec, ...]  # items calculated when their trigger changes


def build(instrument: Instrument) -> Built:
    """Raises ExpressionError for an instrument that has not been checked."""
    return _Builder(instrument).build()


class _Builder:
    def __init__(self, instrument: Instrument) -> None:
        self.schema = Schema(instrument)
        self.lists = ChoiceLists(instrument.choice_lists)
        self.trees: dict[tuple[int, Role], nodes.Node] = {}
        self.closures: dict[tuple[int, Role], Closure] = {}
        self.filters: dict[int, Filter] = {}
        self.inputs: dict[int, Closure] = {}
        self.parsed: dict[str, nodes.Node] = {}
        self.conditions: dict[tuple[int, str], Closure] = {}  # by level and source
        self.uses = Counter(
            (spec.level.index, spec.node.relevance.strip()) for spec in self.schema.specs if spec.node is not None
        )
        self.dependencies = Dependencies(self.schema)

    def build(self) -> Built:
        for spec in self.schema.specs[1:]:
            self._read(spec)
        specs = self.schema.specs
        self.loose = self.dependencies.loose()
        ordered = [specs[index] for index in order(range(len(specs)), self.dependencies.reads()) if index]
        steps = tuple((spec.level.index, self._step(spec)) for spec in ordered)
        once = tuple(spec for spec in specs if _is_once(self.trees.get((spec.index, Role.CALCULATION))))
        triggered = tuple(spec for spec in specs if spec.item and spec.item.trigger)
        return Built(self.schema, self.lists, steps, self.closures, self.filters, self.inputs, once, triggered)

    def _read(self, spec: Spec) -> None:
        if spec.node is None:
            return
        for expression in expressions_of(spec.node):
            tree = self._parse(expression.source)
            self.trees[spec.index, expression.role] = tree
            own = _own(spec, expression.role)
            scope = FormScope(self.schema, self.lists, spec, list_name=expression.list_name, own=own)
            shared = self._shared(spec, expression, tree, scope) if expression.role is Role.RELEVANCE else None
            self.closures[spec.index, expression.role] = shared or self._closure(spec, tree, scope)
            reads = analyse(tree, self.schema, self.lists, spec, list_name=expression.list_name).reads
            self.dependencies.add(spec, expression.role, reads)
            if expression.role is Role.CALCULATION and is_editable(spec.item):
                self.inputs[spec.index] = inputs_mark(FormScope(self.schema, self.lists, spec), reads)

    def _parse(self, source: str) -> nodes.Node:
        if source not in self.parsed:
            self.parsed[source] = parse(source)
        return self.parsed[source]

    def _shared(self, spec: Spec, expression: Expression, tree: nodes.Node, scope: FormScope) -> Closure | None:
        """The closure of a relevance that other nodes of this level have too, None where nobody has."""
        key = (spec.level.index, expression.source.strip())
        if self.uses[key] < 2 or any(_differs_by_node(node) for node in nodes.walk(tree)):
            return None
        if key not in self.conditions:
            self.conditions[key] = shared_condition(compile_expression(tree, scope), spec.level.conditions)
            spec.level.conditions += 1
        return self.conditions[key]

    def _closure(self, spec: Spec, tree: nodes.Node, scope: FormScope) -> Closure:
        closure = compile_expression(tree, scope)
        return seeded(spec, closure) if _is_seeded(tree) else closure

    def _step(self, spec: Spec) -> Step:
        relevance = self.closures.get((spec.index, Role.RELEVANCE))
        if spec.inner is not None:
            count = self.closures.get((spec.index, Role.REPEAT_COUNT))
            return repeat_step(spec, spec.inner, relevance, self._each(spec, spec.inner), count)
        if isinstance(spec.node, Group) or spec.item is None:
            return group_step(spec, relevance)
        return item_step(spec, relevance, value_reader(spec.item, self._sources(spec, spec.item)))

    def _each(self, spec: Spec, level: Level) -> Closure | None:
        """The relevance of a repeat worked out in each instance, where it can differ between them."""
        tree = self.trees.get((spec.index, Role.RELEVANCE))
        if tree is None or not any(_differs_by_instance(node) for node in nodes.walk(tree)):
            return None
        return compile_expression(tree, FormScope(self.schema, self.lists, spec, level=level))

    def _sources(self, spec: Spec, item: Item) -> Sources:
        choice_filter = self._filter(spec)
        return Sources(
            None if item.trigger else self.closures.get((spec.index, Role.CALCULATION)),
            not is_editable(item),
            self.closures.get((spec.index, Role.DEFAULT)),
            self._prepared(item),
            None if spec.index in self.loose else choice_filter,
            self.inputs.get(spec.index),
        )

    def _filter(self, spec: Spec) -> Filter | None:
        key = (spec.index, Role.CHOICE_FILTER)
        if key not in self.trees:
            return None
        column, wanted = demanded_column(self.trees[key])
        outside = FormScope(self.schema, self.lists, spec)
        compiled = compile_expression(wanted, outside) if wanted is not None else None
        self.filters[spec.index] = Filter(self.closures[key], column, compiled)
        return self.filters[spec.index]

    def _prepared(self, item: Item) -> PreparedList | None:
        return self.lists.by_name.get(item.choices) if item.has_list else None


def is_editable(item: Item | None) -> bool:
    """Whether a respondent may overwrite what is calculated for it."""
    return item is not None and item.is_asked and fixed(item.read_only) is False and not item.trigger


def inputs_mark(scope: FormScope, reads: Iterable[Spec]) -> Closure:
    """A short hash of the values that a calculation reads: another mark means that one of them has changed."""
    closures = [scope.values_of(spec) for spec in sorted(reads, key=lambda spec: spec.index)]

    def mark(context: Context) -> Value:
        values = [strings(closure(context)) for closure in closures]
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]

    return mark


def _is_once(tree: nodes.Node | None) -> bool:
    return isinstance(tree, nodes.Call) and tree.name == "once"


def _own(spec: Spec, role: Role) -> Closure | None:
    """What `.` is before the value is worked out: in a calculation and a default, the stored answer."""
    if role not in {Role.CALCULATION, Role.DEFAULT}:
        return None
    key = spec.key

    def stored(context: Context) -> Value:
        raw = context.frame.raw.get(key, "")
        return raw if isinstance(raw, str) else ""

    return stored


def demanded_column(tree: nodes.Node) -> tuple[str, nodes.Node | None]:
    """The column that a filter demands to equal an expression that reads no column, and that expression, or neither.

    The demand is the whole filter or a part of its outermost `and`.
    """
    parts = [tree]
    if isinstance(tree, nodes.Operation) and tree.level == nodes.LEVELS["and"]:
        parts = [tree.first, *(operand for _, operand in tree.rest)]
    for part in parts:
        if isinstance(part, nodes.Operation) and [operator for operator, _ in part.rest] == ["="]:
            sides = (part.first, part.rest[0][1])
            for column, other in (sides, sides[::-1]):
                if _is_column(column) and not any(isinstance(node, nodes.Path) for node in nodes.walk(other)):
                    return column.steps[0].test, other
    return "", None


def _is_column(node: nodes.Node) -> TypeGuard[nodes.Path]:
    if not isinstance(node, nodes.Path) or node.is_absolute or node.start is not None or len(node.steps) != 1:
        return False
    step = node.steps[0]
    return step.axis == "child" and step.test not in {"label", "*"} and not step.predicates and "(" not in step.test


def _is_seeded(tree: nodes.Node) -> bool:
    calls = [find(node.name) for node in nodes.walk(tree) if isinstance(node, nodes.Call)]
    return any(entry is not None and entry.purity is Purity.SEEDED for entry in calls)


def _differs_by_node(node: nodes.Node) -> bool:
    """Whether this part of an expression means something else in another node of the same level."""
    if not isinstance(node, nodes.Call):
        return isinstance(node, nodes.Path)
    entry = find(node.name)
    return entry is None or entry.purity is Purity.SEEDED or node.name in {"once", "current", "position", "last"}


def _differs_by_instance(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Path) or (isinstance(node, nodes.Call) and node.name in {"position", "index"})

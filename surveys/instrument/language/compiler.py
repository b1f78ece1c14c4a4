"""A syntax tree to one closure. Names are resolved here, once; nothing is parsed or looked up when it runs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.dates import days_of
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions import registry
from surveys.instrument.language.functions.registry import Scope
from surveys.instrument.language.paths import path_closure, with_predicates
from surveys.instrument.language.values import (
    Value,
    equal,
    less,
    less_or_equal,
    to_boolean,
    to_number,
    unequal,
)


def compile_expression(node: nodes.Node, scope: Scope, *, is_checked: bool = True) -> Closure:
    """The closure of a tree. Raises ExpressionError where it names or calls what isn't there.

    Not checked, a call that is wrong raises when it is reached: that is how other engines do it, and how `and`, `or`
    and `if` are seen to leave out what doesn't matter.
    """
    return Compiler(scope, is_checked=is_checked).closure(node)


@dataclass(frozen=True, slots=True)
class Compiler:
    scope: Scope
    is_in_predicate: bool = False
    is_checked: bool = True

    def with_scope(self, scope: Scope) -> "Compiler":
        return Compiler(scope, is_checked=self.is_checked)

    def closure(self, node: nodes.Node) -> Closure:
        match node:
            case nodes.Number():
                return _constant(node.value)
            case nodes.Literal():
                return _constant(node.text)
            case nodes.Reference():
                return self.scope.reference(node)
            case nodes.Call():
                return self._call(node)
            case nodes.Path():
                return self._path(node)
            case nodes.Filter():
                return self._filter(node)
            case nodes.Negate():
                operand = self.closure(node.operand)
                return lambda c: -to_number(operand(c))
            case nodes.Operation():
                return self._operation(node)

    def nodes_of(self, node: nodes.Node) -> Closure:
        """The closure of what is wanted as nodes: `${name}` is a node there, where elsewhere it is a value."""
        return self.scope.nodes_of(node) if isinstance(node, nodes.Reference) else self.closure(node)

    def _call(self, node: nodes.Call) -> Closure:
        try:
            entry = registry.checked(node)
        except ExpressionError as error:
            if self.is_checked:
                raise
            return _raising(error)
        if entry.form is not None:
            return entry.form(self, node)
        arguments = [
            self.nodes_of(argument) if entry.type_of(place) is registry.Type.NODES else self.closure(argument)
            for place, argument in enumerate(node.arguments)
        ]
        return registry.plain_closure(entry, arguments, node.arguments)

    def _operation(self, node: nodes.Operation) -> Closure:
        if node.level == nodes.LEVELS["|"]:
            return _united([self.nodes_of(operand) for operand in nodes.children(node)])
        result = self.closure(node.first)
        if node.level <= nodes.LEVELS["and"]:
            closures = [result, *(self.closure(operand) for _, operand in node.rest)]
            return _any_of(closures) if node.level == nodes.LEVELS["or"] else _all_of(closures)
        if len(node.rest) > 1:
            return _chain(result, [(operator, self.closure(operand)) for operator, operand in node.rest])
        operator, operand = node.rest[0]
        if operator in {"=", "!="} and isinstance(operand, nodes.Literal) and days_of(operand.text) is None:
            return _compared_with(operand.text, result, is_equal=operator == "=")
        return _binary(operator, result, self.closure(operand))

    def _filter(self, node: nodes.Filter) -> Closure:
        subject = self.nodes_of(node.subject)
        return with_predicates(subject, self._predicates(node.predicates))

    def _predicates(self, predicates: tuple[nodes.Node, ...]) -> tuple[Closure, ...]:
        inner = Compiler(self.scope, True, self.is_checked)
        return tuple(inner.closure(predicate) for predicate in predicates)

    def _path(self, node: nodes.Path) -> Closure:
        if not node.is_absolute and node.start is None and len(node.steps) == 1:
            short = self._short_path(node.steps[0])
            if short is not None:
                return short
        start = self._start(node)
        steps = tuple((step, self._predicates(step.predicates)) for step in node.steps)
        if node.is_absolute and steps and steps[0][0].axis == "child":
            steps = ((replace(steps[0][0], test="node()"), steps[0][1]), *steps[1:])  # the root, whatever its name
        return path_closure(start, steps)

    def _start(self, node: nodes.Path) -> Closure:
        if node.start is not None:
            return self.nodes_of(node.start)
        if node.is_absolute:
            return self.scope.root()
        if self.is_in_predicate:
            return _focus
        return self.scope.own_node()

    def _short_path(self, step: nodes.Step) -> Closure | None:
        """`.` and the bare column names of a choice filter need no walking."""
        if self.is_in_predicate or step.predicates:
            return None
        if step == nodes.SELF:
            return self.scope.own_value()
        return self.scope.column(step.test) if step.axis == "child" else None


def _focus(context: Context) -> Value:
    return () if context.node is None else (context.node,)


def _raising(error: ExpressionError) -> Closure:
    def closure(context: Context) -> Value:
        raise error

    return closure


def _constant(value: Value) -> Closure:
    return lambda c: value


# Truth values are told by identity first: nearly all operands of `and` and `or` are comparisons and selected().


def _any_of(closures: list[Closure]) -> Closure:
    def closure(context: Context) -> Value:
        for each in closures:
            value = each(context)
            if value is True or (value is not False and to_boolean(value)):
                return True
        return False

    return closure


def _all_of(closures: list[Closure]) -> Closure:
    def closure(context: Context) -> Value:
        for each in closures:
            value = each(context)
            if value is False or (value is not True and not to_boolean(value)):
                return False
        return True

    return closure


def _compared_with(text: str, left: Closure, *, is_equal: bool) -> Closure:
    """The commonest of all comparisons, of an answer with a code that can't be a date."""

    def same(context: Context) -> Value:
        value = left(context)
        return value == text if isinstance(value, str) else equal(value, text)

    def different(context: Context) -> Value:
        value = left(context)
        return value != text if isinstance(value, str) else unequal(value, text)

    return same if is_equal else different


def _binary(operator: str, left: Closure, right: Closure) -> Closure:
    apply = _APPLY[operator]
    return lambda c: apply(left(c), right(c))


def _chain(first: Closure, rest: list[tuple[str, Closure]]) -> Closure:
    """Many operands from left to right, in a loop: a long sum must not become a deep one."""
    steps = [(_APPLY[operator], operand) for operator, operand in rest]

    def closure(context: Context) -> Value:
        value = first(context)
        for apply, operand in steps:
            value = apply(value, operand(context))
        return value

    return closure


def _divide(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _remainder(left: float, right: float) -> float:
    """XPath's `mod`: the sign of the left operand; not-a-number where it is not defined."""
    if right == 0 or math.isinf(left):
        return math.nan
    return math.fmod(left, right)


def _united(operands: list[Closure]) -> Closure:
    """All nodes of all operands, each once."""

    def closure(context: Context) -> Value:
        found = [operand(context) for operand in operands]
        reached = [node for value in found if isinstance(value, tuple) for node in value]
        return tuple({node.identity(): node for node in reached}.values())

    return closure


_APPLY: dict[str, Callable[[Value, Value], Value]] = {
    "=": equal,
    "!=": unequal,
    "<": less,
    "<=": less_or_equal,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: less_or_equal(right, left),
    "+": lambda left, right: to_number(left) + to_number(right),
    "-": lambda left, right: to_number(left) - to_number(right),
    "*": lambda left, right: to_number(left) * to_number(right),
    "div": lambda left, right: _divide(to_number(left), to_number(right)),
    "mod": lambda left, right: _remainder(to_number(left), to_number(right)),
}

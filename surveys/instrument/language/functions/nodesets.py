"""Repeats, lists and other sets of nodes."""

import math

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions.registry import Builder, Purity, Type, function, special_form
from surveys.instrument.language.values import NAN, Value, numbers, strings


@function("count", "nodes", Type.NUMBER, "How many nodes there are: count(${moves}).")
def count(value: Value) -> Value:
    if isinstance(value, tuple):
        return float(len(value))
    return 0.0 if value == "" else 1.0


@function("count-non-empty", "nodes", Type.NUMBER, "How many nodes have a value.")
def count_non_empty(value: Value) -> Value:
    return float(sum(text != "" for text in strings(value)))


@function("sum", "any+", Type.NUMBER, "The sum of numbers; blank answers don't count.")
def sum_(*values: Value) -> Value:
    return float(math.fsum(_all_numbers(values)))


@function("min", "any+", Type.NUMBER, "The smallest of numbers; blank answers don't count.")
def min_(*values: Value) -> Value:
    found = _all_numbers(values)
    return NAN if not found or any(map(math.isnan, found)) else min(found)


@function("max", "any+", Type.NUMBER, "The largest of numbers; blank answers don't count.")
def max_(*values: Value) -> Value:
    found = _all_numbers(values)
    return NAN if not found or any(map(math.isnan, found)) else max(found)


def _all_numbers(values: tuple[Value, ...]) -> list[float]:
    return [number for value in values if value != "" for number in numbers(value)]


@special_form(
    "position",
    "nodes?",
    Type.NUMBER,
    "In a predicate the place of the node; position(..) is the number of the instance.",
    purity=Purity.INTERVIEW,
)
def position(builder: Builder, call: nodes.Call) -> Closure:
    if not call.arguments:
        return lambda c: float(c.position)
    node_set = builder.nodes_of(call.arguments[0])

    def closure(context: Context) -> Value:
        value = node_set(context)
        return float(value[0].place()) if isinstance(value, tuple) and value else NAN

    return closure


@special_form("last", "", Type.NUMBER, "In a predicate, how many nodes there are.", purity=Purity.INTERVIEW)
def last(builder: Builder, call: nodes.Call) -> Closure:
    return lambda c: float(c.size)


@special_form("index", "", Type.NUMBER, "SurveyCTO's number of the instance, from 1.", purity=Purity.INTERVIEW)
def index(builder: Builder, call: nodes.Call) -> Closure:
    return builder.scope.instance_number()


@special_form("current", "", Type.NODES, "The item the expression belongs to.", purity=Purity.INTERVIEW)
def current(builder: Builder, call: nodes.Call) -> Closure:
    return builder.scope.own_node()


@special_form(
    "instance", "string", Type.NODES, "A choice list: instance('country')/root/item[name = ${country}]/label."
)
def instance(builder: Builder, call: nodes.Call) -> Closure:
    written = call.arguments[0]
    if not isinstance(written, nodes.Literal):
        message = "Name the list of instance() in quotation marks."
        raise ExpressionError(message, call.position, "expression.unsupported")
    return builder.scope.choice_nodes(written.text)


@special_form(
    "indexed-repeat",
    "nodes nodes number any*",
    Type.STRING,
    "The answer in a numbered instance: indexed-repeat(${move_country}, ${moves}, 1).",
)
def indexed_repeat(builder: Builder, call: nodes.Call) -> Closure:
    target, *rest = call.arguments
    pairs = list(zip(rest[::2], rest[1::2], strict=False))
    levels = [(repeat, builder.closure(number)) for repeat, number in pairs if isinstance(repeat, nodes.Reference)]
    if not isinstance(target, nodes.Reference) or len(rest) % 2 or len(levels) != len(pairs):
        message = "Write indexed-repeat(${question}, ${repeat}, number)."
        raise ExpressionError(message, call.position, "expression.unsupported")
    return builder.scope.indexed(target, levels)

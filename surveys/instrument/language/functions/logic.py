"""Truth, choice between values, conversion."""

import math

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.functions.registry import Builder, Type, function, special_form
from surveys.instrument.language.values import Value, is_blank, number_of_text, to_boolean, to_number, to_string


@function("true", "", Type.BOOLEAN, "True.")
def true() -> Value:
    return True


@function("false", "", Type.BOOLEAN, "False.")
def false() -> Value:
    return False


@function("not", "boolean", Type.BOOLEAN, "True if its argument is false.")
def not_(value: bool) -> Value:
    return not value


@function("boolean", "boolean", Type.BOOLEAN, "The truth of a value: text unless blank, a number unless 0.")
def boolean(value: bool) -> Value:
    return value


@function("boolean-from-string", "string", Type.BOOLEAN, "True for 'true' and '1', false for anything else.")
def boolean_from_string(text: str) -> Value:
    return text in {"true", "1"}


@special_form("number", "any?", Type.NUMBER, "A value as a number; a date as days since 1970-01-01.")
def number(builder: Builder, call: nodes.Call) -> Closure:
    value = _argument_or_self(builder, call)
    return lambda c: to_number(value(c))


@special_form("string", "any?", Type.STRING, "A value as text.")
def string(builder: Builder, call: nodes.Call) -> Closure:
    value = _argument_or_self(builder, call)
    return lambda c: to_string(value(c))


def _argument_or_self(builder: Builder, call: nodes.Call) -> Closure:
    node = call.arguments[0] if call.arguments else nodes.Path((nodes.SELF,))
    return builder.closure(node)


@function("int", "any", Type.NUMBER, "A number without its fraction, cut towards zero.")
def int_(value: Value) -> Value:
    found = number_of_text(value) if isinstance(value, str) else to_number(value)
    return found if math.isnan(found) or math.isinf(found) else float(math.trunc(found))


@special_form("if", "boolean any any", Type.ANY, "The second argument if the first is true, else the third.")
def if_(builder: Builder, call: nodes.Call) -> Closure:
    condition, then, otherwise = map(builder.closure, call.arguments)

    def closure(context: Context) -> Value:
        return then(context) if to_boolean(condition(context)) else otherwise(context)

    return closure


@special_form("coalesce", "any any+", Type.ANY, "The first of its arguments that is not blank.")
def coalesce(builder: Builder, call: nodes.Call) -> Closure:
    closures = list(map(builder.closure, call.arguments))

    def closure(context: Context) -> Value:
        value: Value = ""
        for each in closures:
            value = each(context)
            if not is_blank(value):
                return value
        return "" if is_blank(value) else value

    return closure


@special_form("once", "any", Type.ANY, "Its own earlier value if it has one, else its argument.")
def once(builder: Builder, call: nodes.Call) -> Closure:
    own, first = builder.scope.own_value(), builder.closure(call.arguments[0])

    def closure(context: Context) -> Value:
        earlier = own(context)
        return first(context) if is_blank(earlier) else earlier

    return closure


@special_form("checklist", "number number any*", Type.BOOLEAN, "Whether the count of true values lies in a range.")
def checklist(builder: Builder, call: nodes.Call) -> Closure:
    least, most, *answers = map(builder.closure, call.arguments)

    def closure(context: Context) -> Value:
        count = float(sum(to_boolean(each) for answer in answers for each in _each(answer(context))))
        return _is_between(count, to_number(least(context)), to_number(most(context)))

    return closure


@special_form(
    "weighted-checklist",
    "number number any*",
    Type.BOOLEAN,
    "As checklist(), each value followed by the weight it counts with.",
)
def weighted_checklist(builder: Builder, call: nodes.Call) -> Closure:
    least, most, *pairs = map(builder.closure, call.arguments)
    weighted = list(zip(pairs[::2], pairs[1::2], strict=False))  # `misuse` refuses one without a weight

    def closure(context: Context) -> Value:
        total = 0.0
        for answers, weights in weighted:
            paired = zip(_each(answers(context)), _each(weights(context)), strict=False)
            total += sum(to_number(weight) for answer, weight in paired if to_boolean(answer))
        return _is_between(total, to_number(least(context)), to_number(most(context)))

    return closure


def _each(value: Value) -> list[Value]:
    """The text of every node of a node-set; anything else by itself."""
    return [node.text() for node in value] if isinstance(value, tuple) else [value]


def _is_between(count: float, least: float, most: float) -> bool:
    """-1 as a bound means none."""
    return (least == -1 or count >= least) and (most == -1 or count <= most)

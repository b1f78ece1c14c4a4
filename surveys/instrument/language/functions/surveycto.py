"""SurveyCTO's pure functions, and the names of other tools that are refused with advice."""

import math
from collections.abc import Callable

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions.nodesets import max_, min_, sum_
from surveys.instrument.language.functions.registry import Builder, Type, function, special_form, unsupported
from surveys.instrument.language.functions.strings import join
from surveys.instrument.language.values import NodeSet, Value, to_boolean, to_string


@function("count-items", "string string", Type.NUMBER, "How many items a text has that are parted by a separator.")
def count_items(separator: str, text: str) -> Value:
    return float(len(_items(separator, text)))


@function("item-at", "string string number", Type.STRING, "The item at a place that counts from 0, or blank.")
def item_at(separator: str, text: str, index: float) -> Value:
    items = _items(separator, text)
    return "" if math.isnan(index) or not 0 <= index < len(items) else items[int(index)]


@function("item-index", "string string string", Type.NUMBER, "The place of an item, from 0; -1 where it is missing.")
def item_index(separator: str, text: str, item: str) -> Value:
    items = _items(separator, text)
    return float(items.index(item)) if item in items else -1.0


@function("item-present", "string string string", Type.BOOLEAN, "Whether an item is among those of a text.")
def item_present(separator: str, text: str, item: str) -> Value:
    return item in _items(separator, text)


@function("de-duplicate", "string string", Type.STRING, "The items of a text, each only once.")
def de_duplicate(separator: str, text: str) -> Value:
    return separator.join(dict.fromkeys(_items(separator, text)))


@function("linebreak", "", Type.STRING, "A line break.")
def linebreak() -> Value:
    return "\n"


def _items(separator: str, text: str) -> list[str]:
    if not text:
        return []
    return text.split(separator) if separator else [text]


# Over the instances that satisfy a condition


def _chosen(builder: Builder, target: nodes.Node, condition: nodes.Node) -> Callable[[Context], NodeSet]:
    """The nodes of `target` in whose instance `condition` is true."""
    if not isinstance(target, nodes.Reference):
        message = "A reference to an item of the repeat is wanted here: ${name}."
        raise ExpressionError(message, getattr(target, "position", 0), "expression.unsupported")
    inner, contexts = builder.scope.inside(target)
    nodes_of = inner.own_node()
    test = builder.with_scope(inner).closure(condition)

    def chosen(context: Context) -> NodeSet:
        return tuple(node for each in contexts(context) if to_boolean(test(each)) for node in nodes_of(each))

    return chosen


@special_form("count-if", "nodes boolean", Type.NUMBER, "How many instances satisfy a condition.")
def count_if(builder: Builder, call: nodes.Call) -> Closure:
    chosen = _chosen(builder, *call.arguments)
    return lambda c: float(len(chosen(c)))


@special_form("sum-if", "nodes boolean", Type.NUMBER, "The sum over the instances that satisfy a condition.")
def sum_if(builder: Builder, call: nodes.Call) -> Closure:
    chosen = _chosen(builder, *call.arguments)
    return lambda c: sum_(chosen(c))


@special_form("min-if", "nodes boolean", Type.NUMBER, "The smallest over the instances that satisfy a condition.")
def min_if(builder: Builder, call: nodes.Call) -> Closure:
    chosen = _chosen(builder, *call.arguments)
    return lambda c: min_(chosen(c))


@special_form("max-if", "nodes boolean", Type.NUMBER, "The largest over the instances that satisfy a condition.")
def max_if(builder: Builder, call: nodes.Call) -> Closure:
    chosen = _chosen(builder, *call.arguments)
    return lambda c: max_(chosen(c))


@special_form("join-if", "string nodes boolean", Type.STRING, "The values of the instances that satisfy a condition.")
def join_if(builder: Builder, call: nodes.Call) -> Closure:
    separator = builder.closure(call.arguments[0])
    chosen = _chosen(builder, call.arguments[1], call.arguments[2])
    return lambda c: join(to_string(separator(c)), chosen(c))


_NO_DEVICE = "A web questionnaire knows nothing about the device, on purpose."
_REFUSED = {
    "duration": "Times are not kept, on purpose; how long an interview took is known only as one of four classes.",
    "device-info": _NO_DEVICE,
    "phone-call-duration": _NO_DEVICE,
    "phone-call-log": _NO_DEVICE,
    "collect-is-phone-app": _NO_DEVICE,
    "username": _NO_DEVICE,
    "version": "Leave it out; the version is kept with every record.",
    "plug-in-metadata": "Field plug-ins don't run here.",
    "property": _NO_DEVICE,
    "jr:itext": "Use jr:choice-name() or a reference in the label.",
    "jr:preload": _NO_DEVICE,
    "randomize": "Write randomize=true into the column 'parameters'.",
    "difference-in-months": "Write int((date(${later}) - date(${earlier})) div 30.4375).",
    "search": "Use a choice list with a choice_filter.",
    "area": "Places on a map are not asked here, on purpose.",
    "distance": "Places on a map are not asked here, on purpose.",
    "geofence": "Places on a map are not asked here, on purpose.",
    "short-geopoint": "Places on a map are not asked here, on purpose.",
    "enclosed-area": "Places on a map are not asked here, on purpose.",
    "extract-signed": "Signed input is not offered.",
    "hash": "Use digest().",
    "id": "Use a reference ${name}.",
    "lang": "Texts follow the language of the interview by themselves.",
}
for _name, _advice in _REFUSED.items():
    unsupported(_name, _advice)

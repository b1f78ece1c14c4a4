"""One registry of everything an expression can call: what it takes, what it gives, and how far it is repeatable."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from surveys.instrument.language import nodes
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.values import NodeSet, Value, to_boolean, to_number, to_string


class Purity(StrEnum):
    """On what the result depends besides the arguments."""

    PURE = "pure"
    INTERVIEW = "interview"  # who answers and where the expression stands: language, position, prior answers
    CLOCK = "clock"
    SEEDED = "seeded"  # drawn at random, the same for the same interview, item and instance


class Type(StrEnum):
    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NODES = "nodes"
    ANY = "any"


class Scope(Protocol):
    """How names become values: given by whoever owns the items."""

    def reference(self, node: nodes.Reference) -> Closure: ...

    def nodes_of(self, node: nodes.Reference) -> Closure:
        """What a reference means where nodes are wanted: count(), `|`, before a predicate or a slash."""

    def own_value(self) -> Closure:
        """What `.` is outside predicates."""

    def own_node(self) -> Callable[[Context], NodeSet]:
        """Where a relative path starts outside predicates."""

    def root(self) -> Callable[[Context], NodeSet]:
        """Where an absolute path starts."""

    def column(self, name: str) -> Closure | None:
        """In a choice filter, the closure that reads this column of the choice; None elsewhere."""

    def instance_number(self) -> Closure:
        """The number of the innermost repeat instance, from 1."""

    def choice_label(self, value: Closure, reference: nodes.Reference) -> Closure: ...

    def choice_nodes(self, list_name: str) -> Callable[[Context], NodeSet]: ...

    def indexed(self, target: nodes.Reference, levels: Sequence[tuple[nodes.Reference, Closure]]) -> Closure: ...

    def inside(self, target: nodes.Reference) -> "tuple[Scope, Callable[[Context], list[Context]]]":
        """The scope of the repeat that holds `target`, and the contexts of its instances."""


class Builder(Protocol):
    """What a special form is built with."""

    @property
    def scope(self) -> Scope: ...

    def closure(self, node: nodes.Node) -> Closure: ...

    def nodes_of(self, node: nodes.Node) -> Closure: ...

    def with_scope(self, scope: Scope) -> "Builder": ...


Form = Callable[[Builder, nodes.Call], Closure]


@dataclass(frozen=True, slots=True)
class Function:
    """A callable of the language. Exactly one of `call`, `form` and `advice` says what it does.

    `call` gets converted arguments (the context first if `needs_context`); `form` compiles the call itself, because
    it evaluates its arguments in another way; `advice` tells authors what to use instead of what we don't offer.
    """

    name: str
    minimum: int
    maximum: int | None  # None: any number
    arguments: tuple[Type, ...]  # the last one stands for all further ones
    result: Type
    purity: Purity
    doc: str
    call: Callable[..., Value] | None = None
    form: Form | None = None
    needs_context: bool = False
    advice: str = ""

    @property
    def is_supported(self) -> bool:
        return not self.advice

    def type_of(self, place: int) -> Type:
        """The type of the argument at a place, from 0."""
        return self.arguments[min(place, len(self.arguments) - 1)]

    def arity_problem(self, count: int) -> str:
        """What is wrong with calling it with `count` arguments, "" if nothing."""
        if count >= self.minimum and (self.maximum is None or count <= self.maximum):
            return ""
        if self.minimum == self.maximum:
            wanted = f"{self.minimum}"
        elif self.maximum is None:
            wanted = f"at least {self.minimum}"
        else:
            wanted = f"{self.minimum} to {self.maximum}"
        plural = "" if wanted in {"1", "at least 1"} else "s"
        return f"{self.name}() takes {wanted} argument{plural}, not {count}."


_REGISTRY: dict[str, Function] = {}


def all_functions() -> tuple[Function, ...]:
    """Every function by name, unsupported ones (with advice) included."""
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))


def find(name: str) -> Function | None:
    return _REGISTRY.get(name)


def suggest(name: str, candidates: Sequence[str] | None = None) -> str:
    """The name meant by a misspelled one, "" where none is close."""
    known = candidates if candidates is not None else [entry.name for entry in all_functions() if entry.is_supported]
    by_folded = {candidate.casefold(): candidate for candidate in reversed(known)}
    folded = name.casefold().replace("_", "-") if candidates is None else name.casefold()
    close = difflib.get_close_matches(folded, list(by_folded), n=1, cutoff=0.7)
    return by_folded[close[0]] if close else ""


def function(
    name: str,
    arguments: str,
    result: Type,
    doc: str,
    *,
    purity: Purity = Purity.PURE,
    needs_context: bool = False,
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Register a plain function. `arguments` such as "string number?" or "any+": `?` optional, `*` and `+` repeated."""

    def register(call: Callable[..., Value]) -> Callable[..., Value]:
        minimum, maximum, types = _signature(arguments)
        _add(Function(name, minimum, maximum, types, result, purity, doc, call=call, needs_context=needs_context))
        return call

    return register


def special_form(
    name: str, arguments: str, result: Type, doc: str, *, purity: Purity = Purity.PURE
) -> Callable[[Form], Form]:
    """Register a function that compiles its own call."""

    def register(form: Form) -> Form:
        minimum, maximum, types = _signature(arguments)
        _add(Function(name, minimum, maximum, types, result, purity, doc, form=form))
        return form

    return register


def unsupported(name: str, advice: str) -> None:
    """Register a name that other tools know and we refuse, with what to do instead."""
    _add(Function(name, 0, None, (Type.ANY,), Type.ANY, Purity.PURE, "Not supported.", advice=advice))


def _add(entry: Function) -> None:
    if entry.name in _REGISTRY:
        raise ValueError(f"The function {entry.name} is registered twice.")
    _REGISTRY[entry.name] = entry


def _signature(text: str) -> tuple[int, int | None, tuple[Type, ...]]:
    minimum, maximum, types = 0, 0, []
    is_open = False
    for word in text.split():
        name, mark = word.rstrip("?*+"), word[-1]
        types.append(Type(name))
        minimum += mark not in "?*"
        maximum += 1
        is_open = mark in "*+"
    return minimum, None if is_open else maximum, tuple(types)


def checked(call: nodes.Call) -> Function:
    """The function a call means. Raises ExpressionError for unknown and unsupported names and a wrong arity."""
    entry = find(call.name)
    if entry is None:
        meant = suggest(call.name)
        advice = f"Did you mean {meant}()?" if meant else ""
        raise ExpressionError(
            f"There is no function {call.name}().", call.position, "expression.unknown_function", advice
        )
    if not entry.is_supported:
        message = f"{call.name}() is not supported."
        raise ExpressionError(message, call.position, "expression.unsupported", entry.advice)
    problem = entry.arity_problem(len(call.arguments))
    if problem:
        raise ExpressionError(problem, call.position, "expression.arity", entry.doc)
    for place, argument in enumerate(call.arguments):
        if entry.type_of(place) is Type.NODES and not _may_be_nodes(argument):
            message = f"{entry.name}() takes questions or repeats, not {_KINDS[type(argument)]}."
            raise ExpressionError(message, argument.position, "expression.not_nodes", "Write ${name}.")
    return entry


_KINDS: dict[type, str] = {
    nodes.Number: "a number",
    nodes.Literal: "text",
    nodes.Negate: "a number",
    nodes.Operation: "what is calculated",
    nodes.Call: "what is calculated",
}


def _may_be_nodes(argument: nodes.Node) -> bool:
    match argument:
        case nodes.Operation():
            return argument.level == nodes.LEVELS["|"]
        case nodes.Call():
            found = find(argument.name)
            return found is None or found.result in {Type.NODES, Type.ANY}
        case _:
            return type(argument) not in _KINDS


# Compiling a plain call

_CONVERT: dict[Type, Callable[[Value], Any]] = {
    Type.STRING: to_string,
    Type.NUMBER: to_number,
    Type.BOOLEAN: to_boolean,
}


def plain_closure(entry: Function, arguments: Sequence[Closure], written: Sequence[nodes.Node]) -> Closure:
    """A closure that evaluates the arguments, converts them and calls the function.

    `written` are their trees: a literal last of two arguments, as in selected(), is converted here, once.
    """
    call = entry.call
    if call is None:
        raise ValueError(f"{entry.name} is not a plain function.")
    readers = [_reader(entry, number, closure) for number, closure in enumerate(arguments)]
    if entry.needs_context:
        return lambda c: call(c, *[read(c) for read in readers])
    match readers:
        case [one]:
            return lambda c: call(one(c))
        case [one, two] if isinstance(written[1], nodes.Literal) and entry.type_of(1) is Type.STRING:
            text = written[1].text
            return lambda c: call(one(c), text)
        case [one, two]:
            return lambda c: call(one(c), two(c))
        case _:
            return lambda c: call(*[read(c) for read in readers])


def _reader(entry: Function, number: int, closure: Closure) -> Callable[[Context], Any]:
    convert = _CONVERT.get(entry.type_of(number))
    if convert is None:
        return closure
    return lambda c: convert(closure(c))

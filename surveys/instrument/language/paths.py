"""Walking node-sets: the steps and predicates of a location path."""

from collections.abc import Callable, Iterable, Iterator

from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.nodes import Step
from surveys.instrument.language.values import Node, NodeSet, Value, to_boolean


def path_closure(start: Closure, steps: tuple[tuple[Step, tuple[Closure, ...]], ...]) -> Closure:
    """The nodes reached from `start` by `steps`, each with its compiled predicates."""

    def closure(context: Context) -> Value:
        found = start(context)
        reached: NodeSet = found if isinstance(found, tuple) else ()
        for step, predicates in steps:
            reached = _step(context, reached, step, predicates)
        return reached

    return closure


def with_predicates(subject: Closure, predicates: tuple[Closure, ...]) -> Closure:
    """The nodes of `subject` for which every predicate holds."""

    def closure(context: Context) -> Value:
        found = subject(context)
        reached: NodeSet = found if isinstance(found, tuple) else ()
        for predicate in predicates:
            reached = _kept(context, reached, predicate)
        return reached

    return closure


def _step(context: Context, start: NodeSet, step: Step, predicates: tuple[Closure, ...]) -> NodeSet:
    found: dict[object, Node] = {}
    for origin in start:
        reached: NodeSet = tuple(node for node in _walk(origin, step) if _passes(node, step.test))
        for predicate in predicates:
            reached = _kept(context, reached, predicate)
        for node in reversed(reached) if step.axis in _REVERSE else reached:
            found.setdefault(node.identity(), node)
    return tuple(found.values())


def _kept(context: Context, candidates: NodeSet, predicate: Closure) -> NodeSet:
    size = len(candidates)
    kept = []
    for position, node in enumerate(candidates, start=1):
        value = predicate(context.at(node, position, size))
        is_number = isinstance(value, float) and not isinstance(value, bool)
        if value == position if is_number else to_boolean(value):
            kept.append(node)
    return tuple(kept)


def _walk(origin: Node, step: Step) -> Iterable[Node]:
    # A leaf has no text node of its own here: its text() is the leaf itself.
    return (origin,) if step.test == "text()" else _AXES[step.axis](origin)


def _passes(node: Node, test: str) -> bool:
    return test in {"*", "node()", "text()"} or node.name == test


def _parents(node: Node) -> Iterator[Node]:
    above = node.parent()
    while above is not None:
        yield above
        above = above.parent()


def _descendants(node: Node) -> Iterator[Node]:
    for child in node.children():
        yield child
        yield from _descendants(child)


def _siblings(node: Node) -> tuple[list[Node], list[Node]]:
    above = node.parent()
    every = [] if above is None else list(above.children())
    own = node.identity()
    number = next((index for index, each in enumerate(every) if each.identity() == own), len(every))
    return every[:number], every[number + 1 :]


def _first_parent(node: Node) -> Iterable[Node]:
    above = node.parent()
    return () if above is None else (above,)


_AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "self": lambda node: (node,),
    "child": lambda node: node.children(),
    "parent": _first_parent,
    "ancestor": _parents,
    "ancestor-or-self": lambda node: (node, *_parents(node)),
    "descendant": _descendants,
    "descendant-or-self": lambda node: (node, *_descendants(node)),
    "preceding-sibling": lambda node: reversed(_siblings(node)[0]),
    "following-sibling": lambda node: _siblings(node)[1],
}
_REVERSE = frozenset({"ancestor", "ancestor-or-self", "preceding-sibling"})
SUPPORTED_AXES = frozenset(_AXES)

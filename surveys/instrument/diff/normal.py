"""Expressions in normal form, so that typing the same condition in another way is no change."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from surveys.instrument.expressions import fixed
from surveys.instrument.language import nodes, parsed, print_expression

#: Current name by former name of the items that were renamed.
Renamed = Mapping[str, str]
_parsed = lru_cache(maxsize=4096)(parsed)
_WRITTEN_OUT = (nodes.Literal, nodes.Number)
_UNORDERED = (nodes.LEVELS["or"], nodes.LEVELS["and"])


def normal_form(source: str, renamed: Renamed | None = None) -> str:
    """One text for all spellings: spaces, quotes, needless parentheses, the order inside and/or and the side on which
    something compared is written don't matter.

    What can't be parsed stays as it is but for its spaces.
    """
    tree = _parsed(source)
    if tree is None:
        return " ".join(source.split())
    return print_expression(_normal(tree, renamed or {}))


def normal_switch(source: str, renamed: Renamed | None = None) -> str:
    """The normal form of a column that may also hold a plain yes or no."""
    plain = fixed(source)
    return normal_form(source, renamed) if plain is None else ("true()" if plain else "")


def conditions(sources: Iterable[str], renamed: Renamed | None = None) -> frozenset[str]:
    """The normal forms of all conditions that must hold together, wherever in these sources each is written."""
    found: set[str] = set()
    for source in sources:
        tree = _parsed(source)
        if tree is None:
            found.update(filter(None, [" ".join(source.split())]))
            continue
        normal = _normal(tree, renamed or {})
        is_all = isinstance(normal, nodes.Operation) and normal.level == nodes.LEVELS["and"]
        found.update(print_expression(part) for part in (nodes.children(normal) if is_all else (normal,)))
    return frozenset(found - {"true()"})


def columns_read(choice_filter: str) -> set[str]:
    """The columns of the list that a choice filter reads: its bare names."""
    tree = _parsed(choice_filter)
    paths = (node for node in nodes.walk(tree) if isinstance(node, nodes.Path)) if tree else ()
    return {path.steps[0].test for path in paths if path.start is None and len(path.steps) == 1}


def _normal(node: nodes.Node, renamed: Renamed) -> nodes.Node:
    match node:
        case nodes.Reference():
            return replace(node, name=renamed.get(node.name, node.name))
        case nodes.Call():
            return replace(node, arguments=tuple(_normal(argument, renamed) for argument in node.arguments))
        case nodes.Negate():
            return replace(node, operand=_normal(node.operand, renamed))
        case nodes.Filter():
            return replace(node, subject=_normal(node.subject, renamed), predicates=_all(node.predicates, renamed))
        case nodes.Path():
            steps = tuple(replace(step, predicates=_all(step.predicates, renamed)) for step in node.steps)
            return replace(node, steps=steps, start=None if node.start is None else _normal(node.start, renamed))
        case nodes.Operation():
            return _operation(node, renamed)
        case _:
            return node


def _all(inner: tuple[nodes.Node, ...], renamed: Renamed) -> tuple[nodes.Node, ...]:
    return tuple(_normal(node, renamed) for node in inner)


def _comparison(left: nodes.Node, operator: str, right: nodes.Node) -> nodes.Node:
    """`5 < ${n}` as `${n} > 5`: what is written out stands on the right, and of two of a kind the first in print."""
    order = [(isinstance(side, _WRITTEN_OUT), print_expression(side)) for side in (left, right)]
    if order[0] > order[1]:
        left, operator, right = right, nodes.MIRRORED[operator], left
    return nodes.Operation(left, ((operator, right),))


def _operation(node: nodes.Operation, renamed: Renamed) -> nodes.Node:
    operands = _all(nodes.children(node), renamed)
    if len(operands) == 2 and node.rest[0][0] in nodes.MIRRORED:
        return _comparison(operands[0], node.rest[0][0], operands[1])
    if node.level not in _UNORDERED:
        rest = tuple((operator, operand) for (operator, _), operand in zip(node.rest, operands[1:], strict=True))
        return nodes.Operation(operands[0], rest)
    operator = node.rest[0][0]
    flat: dict[str, nodes.Node] = {}
    for operand in operands:
        is_same = isinstance(operand, nodes.Operation) and operand.level == node.level
        for part in nodes.children(operand) if is_same else (operand,):
            flat[print_expression(part)] = part
    first, *others = (flat[text] for text in sorted(flat))
    # Once is enough, but `a or a` is true or false, and `a` may be a number or a text.
    others = others or [first]
    return nodes.Operation(first, tuple((operator, other) for other in others))

"""Choice filters read for one choice: the columns of its row put in place of their names."""

from collections.abc import Mapping
from dataclasses import replace

from surveys.instrument.language import nodes


def for_row(tree: nodes.Node, row: Mapping[str, str]) -> nodes.Node | None:
    """What the filter demands of the answers to let this choice through; None where it isn't as simple as that."""
    match tree:
        case nodes.Path():
            name = _column(tree)
            return None if name is None else _literal(row.get(name, ""))
        case nodes.Call():
            arguments = [for_row(argument, row) for argument in tree.arguments]
            found = tuple(argument for argument in arguments if argument is not None)
            return replace(tree, arguments=found) if len(found) == len(arguments) else None
        case nodes.Negate():
            operand = for_row(tree.operand, row)
            return None if operand is None else replace(tree, operand=operand)
        case nodes.Operation():
            first = for_row(tree.first, row)
            rest = [(operator, for_row(operand, row)) for operator, operand in tree.rest]
            parts = tuple((operator, operand) for operator, operand in rest if operand is not None)
            return None if first is None or len(parts) < len(rest) else replace(tree, first=first, rest=parts)
        case nodes.Filter():
            return None
    return tree


def any_of(trees: list[nodes.Node]) -> nodes.Node:
    """One of several conditions."""
    first, *others = trees
    return nodes.Operation(first, tuple(("or", other) for other in others)) if others else first


def _column(path: nodes.Path) -> str | None:
    """The column that a bare name means. Labels may hold answers, and are left alone."""
    if path.is_absolute or path.start is not None or len(path.steps) != 1:
        return None
    step = path.steps[0]
    is_name = step.axis == "child" and not step.predicates and step.test != "*" and "(" not in step.test
    return step.test if is_name and step.test != "label" else None


def _literal(text: str) -> nodes.Node | None:
    return None if "'" in text and '"' in text else nodes.Literal(text)

"""A syntax tree back to text. `parse(print_expression(tree)) == tree` for every tree that `parse` can give."""

from decimal import Decimal

from surveys.instrument.language import nodes
from surveys.instrument.language.nodes import NEGATE_LEVEL, Node

_PRIMARY = 10


def print_expression(node: Node) -> str:
    """The expression in normal form: single spaces around operators, no parentheses that change nothing."""
    match node:
        case nodes.Number():
            return _number(node.value)
        case nodes.Literal():
            quote = '"' if "'" in node.text else "'"
            return f"{quote}{node.text}{quote}"
        case nodes.Reference():
            return f"${{{'last-saved#' if node.is_last_saved else ''}{node.name}}}"
        case nodes.Call():
            return f"{node.name}({', '.join(map(print_expression, node.arguments))})"
        case nodes.Path():
            return _path(node)
        case nodes.Filter():
            return _subject(node.subject) + _predicates(node.predicates)
        case nodes.Negate():
            return f"-{_operand(node.operand, NEGATE_LEVEL)}"
        case nodes.Operation():
            return _operation(node)


def _operation(node: nodes.Operation) -> str:
    parts = [_operand(node.first, node.level + 1)]
    for operator, operand in node.rest:
        parts += [operator, _operand(operand, node.level + 1)]
    return " ".join(parts)


def _operand(node: Node, level: int) -> str:
    """`node` in parentheses where it binds more weakly than `level`."""
    text = print_expression(node)
    return text if _level(node) >= level else f"({text})"


def _level(node: Node) -> int:
    match node:
        case nodes.Operation():
            return node.level
        case nodes.Negate():
            return NEGATE_LEVEL
        case nodes.Path(steps=(), start=None):
            return 0  # "/ * 2" would read the star as a name test
        case _:
            return _PRIMARY


def _path(node: nodes.Path) -> str:
    text = "" if node.start is None else _start(node.start)
    separator = "/" if node.is_absolute or node.start is not None else ""
    for number, step in enumerate(node.steps, start=1):
        if step == nodes.ANYWHERE and separator == "/" and number < len(node.steps):
            separator = "//"
            continue
        text += separator + _step(step)
        separator = "/"
    return text or "/"


def _step(step: nodes.Step) -> str:
    predicates = _predicates(step.predicates)
    if step.test == "node()" and step.axis in _SHORT and not predicates:
        return _SHORT[step.axis]
    axis = {"child": "", "attribute": "@"}.get(step.axis, f"{step.axis}::")
    return f"{axis}{step.test}{predicates}"


def _subject(node: Node) -> str:
    """What stands before a predicate: what would swallow the predicate gets parentheses."""
    text = print_expression(node)
    is_closed = isinstance(node, nodes.Number | nodes.Literal | nodes.Reference | nodes.Call)
    return text if is_closed else f"({text})"


def _start(node: Node) -> str:
    return print_expression(node) if isinstance(node, nodes.Filter) else _subject(node)


def _predicates(predicates: tuple[Node, ...]) -> str:
    return "".join(f"[{print_expression(predicate)}]" for predicate in predicates)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


_SHORT = {"self": ".", "parent": ".."}

"""The syntax tree of an expression: frozen, comparable, with positions that comparison ignores.

Operators of one level that follow each other are one `Operation`, so that a chain of two hundred `or` is flat.
"""

from dataclasses import dataclass, field

#: Binding strength of each binary operator, weakest first.
LEVELS = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
    "|": 8,
}
#: Each comparison with its sides exchanged.
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
#: Unary minus binds stronger than `*` and weaker than `|`.
NEGATE_LEVEL = 7

AXES = frozenset(
    {
        "ancestor",
        "ancestor-or-self",
        "attribute",
        "child",
        "descendant",
        "descendant-or-self",
        "following",
        "following-sibling",
        "namespace",
        "parent",
        "preceding",
        "preceding-sibling",
        "self",
    }
)


@dataclass(frozen=True, slots=True)
class Number:
    value: float  # never negative, never NaN: those are written as expressions
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A quoted string; it can't hold both kinds of quotation mark."""

    text: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}`, or `${last-saved#name}` with `is_last_saved`."""

    name: str
    is_last_saved: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: "tuple[Node, ...]" = ()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path. `test` is a name, `*`, `prefix:*`, or a node type such as `node()`."""

    axis: str
    test: str
    predicates: "tuple[Node, ...]" = ()
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """A location path. `start` is the expression before the first slash, None where the path begins by itself."""

    steps: tuple[Step, ...]
    is_absolute: bool = False
    start: "Node | None" = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Filter:
    """An expression with predicates behind it: `${moves}[move_months > 3]`."""

    subject: "Node"
    predicates: "tuple[Node, ...]"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negate:
    operand: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands joined from left to right by operators of one level."""

    first: "Node"
    rest: "tuple[tuple[str, Node], ...]"
    position: int = field(default=0, compare=False)

    @property
    def level(self) -> int:
        return LEVELS[self.rest[0][0]]


Node = Number | Literal | Reference | Call | Path | Filter | Negate | Operation

#: The path `.` and the path `..`.
SELF = Step("self", "node()")
PARENT = Step("parent", "node()")
ANYWHERE = Step("descendant-or-self", "node()")
SHORT_STEPS = {".": SELF, "..": PARENT}


def children(node: Node) -> tuple[Node, ...]:
    """The expressions directly inside this one, predicates of its steps included, in the order written."""
    match node:
        case Call():
            return node.arguments
        case Path():
            inside = tuple(predicate for step in node.steps for predicate in step.predicates)
            return inside if node.start is None else (node.start, *inside)
        case Filter():
            return (node.subject, *node.predicates)
        case Negate():
            return (node.operand,)
        case Operation():
            return (node.first, *(operand for _, operand in node.rest))
        case _:
            return ()


def walk(node: Node) -> "list[Node]":
    """This expression and every one inside it, outer before inner."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(reversed(children(current)))
    return found

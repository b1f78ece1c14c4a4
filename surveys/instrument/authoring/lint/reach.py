"""Questions that nobody can ever be asked: their relevance is false whatever is answered."""

import operator
from collections.abc import Callable, Iterator, Mapping

from surveys.instrument.authoring.lint.subject import Subject, Written, warning
from surveys.instrument.expressions import Role
from surveys.instrument.language import nodes
from surveys.instrument.model import Group, Item, Kind
from surveys.instrument.problems import Problem

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def never_asked(subject: Subject) -> Iterator[Problem]:
    for written in subject.written:
        if written.role is not Role.RELEVANCE:
            continue
        place = subject.place(written.owner, "relevant")
        what = "group" if isinstance(written.owner, Group) else "question"
        if truth(written.tree) is False:
            yield warning("unreachable", f"The relevance is never true: nobody sees this {what}.", place)
        elif contradicts_itself(subject, written):
            message = f"The relevance wants two answers of one question at once: nobody sees this {what}."
            yield warning("contradiction", message, place, "Join them with 'or'.")


def truth(tree: nodes.Node) -> bool | None:
    """True or False where that is so for every answer, None where it depends on answers."""
    match tree:
        case nodes.Call("true", ()):
            return True
        case nodes.Call("false", ()):
            return False
        case nodes.Call("not", (inner,)):
            found = truth(inner)
            return None if found is None else not found
        case nodes.Number(value):
            return value != 0
        case nodes.Operation(_, ((("and" | "or"), _), *_)):
            return _joined(tree)
        case nodes.Operation(nodes.Number(left), ((sign, nodes.Number(right)),)) if sign in _COMPARE:
            return _COMPARE[sign](left, right)
        case nodes.Operation(nodes.Literal(one), ((("=" | "!=") as sign, nodes.Literal(other)),)):
            return (one == other) == (sign == "=")
    return None


def _joined(tree: nodes.Operation) -> bool | None:
    """`and` is false as soon as one part is, `or` true as soon as one is."""
    parts = [truth(part) for part in nodes.children(tree)]
    decisive = tree.rest[0][0] == "or"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def contradicts_itself(subject: Subject, written: Written) -> bool:
    """Whether parts joined by `and` want different codes of one select_one."""
    wanted: dict[str, str] = {}
    for part in _conjuncts(written.tree):
        if not isinstance(part, nodes.Operation):
            continue
        for found in subject.comparisons(Written(written.owner, written.role, part)):
            if not _wants(part, found.operator, found.item) or not isinstance(found.value, nodes.Literal):
                continue
            if wanted.setdefault(found.item.key, found.value.text) != found.value.text:
                return True
    return False


def _wants(part: nodes.Operation, sign: str, item: Item) -> bool:
    return sign == "=" and part.rest[0][0] == "=" and item.kind is Kind.SELECT_ONE and not item.repeat


def _conjuncts(tree: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(tree, nodes.Operation) and tree.rest[0][0] == "and":
        for part in nodes.children(tree):
            yield from _conjuncts(part)
    else:
        yield tree

"""Constraints that test for blank: a constraint is never looked at while there is no answer."""

from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, Written, warning
from surveys.instrument.expressions import Role
from surveys.instrument.language import nodes
from surveys.instrument.problems import Problem

_COUNTS = {"string-length", "count-selected"}


def constraints_on_blanks(subject: Subject) -> Iterator[Problem]:
    for written in subject.written:
        if written.role is Role.CONSTRAINT and any(_tests_blank(subject, written, one) for one in _all(written)):
            message = "The constraint tests for a blank answer, but it is not looked at while there is none."
            place = subject.place(written.owner, "constraint")
            yield warning("blank_constraint", message, place, "Use the column 'required'.")


def _all(written: Written) -> list[nodes.Node]:
    return nodes.walk(written.tree)


def _tests_blank(subject: Subject, written: Written, node: nodes.Node) -> bool:
    """`. = ''`, `. != ''`, `string-length(.) > 0`, `count-selected(.) = 0` and their like."""
    if not isinstance(node, nodes.Operation) or len(node.rest) != 1 or node.rest[0][0] not in nodes.MIRRORED:
        return False
    operator, right = node.rest[0]
    sides = ((node.first, operator, right), (right, nodes.MIRRORED[operator], node.first))
    return any(_is_blank_test(subject, written, *side) for side in sides)


def _is_blank_test(subject: Subject, written: Written, left: nodes.Node, operator: str, right: nodes.Node) -> bool:
    if isinstance(left, nodes.Call) and left.name in _COUNTS and len(left.arguments) == 1:
        is_count = subject.meant(left.arguments[0], written.owner) is written.owner
        tested = (operator, right.value) if isinstance(right, nodes.Number) else None
        return is_count and tested in {("=", 0.0), ("!=", 0.0), (">", 0.0), (">=", 1.0), ("<", 1.0), ("<=", 0.0)}
    is_blank = isinstance(right, nodes.Literal) and not right.text
    return is_blank and operator in {"=", "!="} and subject.meant(left, written.owner) is written.owner

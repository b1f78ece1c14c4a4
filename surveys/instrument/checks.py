"""Everything that is wrong with the expressions of an instrument, each finding with its row and column."""

from collections.abc import Iterator

from surveys.instrument.analysis import analyse, several_values
from surveys.instrument.binding import FormScope
from surveys.instrument.choices import ChoiceLists
from surveys.instrument.dependencies import Dependencies
from surveys.instrument.expressions import (
    Expression,
    Role,
    choice_texts,
    expressions_of,
    place_of,
    text_column,
    texts_of,
)
from surveys.instrument.graph import cycles, described
from surveys.instrument.language import nodes
from surveys.instrument.language.compiler import compile_expression
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions.misuse import misuse
from surveys.instrument.language.functions.registry import checked
from surveys.instrument.language.parser import parse
from surveys.instrument.model import Group, Instrument, Item
from surveys.instrument.problems import Place, Problem, Severity
from surveys.instrument.schema import Schema, Spec
from surveys.instrument.texts import segments

_SHOWN = 120  # characters of an expression that a message repeats


def check_instrument(instrument: Instrument) -> tuple[Problem, ...]:
    """Every problem of every expression and every reference in a text; errors first, then by row."""
    checker = _Checker(instrument)
    problems = list(dict.fromkeys(checker.problems()))
    ranks = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
    return tuple(sorted(problems, key=lambda problem: (ranks[problem.severity], problem.place.row)))


class _Checker:
    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.schema = Schema(instrument)
        self.lists = ChoiceLists(instrument.choice_lists)
        self.dependencies = Dependencies(self.schema)

    def problems(self) -> Iterator[Problem]:
        for spec in self.schema.specs[1:]:
            if spec.node is not None:
                yield from self._node(spec, spec.node)
        yield from self._cycles()
        for place, text in choice_texts(self.instrument):
            yield from self._text(self.schema.root, place, text)

    def _node(self, spec: Spec, node: Group | Item) -> Iterator[Problem]:
        if isinstance(node, Item):
            yield from self._item(node)
        for expression in expressions_of(node):
            place = place_of(node, expression.role)
            for severity, error in self._expression(spec, expression):
                yield _problem(severity, error, place, expression.source)
        for column, text in texts_of(node):
            for language, template in text.items():
                yield from self._text(spec, place_of(node, text_column(column, language)), template)

    def _item(self, item: Item) -> Iterator[Problem]:
        if item.has_list and item.choices not in self.lists.by_name:
            message = f"There is no choice list '{item.choices}'."
            yield Problem(Severity.ERROR, "expression.unknown_list", message, place_of(item, "type"))
        for name in item.trigger:
            try:
                self.schema.resolve(nodes.Reference(name))
            except ExpressionError as error:
                yield Problem(Severity.ERROR, error.code, error.message, place_of(item, "trigger"), error.advice)

    def _expression(self, spec: Spec, expression: Expression) -> Iterator[tuple[Severity, ExpressionError]]:
        try:
            tree = parse(expression.source)
        except ExpressionError as error:
            yield Severity.ERROR, error
            return
        findings = analyse(tree, self.schema, self.lists, spec, list_name=expression.list_name)
        own = {spec} if findings.reads_own and expression.role is not Role.CHOICE_FILTER else set()
        self.dependencies.add(spec, expression.role, findings.reads | own)
        errors = [*findings.errors, *_call_errors(tree), *_misplaced_once(tree, expression.role)]
        if not errors:
            errors = self._compile_errors(spec, tree, expression)
        yield from ((Severity.ERROR, error) for error in errors)
        warnings = [*findings.warnings, *several_values(tree, self.schema, spec)]
        yield from ((Severity.WARNING, warning) for warning in warnings)

    def _compile_errors(self, spec: Spec, tree: nodes.Node, expression: Expression) -> list[ExpressionError]:
        try:
            compile_expression(tree, FormScope(self.schema, self.lists, spec, list_name=expression.list_name))
        except ExpressionError as error:
            return [error]
        return []

    def _text(self, spec: Spec, place: Place, template: str) -> Iterator[Problem]:
        if "${" not in template:
            return
        try:
            parts = [part for part in segments(template) if not isinstance(part, str)]
        except ExpressionError as error:
            yield _problem(Severity.ERROR, error, place, template)
            return
        for part in parts:
            try:
                compile_expression(part, FormScope(self.schema, self.lists, spec))
            except ExpressionError as error:
                yield _problem(Severity.ERROR, error, place, template)

    def _cycles(self) -> Iterator[Problem]:
        for path in cycles([spec.index for spec in self.schema.specs], self.dependencies.reads()):
            members = [self.schema.specs[index] for index in path]
            node = members[0].node
            names = described(path, lambda index: self.schema.specs[index].name)
            message = f"The value depends on itself: {names}."
            place = place_of(node, "") if node else Place("survey")
            yield Problem(Severity.ERROR, "expression.cycle", message, place, _against_cycle(members))


def _against_cycle(members: list[Spec]) -> str:
    for spec in members:
        if any(inner in members for inner in list(spec.inside())[1:]):
            return f"Whether '{spec.name}' is asked, or how often, can't depend on what is asked inside it."
    node = members[0].node
    if len(members) == 2 and isinstance(node, Item) and node.calculation:
        return "'.' and its own name mean the item itself. To keep what was worked out first, write once(...)."
    return "Remove one of these references."


def _call_errors(tree: nodes.Node) -> list[ExpressionError]:
    errors = []
    for node in nodes.walk(tree):
        if isinstance(node, nodes.Call):
            try:
                checked(node)
            except ExpressionError as error:
                errors.append(error)
            else:
                errors.extend(filter(None, [misuse(node)]))
    return errors


def _misplaced_once(tree: nodes.Node, role: Role) -> list[ExpressionError]:
    inner = [node for node in nodes.walk(tree) if isinstance(node, nodes.Call) and node.name == "once"]
    if not inner or (role in {Role.CALCULATION, Role.DEFAULT} and inner == [tree]):
        return []
    message = "once() must be the whole calculation."
    return [
        ExpressionError(message, inner[-1].position, "expression.misplaced_once", "Write once(…) around all of it.")
    ]


def _problem(severity: Severity, error: ExpressionError, place: Place, source: str) -> Problem:
    shown = source if len(source) <= _SHOWN else source[:_SHOWN] + "…"
    message = f"{error.message} (Character {error.position + 1} of: {shown})"
    return Problem(severity, error.code, message, place, error.advice)

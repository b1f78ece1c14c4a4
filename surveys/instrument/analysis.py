"""What an expression reads and what is wrong with it, found without running it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from surveys.instrument.choices import ChoiceLists
from surveys.instrument.language import nodes
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions import Type, find, suggest
from surveys.instrument.language.functions.selections import choice_reference
from surveys.instrument.language.paths import SUPPORTED_AXES
from surveys.instrument.schema import PANELIST, Schema, Spec, unknown_name
from surveys.instrument.texts import references_in

#: A bare name that authors write for "nothing"; it is blank, and no dependency.
NULL = "null"


@dataclass(frozen=True, slots=True)
class Columns:
    """The focus inside a choice filter, or on the way through `instance('list')/root/item`."""

    list_name: str
    depth: int = 3  # 0 the document, 1 root, 2 item, 3 a column or a row of a filter


#: Words that spreadsheets and authors write for a truth value.
_TRUTH = {"true": "true()", "yes": "true()", "false": "false()", "no": "false()"}

#: What a path stands on: nodes of the form, a choice list, or something that has no nodes.
Focus = tuple[Spec, ...] | Columns | None


@dataclass
class Findings:
    """`reads` holds the nodes whose values or instances it depends on, `reads_own` whether `.` is its own item."""

    reads: set[Spec] = field(default_factory=set)
    reads_own: bool = False
    errors: list[ExpressionError] = field(default_factory=list)
    warnings: list[ExpressionError] = field(default_factory=list)


def analyse(node: nodes.Node, schema: Schema, lists: ChoiceLists, owner: Spec, *, list_name: str = "") -> Findings:
    """What `node` reads, as an expression of `owner`; in a choice filter, `list_name` gives the columns."""
    walker = _Walker(schema, lists, owner, Columns(list_name) if list_name else None)
    walker.visit(node, walker.filter_row or (owner,))
    return walker.findings


class _Walker:
    def __init__(self, schema: Schema, lists: ChoiceLists, owner: Spec, filter_row: Columns | None) -> None:
        self.schema = schema
        self.lists = lists
        self.owner = owner
        self.filter_row = filter_row
        self.findings = Findings()

    def visit(self, node: nodes.Node, focus: Focus) -> Focus:
        """Collect findings of `node` read from `focus`; what it stands for, where it is a node-set."""
        match node:
            case nodes.Reference():
                return self._reference(node)
            case nodes.Path():
                return self._path(node, focus)
            case nodes.Filter():
                subject = self.visit(node.subject, focus)
                for predicate in node.predicates:
                    self.visit(predicate, subject)
                return subject
            case nodes.Call():
                return self._call(node, focus)
        for inner in nodes.children(node):
            self.visit(inner, focus)
        return None

    def _reference(self, node: nodes.Reference) -> Focus:
        if node.name == PANELIST or node.is_last_saved:
            return None
        try:
            spec = self.schema.resolve(node)
        except ExpressionError as error:
            self.findings.errors.append(error)
            return None
        self.findings.reads.add(spec)
        return (spec,)

    def _call(self, node: nodes.Call, focus: Focus) -> Focus:
        for argument in node.arguments:
            self.visit(argument, focus)
        if node.name in {"jr:choice-name", "choice-label"} and node.arguments:
            self._labels(node.arguments[0 if node.name == "choice-label" else -1])
        if node.name == "current":
            return (self.owner,)
        if node.name == "instance" and node.arguments and isinstance(node.arguments[0], nodes.Literal):
            return Columns(node.arguments[0].text, 0)
        return None

    def _labels(self, question: nodes.Node) -> None:
        """What the labels of this question's choices refer to is read with them."""
        try:
            item = self.schema.resolve(choice_reference(question)).item
            prepared = self.lists.by_name.get(item.choices) if item else None
            for template in prepared.templates() if prepared else ():
                references = (node for node in references_in(template) if node.name != PANELIST)
                self.findings.reads.update(self.schema.resolve(node) for node in references)
        except ExpressionError:
            return  # found where the call is compiled, or where the label is checked

    # Paths

    def _path(self, node: nodes.Path, focus: Focus) -> Focus:
        if node.start is not None:
            reached = self.visit(node.start, focus)
        else:
            reached = (self.schema.root,) if node.is_absolute else focus
        steps = list(node.steps)
        if node.is_absolute and steps and steps[0].axis == "child":
            # The first name is the root element's, which every name test accepts.
            self._predicates(steps.pop(0), reached)
        for step in steps:
            reached = self._step(reached, step)
            self._predicates(step, reached)
        if isinstance(reached, tuple) and node.steps != (nodes.SELF,):
            self.findings.reads.update(reached)
        elif reached == (self.owner,):
            self.findings.reads_own = True
        return reached

    def _predicates(self, step: nodes.Step, focus: Focus) -> None:
        for predicate in step.predicates:
            self.visit(predicate, focus)

    def _step(self, focus: Focus, step: nodes.Step) -> Focus:
        if step.axis not in SUPPORTED_AXES:
            message = f"The axis '{step.axis}' is not supported."
            self.findings.errors.append(ExpressionError(message, step.position, "expression.unsupported"))
            return None
        if isinstance(focus, Columns):
            return self._column(focus, step)
        if focus is None:
            return None
        reached = {spec for origin in focus for spec in _reached(origin, step.axis)}
        kept = tuple(spec for spec in reached if _passes(spec, step.test))
        if not kept and step.test != NULL:
            self._unknown(focus, step)
        if not kept and step.test == NULL:
            message = "'null' is read as blank. Write '' instead."
            self.findings.warnings.append(ExpressionError(message, step.position, "expression.null"))
        return kept

    def _column(self, focus: Columns, step: nodes.Step) -> Focus:
        if step.axis == "parent":
            return Columns(focus.list_name, max(0, focus.depth - 1))
        if step.axis != "child" or step.test in {"*", "node()", "text()"}:
            return focus if step.axis == "self" else Columns(focus.list_name, min(3, focus.depth + 1))
        if focus.depth < 2:
            return Columns(focus.list_name, focus.depth + 1)
        prepared = self.lists.by_name.get(focus.list_name)
        if prepared is not None and step.test not in prepared.columns:
            meant = suggest(step.test, sorted(prepared.columns))
            advice = f"Did you mean {meant}?" if meant else f"Columns: {', '.join(sorted(prepared.columns))}."
            message = f"The choice list '{focus.list_name}' has no column '{step.test}'."
            self.findings.errors.append(ExpressionError(message, step.position, "expression.unknown_column", advice))
        return Columns(focus.list_name)

    def _unknown(self, focus: Iterable[Spec], step: nodes.Step) -> None:
        if step.test in {"*", "node()", "text()"}:
            return
        if step.test in self.schema.by_name:
            message = f"'{step.test}' can't be reached by this path."
            advice = f"Write ${{{step.test}}}."
            error = ExpressionError(message, step.position, "expression.unknown_name", advice)
        elif step.test.lower() in _TRUTH:
            message, advice = f"There is no question named '{step.test}'.", f"Write {_TRUTH[step.test.lower()]}."
            error = ExpressionError(message, step.position, "expression.unknown_name", advice)
        else:
            error = unknown_name(step.test, list(self.schema.by_name), step.position, "${%s}")
        self.findings.errors.append(error)


# Several values where one is wanted


def several_values(tree: nodes.Node, schema: Schema, owner: Spec) -> list[ExpressionError]:
    """A warning for each reference to all instances of a repeat in a place that takes one value: the first is taken."""
    return [
        ExpressionError(
            f"'{node.name}' has a value in each instance of its repeat; here only the first is taken.",
            node.position,
            "expression.several_values",
            f"Write sum(${{{node.name}}}), join(', ', ${{{node.name}}}) or indexed-repeat().",
        )
        for node in _scalar_references(tree)
        if _is_several(node, schema, owner)
    ]


def _scalar_references(tree: nodes.Node) -> Iterable[nodes.Reference]:
    """References in places that take a single value. Conditions of sum-if() and its kin stand inside the repeat."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Reference):
            yield node
        elif isinstance(node, nodes.Operation) and node.rest[0][0] != "|":
            waiting.extend(nodes.children(node))
        elif isinstance(node, nodes.Negate):
            waiting.append(node.operand)
        elif isinstance(node, nodes.Call) and not node.name.endswith("-if"):
            waiting.extend(_scalar_arguments(node))


#: Functions that look at every node of what they are given, beside those that take nothing but nodes.
_OF_EACH = frozenset({"choice-label", "concat", "join", "max", "min", "selected", "sum"})


def _scalar_arguments(call: nodes.Call) -> list[nodes.Node]:
    entry = find(call.name)
    if entry is None or not entry.arguments:
        return []
    of_each = {Type.ANY, Type.NODES} if call.name in _OF_EACH else {Type.NODES}
    return [
        argument
        for place, argument in enumerate(call.arguments)
        if entry.type_of(place) not in of_each or not isinstance(argument, nodes.Reference)
    ]


def _is_several(node: nodes.Reference, schema: Schema, owner: Spec) -> bool:
    try:
        spec = schema.resolve(node)
    except ExpressionError:
        return False
    return spec.item is not None and spec.level not in owner.level.chain()


def _passes(spec: Spec, test: str) -> bool:
    return test in {"*", "node()", "text()"} or spec.name == test


def _parents(spec: Spec) -> list[Spec]:
    found = []
    above = spec.parent
    while above is not None:
        found.append(above)
        above = above.parent
    return found


def _reached(spec: Spec, axis: str) -> Iterable[Spec]:
    match axis:
        case "self":
            return (spec,)
        case "child":
            return spec.children
        case "parent":
            return () if spec.parent is None else (spec.parent,)
        case "ancestor":
            return _parents(spec)
        case "ancestor-or-self":
            return (spec, *_parents(spec))
        case "descendant":
            return list(spec.inside())[1:]
        case "descendant-or-self":
            return spec.inside()
        case _:
            return () if spec.parent is None else spec.parent.children

"""Names in an expression bound to slots: what `${name}`, `.`, a path or a column of a choice means where it stands."""

from collections.abc import Callable, Sequence

from surveys.instrument.choices import ChoiceLists, Fill
from surveys.instrument.frames import FormNode, Frame, descend
from surveys.instrument.language import nodes
from surveys.instrument.language.compiler import compile_expression
from surveys.instrument.language.context import Closure, Context
from surveys.instrument.language.errors import ExpressionError
from surveys.instrument.language.functions.registry import Scope, suggest
from surveys.instrument.language.values import NodeSet, Value, to_number, to_printed
from surveys.instrument.schema import PANELIST, Level, Schema, Spec
from surveys.instrument.texts import filler


class FormScope:
    """The scope of an expression that belongs to `owner` and runs in frames of `level`.

    `list_name` is given for a choice filter: bare names are columns of that list. `own` replaces what `.` is.
    """

    def __init__(
        self,
        schema: Schema,
        lists: ChoiceLists,
        owner: Spec,
        *,
        level: Level | None = None,
        list_name: str = "",
        own: Closure | None = None,
    ) -> None:
        self.schema = schema
        self.lists = lists
        self.owner = owner
        self.level = level or owner.level
        self.list_name = list_name
        self.own = own

    # References

    def reference(self, node: nodes.Reference) -> Closure:
        if node.name == PANELIST:
            return lambda c: PANELIST
        if node.is_last_saved:
            message = f"${{last-saved#{node.name}}} is not supported: it would show one person's answers to the next."
            advice = "An answer of an earlier wave is read with pulldata('<wave>', '<item>', 'panelist', ${panelist})."
            raise ExpressionError(message, node.position, "expression.unsupported", advice)
        return self.values_of(self.schema.resolve(node))

    def nodes_of(self, node: nodes.Reference) -> Closure:
        """All nodes of what `${name}` means, one of this or an enclosing instance where it stands there."""
        if node.name == PANELIST or node.is_last_saved:
            return self.reference(node)
        return self._node_set(self.schema.resolve(node))

    def values_of(self, spec: Spec) -> Closure:
        """The value of an item of this or an enclosing instance; elsewhere all the nodes of `spec`."""
        if spec.item and spec.level in self.level.chain():
            return _value_closure(self.level.depth - spec.level.depth, spec.slot)
        return self._node_set(spec)

    def _node_set(self, spec: Spec) -> Closure:
        """All nodes of `spec` below the nearest instance that encloses both it and the expression."""
        common = _common(self.level, spec.level)
        levels = spec.level.chain()[common.depth + 1 :]
        if spec.inner is not None:
            levels = (*levels, spec.inner)
        slot = 0 if spec.is_repeat else spec.slot

        def closure(context: Context) -> Value:
            start = _frame_at(context, common)
            return tuple(FormNode(spec, frame) for frame in descend([start], levels) if frame.relevant[slot])

        return closure

    def own_value(self) -> Closure:
        if self.own is not None:
            return self.own
        if self.owner.item is None:
            return self.own_node()  # a group has no value, but it is there
        return _value_closure(self.level.depth - self.owner.level.depth, self.owner.slot)

    def own_node(self) -> Callable[[Context], NodeSet]:
        owner, level = self.owner, self.owner.inner if self.level is self.owner.inner else self.owner.level
        return lambda c: (FormNode(owner, _frame_at(c, level)),)

    def root(self) -> Callable[[Context], NodeSet]:
        document, root = self.schema.root, self.schema.levels[0]
        return lambda c: (DocumentNode(FormNode(document, _frame_at(c, root))),)

    def instance_number(self) -> Closure:
        return lambda c: float(c.frame.number)

    # Choices

    def column(self, name: str) -> Closure | None:
        if not self.list_name:
            return None
        if name == "label":
            lists, list_name = self.lists, self.list_name
            return lambda c: lists.label(list_name, c.row.get("name", ""), c)
        return lambda c: c.row.get(name, "")

    def choice_label(self, value: Closure, reference: nodes.Reference) -> Closure:
        item = self.schema.resolve(reference).item
        if item is None or not item.choices:
            message = f"'{reference.name}' has no choices."
            raise ExpressionError(message, reference.position, "expression.no_choices")
        lists, list_name, fill = self.lists, item.choices, self._filling()
        return lambda c: lists.labels(list_name, to_printed(value(c)), c, fill)

    def _filling(self) -> Fill:
        """What puts answers into labels of choices, each compiled when it is first met."""
        known: dict[str, Callable[[Context], str]] = {}

        def fill(template: str, context: Context) -> str:
            if template not in known:
                known[template] = filler(template, lambda node: compile_expression(node, self))
            return known[template](context)

        return fill

    def choice_nodes(self, list_name: str) -> Callable[[Context], NodeSet]:
        if list_name not in self.lists.by_name:
            message = f"There is no choice list '{list_name}'."
            meant = suggest(list_name, sorted(self.lists.by_name))
            advice = f"Did you mean '{meant}'?" if meant else "Put the list on the sheet 'choices'."
            raise ExpressionError(message, 0, "expression.unknown_list", advice)
        lists = self.lists
        return lambda c: (lists.document(list_name, c),)

    # Repeats

    def indexed(self, target: nodes.Reference, levels: Sequence[tuple[nodes.Reference, Closure]]) -> Closure:
        """The value of `target` in the numbered instances; where a number is out of range, blank."""
        spec = self.schema.resolve(target)
        picks = [(self._repeat_level(repeat), number) for repeat, number in levels]
        if not picks or spec.level is not picks[-1][0] or spec.item is None:
            message = f"'{target.name}' is not an item of the last repeat named."
            raise ExpressionError(message, target.position, "expression.not_in_repeat")
        first = picks[0][0].outer or self.schema.levels[0]
        common = _common(self.level, first)
        between = first.chain()[common.depth + 1 :]

        def closure(context: Context) -> Value:
            frames = descend([_frame_at(context, common)], between)
            for level, number in picks:
                frames = _numbered(descend(frames[:1], [level]), to_number(number(context)))
            return frames[0].values[spec.slot] if frames else ""

        return closure

    def _repeat_level(self, reference: nodes.Reference) -> Level:
        level = self.schema.resolve(reference).inner
        if level is None:
            message = f"'{reference.name}' is not a repeat."
            raise ExpressionError(message, reference.position, "expression.not_in_repeat")
        return level

    def inside(self, target: nodes.Reference) -> tuple[Scope, Callable[[Context], list[Context]]]:
        spec = self.schema.resolve(target)
        level = spec.inner or spec.level
        common = _common(self.level, (level.outer or level) if spec.is_repeat else level)
        levels = level.chain()[common.depth + 1 :]
        slot = 0 if spec.is_repeat else spec.slot
        scope = FormScope(self.schema, self.lists, spec, level=level)

        def contexts(context: Context) -> list[Context]:
            frames = descend([_frame_at(context, common)], levels)
            return [context.of(frame) for frame in frames if frame.relevant[slot]]

        return scope, contexts


class DocumentNode:
    """Above the root element: where an absolute path starts."""

    __slots__ = ("element",)

    name = ""

    def __init__(self, element: FormNode) -> None:
        self.element = element

    def text(self) -> str:
        return ""

    def parent(self) -> None:
        return None

    def children(self) -> tuple[FormNode, ...]:
        return (self.element,)

    def place(self) -> int:
        return 1

    def identity(self) -> object:
        return "document"


def _value_closure(climb: int, slot: int) -> Closure:
    match climb:
        case 0:
            return lambda c: c.frame.values[slot]
        case 1:
            return lambda c: c.frame.outer.values[slot]
        case _:
            outer = _value_closure(climb - 1, slot)
            return lambda c: outer(c.of(c.frame.outer))


def _common(one: Level, other: Level) -> Level:
    """The innermost level that encloses both."""
    shared = set(one.chain())
    return next(level for level in reversed(other.chain()) if level in shared)


def _frame_at(context: Context, level: Level) -> Frame:
    frame: Frame = context.frame
    return frame.at(level) or frame


def _numbered(frames: list[Frame], number: float) -> list[Frame]:
    """The frame with this number (from 1), in a list that is empty where there is none."""
    return [frame for frame in frames if frame.number == number and frame.relevant[0]]

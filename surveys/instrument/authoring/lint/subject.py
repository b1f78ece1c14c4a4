"""What checks look at: an instrument with each expression parsed once, and small questions about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from surveys.instrument.authoring.sheets import Workbook
from surveys.instrument.expressions import Role, expressions_of
from surveys.instrument.language import nodes
from surveys.instrument.language.parser import parsed
from surveys.instrument.model import ChoiceList, Group, Instrument, Item
from surveys.instrument.problems import Place, Problem, Severity


@dataclass(frozen=True, slots=True)
class Written:
    """One expression where it stands."""

    owner: Group | Item
    role: Role
    tree: nodes.Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """An item compared with something written out: `${item} operator value`, whichever side it was written on."""

    item: Item
    operator: str  # one of = != < <= > >=, or "selected"
    value: nodes.Literal | nodes.Number


@dataclass(frozen=True)
class Subject:
    instrument: Instrument
    workbook: Workbook
    written: tuple[Written, ...]
    by_name: Mapping[str, tuple[Group | Item, ...]]

    @classmethod
    def of(cls, instrument: Instrument, workbook: Workbook) -> "Subject":
        by_name: dict[str, tuple[Group | Item, ...]] = {}
        for node in instrument.nodes():
            by_name[node.name] = (*by_name.get(node.name, ()), node)
        return cls(instrument, workbook, tuple(_written(instrument)), by_name)

    def meant(self, node: nodes.Node, owner: Group | Item) -> Item | None:
        """The item that `${name}`, or `.` in an expression of it, stands for."""
        match node:
            case nodes.Reference(name, False):
                found = self.by_name.get(name, ())
                return found[0] if len(found) == 1 and isinstance(found[0], Item) else None
            case nodes.Path((nodes.SELF,), False, None):
                return owner if isinstance(owner, Item) else None
        return None

    def list_of(self, item: Item) -> ChoiceList | None:
        return self.instrument.choice_lists.get(item.choices) if item.has_list else None

    def place(self, node: Group | Item, column: str = "") -> Place:
        return self.workbook.survey.place(node.place.row, column)

    def comparisons(self, written: Written) -> Iterator[Comparison]:
        """Every comparison of an item with a text or a number in an expression, `selected()` included."""
        if written.role is Role.CHOICE_FILTER:
            return  # there, bare names are columns and values those of columns
        for node in nodes.walk(written.tree):
            if isinstance(node, nodes.Call) and node.name == "selected" and len(node.arguments) == 2:
                yield from self._compared(written.owner, node.arguments[0], "selected", node.arguments[1])
            elif isinstance(node, nodes.Operation) and len(node.rest) == 1 and node.rest[0][0] in nodes.MIRRORED:
                operator, right = node.rest[0]
                yield from self._compared(written.owner, node.first, operator, right)
                yield from self._compared(written.owner, right, nodes.MIRRORED[operator], node.first)

    def _compared(
        self, owner: Group | Item, left: nodes.Node, operator: str, right: nodes.Node
    ) -> Iterator[Comparison]:
        item = self.meant(left, owner)
        if item is not None and isinstance(right, nodes.Literal | nodes.Number):
            yield Comparison(item, operator, right)


def _written(instrument: Instrument) -> Iterator[Written]:
    for node in instrument.nodes():
        for expression in expressions_of(node):
            tree = parsed(expression.source)
            if tree is not None:  # what can't be read is reported as an error elsewhere
                yield Written(node, expression.role, tree)


def warning(code: str, message: str, place: Place, advice: str = "") -> Problem:
    return Problem(Severity.WARNING, f"lint.{code}", message, place, advice)


def notice(code: str, message: str, place: Place, advice: str = "") -> Problem:
    return Problem(Severity.NOTICE, f"lint.{code}", message, place, advice)

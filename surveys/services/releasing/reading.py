"""What the expressions of an instrument read, as far as it identifies: conditions, choice filters, calculations."""

from collections.abc import Iterable, Iterator, Set

from surveys.instrument import language
from surveys.instrument.language import nodes
from surveys.instrument.model import Disclosure, Group, Instrument, Item

_STRICTNESS = list(Disclosure)
_IDENTIFYING = {Disclosure.QUASI, Disclosure.OPEN, Disclosure.DIRECT}


def strictest(parts: Iterable[Item | Group]) -> Disclosure:
    """The strictest class among items; what stands in a repeat counts for the repeat."""
    classes = [Disclosure.NONE]
    for part in parts:
        classes.append(part.disclosure if isinstance(part, Item) else strictest(part.children))
    return max(classes, key=_STRICTNESS.index)


class Reading:
    """Follows an instrument's expressions through all they read, through calculations of a milder class too.

    `named` are the variables that the recipe calls quasi-identifying, whatever class their items have.
    """

    def __init__(self, instrument: Instrument, named: Set[str]) -> None:
        self._by_path = {node.path: node for node in instrument.nodes()}
        self._by_name: dict[str, list[Group | Item]] = {}
        for node in instrument.nodes():
            trend = node.trend if isinstance(node, Item) else ""
            for name in {node.name, trend} - {""}:
                self._by_name.setdefault(name, []).append(node)
        self._named = named
        self._known: dict[tuple[str, bool], bool] = {}

    def route(self, item: Item) -> str:
        """The conditions of the item that read what identifies, joined by "and"; "" where none does."""
        return " and ".join(sorted({text for text in self._conditions(item) if self._tells(text)}))

    def choices_identify(self, item: Item) -> bool:
        """Whether the choices on offer tell what identifies: those of the item, or of one it is worked out from."""
        waiting, seen = [item], {item.key}
        while waiting:
            here = waiting.pop()
            if here.choice_filter and self._tells(here.choice_filter, is_filter=True):
                return True
            for node in self._read_by(here.calculation):
                if isinstance(node, Item) and node.key not in seen:
                    seen.add(node.key)
                    waiting.append(node)
        return False

    def _conditions(self, node: Group | Item) -> list[str]:
        """Relevance of the node and of all groups around it."""
        conditions: list[str] = []
        here: Group | Item | None = node
        while here is not None:
            conditions.extend([here.relevance] if here.relevance else [])
            here = self._by_path.get(here.parent)
        return conditions

    def _tells(self, expression: str, *, is_filter: bool = False) -> bool:
        """Whether it reads an identifying item, or one that tells of such an item in turn."""
        if (expression, is_filter) not in self._known:
            self._known[expression, is_filter] = self._reaches_identifying(expression, is_filter)
        return self._known[expression, is_filter]

    def _reaches_identifying(self, expression: str, is_filter: bool) -> bool:
        waiting, seen = [(expression, is_filter)], {(expression, is_filter)}
        while waiting:
            for node in self._read_by(*waiting.pop()):
                if node is None or self._identifies(node):
                    return True
                new = set(self._sources(node)) - seen
                seen |= new
                waiting.extend(new)
        return False

    def _identifies(self, node: Group | Item) -> bool:
        name = (node.trend or node.key) if isinstance(node, Item) else node.key
        return name in self._named or strictest([node]) in _IDENTIFYING

    def _sources(self, node: Group | Item) -> Iterator[tuple[str, bool]]:
        """The expressions that a node's value comes from or depends on, and whether each filters choices."""
        for condition in self._conditions(node):
            yield condition, False
        if isinstance(node, Group):
            yield node.repeat_count, False
            return
        yield node.calculation, False
        yield node.choice_filter, True
        if node.default_is_expression:
            yield node.default, False

    def _read_by(self, expression: str, is_filter: bool = False) -> Iterator[Group | Item | None]:
        """The nodes an expression reads; None for an earlier answer that nothing in this instrument is like."""
        names, earlier = _names(expression, is_filter)
        for name in names:
            yield from self._by_name.get(name, [])
        for name in earlier:
            yield from self._by_name.get(name, [None])


def _names(expression: str, is_filter: bool) -> tuple[set[str], set[str]]:
    """Names an expression of a published version reads: of items and groups here, and of items of earlier waves.

    In a choice filter a bare name is a column of the choices. `panelist` in a pulldata only says whose answer is meant.
    """
    names: set[str] = set()
    earlier: set[str] = set()
    tree = language.parsed(expression)
    waiting = [tree] if tree else []
    while waiting:
        node = waiting.pop()
        match node:
            case nodes.Call("pulldata", (_, nodes.Literal(item), nodes.Literal("panelist"), _)):
                earlier.add(item)
                continue
            case nodes.Reference(name):
                names.add(name)
            case nodes.Path(steps, is_absolute, start) if not (is_filter and _is_column(steps, is_absolute, start)):
                names |= {step.test for step in steps}
        waiting.extend(nodes.children(node))
    return names, earlier


def _is_column(steps: tuple[nodes.Step, ...], is_absolute: bool, start: nodes.Node | None) -> bool:
    return len(steps) == 1 and steps[0].axis == "child" and not is_absolute and start is None

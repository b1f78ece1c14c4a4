"""What follows from what an item reads: the disclosure class of calculated items, and the prior answers in use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from surveys.instrument import language
from surveys.instrument.authoring.sheets import Workbook
from surveys.instrument.expressions import expressions_of, texts_of
from surveys.instrument.language import nodes
from surveys.instrument.model import Disclosure, Group, Instrument, Item, Kind, Preload, Text
from surveys.instrument.problems import Place, Problem, Severity

_STRICTNESS = {disclosure: rank for rank, disclosure in enumerate(Disclosure)}


@dataclass(frozen=True, slots=True)
class Reads:
    """What an expression reads: names of items and groups, and prior answers as (wave, item)."""

    names: frozenset[str]
    prior: frozenset[tuple[str, str]]


def derive(instrument: Instrument, workbook: Workbook) -> tuple[Instrument, tuple[Problem, ...]]:
    """The instrument with classes and preloads filled in, and what its author should know about them."""
    study = _Study(instrument, workbook)
    classes, problems = study.derive_classes()
    shown = list(study.shown_prior_answers())
    problems.extend(problem for _, _, problem in shown if problem is not None)
    released = {prior for prior, is_stated, _ in shown if is_stated}
    preloads = tuple(Preload(wave, item, (wave, item) in released) for wave, item in study.prior_answers())
    children = tuple(_with_classes(child, classes) for child in instrument.children)
    return replace(instrument, children=children, preloads=preloads), tuple(problems)


def reads_of(expression: str) -> Reads:
    """What an expression reads; nothing where it can't be parsed (which is reported elsewhere).

    `panelist` inside a pulldata only says whose prior answer is meant, so it is not among the names.
    """
    tree = language.parsed(expression)
    names: set[str] = set()
    prior: set[tuple[str, str]] = set()
    waiting = [tree] if tree else []
    while waiting:
        node = waiting.pop()
        match node:
            case nodes.Call("pulldata", (nodes.Literal(wave), nodes.Literal(item), nodes.Literal("panelist"), _)):
                prior.add((wave, item))
                continue
            case nodes.Reference(name):
                names.add(name)
            case nodes.Literal(text):
                names.update(references_in(text))
            case nodes.Path(steps):
                names.update(step.test for step in steps)
        waiting.extend(nodes.children(node))
    return Reads(frozenset(names), frozenset(prior))


def references_in(text: str) -> Iterator[str]:
    """Names of the `${references}` in a text."""
    for part in text.split("${")[1:]:
        name, closed, _ = part.partition("}")
        if closed:
            yield name.strip().removeprefix("last-saved#")


class _Study:
    """An instrument under examination, with everything found by name."""

    def __init__(self, instrument: Instrument, workbook: Workbook) -> None:
        self.survey = workbook.survey
        self.instrument = instrument
        self.by_name: dict[str, list[Group | Item]] = {}
        for node in instrument.nodes():
            self.by_name.setdefault(node.name, []).append(node)
        self.reads = {item.key: reads_of(item.calculation) for item in instrument.items() if item.calculation}

    def derive_classes(self) -> tuple[dict[str, Disclosure], list[Problem]]:
        problems: list[Problem] = []
        for item in self.instrument.items():
            if item.calculation:
                problems.extend(self._check_class(item))
        problems.extend(self._check_unstated())
        return {item.key: self._class_of(item) for item in self.instrument.items() if item.calculation}, problems

    def _stated(self, item: Item) -> bool:
        return bool(self.survey.cell(item.place.row, "disclosure"))

    def _check_class(self, item: Item) -> Iterator[Problem]:
        place = self.survey.place(item.place.row, "disclosure")
        least = self._least(item)
        has_reason = bool(self.survey.cell(item.place.row, "disclosure_reason"))
        if self._stated(item) and _STRICTNESS[item.disclosure] < _STRICTNESS[least] and not has_reason:
            message = f"'{item.name}' reads items of class {least}, so it can't be {item.disclosure}."
            advice = f"State {least} or stricter, or give a reason in a column 'disclosure_reason'."
            yield Problem(Severity.ERROR, "disclosure.too_mild", message, place, advice)
        for wave, prior in sorted(self.reads[item.key].prior):
            if not self._stated(item) and not self._like(prior):
                message = f"How much '{prior}' of wave '{wave}' identifies is not known here."
                advice = "State the class in the column 'disclosure'."
                yield Problem(Severity.ERROR, "disclosure.unknown_prior", message, place, advice)

    def _check_unstated(self) -> Iterator[Problem]:
        unstated = [item for item in self.instrument.items() if item.is_asked and not self._stated(item)]
        if unstated:
            counted = "1 question states" if len(unstated) == 1 else f"{len(unstated)} questions state"
            message = f"{counted} no disclosure class, '{unstated[0].name}' first."
            advice = "Free text counts as open, everything else as none, until a column 'disclosure' says otherwise."
            place = self.survey.place(unstated[0].place.row, "disclosure")
            yield Problem(Severity.WARNING, "disclosure.unstated", message, place, advice)

    def _class_of(self, item: Item) -> Disclosure:
        """Class of a calculated item: as stated, else the strictest of what it reads."""
        return item.disclosure if self._stated(item) else self._least(item)

    def _least(self, item: Item) -> Disclosure:
        """The strictest class among all that a calculation reads, over other calculations too; cycles do no harm."""
        found, seen, waiting = [Disclosure.NONE], {item.key}, [item.key]
        while waiting:
            reads = self.reads[waiting.pop()]
            found.extend(like.disclosure for _, prior in reads.prior for like in self._like(prior))
            for read in self._items_read(reads):
                if read.key not in self.reads or self._stated(read):
                    found.append(read.disclosure)
                elif read.key not in seen:
                    seen.add(read.key)
                    waiting.append(read.key)
        return max(found, key=_STRICTNESS.__getitem__)

    def _items_read(self, reads: Reads) -> Iterator[Item]:
        """What the names mean; a group stands for all that is in it."""
        waiting = [node for name in reads.names for node in self.by_name.get(name, [])]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Group):
                waiting.extend(node.children)
            elif node.kind is not Kind.NOTE:
                yield node

    def _like(self, prior: str) -> list[Item]:
        """Items of this questionnaire that ask what the prior item asked, by name or trend."""
        return [item for item in self.instrument.items() if prior in (item.name, item.trend) and item.is_asked]

    def prior_answers(self) -> list[tuple[str, str]]:
        """Every prior answer an expression reads, in a stable order."""
        found: set[tuple[str, str]] = set()
        for node in self.instrument.nodes():
            for expression in expressions_of(node):
                found |= reads_of(expression.source).prior
        return sorted(found)

    def shown_prior_answers(self) -> Iterator[tuple[tuple[str, str], bool, Problem | None]]:
        """Prior answers that reach a respondent's eyes, whether that is stated, and a warning where it is not."""
        for node in self.instrument.nodes():
            is_stated = isinstance(node, Item) and node.preload_shown
            for column, text in texts_of(node):
                prior = sorted(self._prior_in(text))
                for answer in prior:
                    yield answer, is_stated, None
                if prior and not is_stated:
                    yield prior[0], False, _shown_warning(prior[0], self.survey.place(node.place.row, column))

    def _prior_in(self, text: Text) -> set[tuple[str, str]]:
        waiting = [name for words in text.values() for name in references_in(words)]
        seen: set[str] = set()
        found: set[tuple[str, str]] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for node in self.by_name.get(name, []):
                reads = self.reads.get(node.key)
                if reads is not None:
                    found |= reads.prior
                    waiting.extend(reads.names)
        return found


def _shown_warning(prior: tuple[str, str], place: Place) -> Problem:
    message = f"This shows the respondent their answer '{prior[1]}' of wave '{prior[0]}'."
    advice = "If that is meant, set preload_shown to yes in this row."
    return Problem(Severity.WARNING, "preload.shown", message, place, advice)


def _with_classes(node: Group | Item, classes: Mapping[str, Disclosure]) -> Group | Item:
    if isinstance(node, Group):
        return replace(node, children=tuple(_with_classes(child, classes) for child in node.children))
    return replace(node, disclosure=classes[node.key]) if node.key in classes else node

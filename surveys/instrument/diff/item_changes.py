"""What changed about one item: its texts, who is asked, what is allowed, what a value means."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from surveys.instrument.diff.changes import Change, ChangeKind
from surveys.instrument.diff.choice_changes import choice_changes, listed, refiled_choices
from surveys.instrument.diff.matching import ancestors, pages_of
from surveys.instrument.diff.media_changes import Place, media_changes
from surveys.instrument.diff.normal import Renamed, conditions, normal_form, normal_switch
from surveys.instrument.diff.wording import by_language, compared_languages, folded
from surveys.instrument.expressions import is_randomized
from surveys.instrument.model import Group, Instrument, Item, Kind, Text

#: Parts of a date that are asked: another part is another precision.
_PRECISION = {"year", "month-year"}
_RANGE = ("start", "end", "step")


@dataclass
class Side:
    """One of the two versions, with what is looked up for every item. `renamed` gives later names to earlier ones."""

    instrument: Instrument
    renamed: Renamed = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.around = ancestors(self.instrument)
        self.pages = pages_of(self.instrument)
        self.trends = {item.trend for item in self.instrument.items() if item.trend}
        self.hubs = {page.hub for page in self.instrument.pages if page.hub}

    def universe(self, item: Item) -> frozenset[str]:
        """The conditions under which the item is asked, those of the groups around it included."""
        groups = self.around.get(item.path, ())
        return conditions([*(group.relevance for group in groups), item.relevance], self.renamed)

    def counts(self, item: Item) -> tuple[str, ...]:
        """How often it is asked: the counts of the repeats around it."""
        groups = self.around.get(item.path, ())
        return tuple(normal_form(group.repeat_count, self.renamed) for group in groups if group.is_repeat)

    def on_hubs(self, item: Item) -> tuple[bool, ...]:
        """Of each repeat around it, whether its entries have pages of their own, listed on a hub."""
        return tuple(group.key in self.hubs for group in self.around.get(item.path, ()) if group.is_repeat)

    def headings(self, item: Item, *, is_stem: bool) -> list[Text]:
        """Labels of the groups around it: those of matrices, which begin its question, or the others."""
        return [group.label for group in self.around.get(item.path, ()) if _is_matrix(group) is is_stem]

    def place(self, item: Item) -> Place:
        return self.instrument, item, self.around.get(item.path, ())

    def expression(self, source: str) -> str:
        return normal_form(source, self.renamed)

    def names(self, names: Iterable[str]) -> set[str]:
        return {self.renamed.get(name, name) for name in names}

    def switch(self, source: str) -> str:
        return normal_switch(source, self.renamed)


def item_changes(before: Side, old: Item, after: Side, new: Item) -> Iterator[Change]:
    """Everything but where it stands among the others."""
    yield from _identity(before, old, after, new)
    yield from _value(before, old, after, new)
    yield from _texts(before, old, after, new)
    yield from _asking(before, old, after, new)
    yield from _looks(before, old, after, new)


def _is_matrix(group: Group) -> bool:
    inside = [child for child in group.children if isinstance(child, Item) and child.is_asked]
    is_rows = bool(inside) and all("list-nolabel" in item.appearance for item in inside)
    return "table-list" in group.appearance or is_rows


def _identity(before: Side, old: Item, after: Side, new: Item) -> Iterator[Change]:
    if old.kind is not new.kind:
        yield Change(ChangeKind.TYPE, f"{old.kind.value}, now {new.kind.value}")
    if _repeats(before, old) != _repeats(after, new):
        yield Change(ChangeKind.REPEAT)
    if old.name != new.name:
        yield Change(ChangeKind.RENAMED, f"was {old.name}")
    trend = _trend(before, old, after, new)
    if trend:
        yield Change(ChangeKind.TREND, trend)
    elif (old.trend, old.measure, old.disclosure) != (new.trend, new.measure, new.disclosure):
        yield Change(ChangeKind.DESCRIBED)
    if old.consent != new.consent:
        yield Change(ChangeKind.CONSENT)


def _trend(before: Side, old: Item, after: Side, new: Item) -> str:
    """How the item has come to measure another trend, "" where it hasn't. A trend may move to another item, too."""
    if old.trend == new.trend:
        return ""
    if old.trend and new.trend:
        return f"{old.trend}, now {new.trend}"
    if new.trend in before.trends:
        return f"now {new.trend}, which another item was"
    return f"{old.trend}, which another item is now" if old.trend in after.trends else ""


def _repeats(side: Side, item: Item) -> int:
    return sum(group.is_repeat for group in side.around.get(item.path, ()))


def _value(before: Side, old: Item, after: Side, new: Item) -> Iterator[Change]:
    if before.expression(old.calculation) != after.expression(new.calculation):
        yield Change(ChangeKind.CALCULATION)
    elif new.calculation and before.names(old.trigger) != after.names(new.trigger):
        yield Change(ChangeKind.CALCULATION, "trigger")
    if old.kind is Kind.RANGE and new.kind is Kind.RANGE:
        was, now = ([item.parameters.get(name, "") for name in _RANGE] for item in (old, new))
        if was[:2] != now[:2]:
            yield Change(ChangeKind.SCALE, f"{was[0]} to {was[1]}, now {now[0]} to {now[1]}")
        elif was != now:
            yield Change(ChangeKind.VALIDATION, "step")
    if old.has_list and new.has_list:
        yield from choice_changes(before.instrument, old, after.instrument, new)
        if before.expression(old.choice_filter) != after.expression(new.choice_filter):
            yield Change(ChangeKind.CHOICES_OFFERED)
        elif refiled := refiled_choices(before.instrument, old, after.instrument, new):
            yield Change(ChangeKind.CHOICES_OFFERED, listed(refiled))


def _texts(before: Side, old: Item, after: Side, new: Item) -> Iterator[Change]:
    languages = compared_languages(before.instrument, after.instrument)
    found: set[ChangeKind] = set()
    for was, now in ((old.label, new.label), (old.hint, new.hint)):
        found |= _text_kinds(was, now, languages, before.renamed)
    found |= _heading_kinds(before.headings(old, is_stem=True), after.headings(new, is_stem=True), languages)
    headings = _heading_kinds(before.headings(old, is_stem=False), after.headings(new, is_stem=False), languages)
    if headings & {ChangeKind.TEXT, ChangeKind.SPELLING}:
        found.add(ChangeKind.HEADING)
    elif headings:
        found.add(ChangeKind.TRANSLATION)
    for kind, which in ((ChangeKind.GUIDANCE, _guidance), (ChangeKind.MESSAGE, _messages)):
        if which(old) != which(new):
            found.add(kind)
    yield from (Change(kind) for kind in ChangeKind if kind in found)


def _heading_kinds(was: list[Text], now: list[Text], languages: tuple[str, str]) -> set[ChangeKind]:
    found: set[ChangeKind] = set()
    for number in range(max(len(was), len(now))):
        old, new = (side[number] if number < len(side) else {} for side in (was, now))
        found |= _text_kinds(old, new, languages, {})
    return found


def _text_kinds(was: Text, now: Text, languages: tuple[str, str], renamed: Renamed) -> set[ChangeKind]:
    old, new = by_language(_renamed(was, renamed), languages[0]), by_language(now, languages[1])
    found: set[ChangeKind] = set()
    if folded(old[""]) != folded(new[""]):
        found.add(ChangeKind.TEXT)
    elif old[""] != new[""]:
        found.add(ChangeKind.SPELLING)
    if {code: text for code, text in old.items() if code} != {code: text for code, text in new.items() if code}:
        found.add(ChangeKind.TRANSLATION)
    return found


def _renamed(text: Text, renamed: Renamed) -> Text:
    if not renamed:
        return text
    found = {}
    for language, words in text.items():
        for name, later in renamed.items():
            words = words.replace(f"${{{name}}}", f"${{{later}}}")  # noqa: PLW2901
        found[language] = words
    return found


def _guidance(item: Item) -> object:
    return dict(item.guidance)


def _messages(item: Item) -> object:
    return dict(item.required_message), dict(item.constraint_message)


def _asking(before: Side, old: Item, after: Side, new: Item) -> Iterator[Change]:
    was, now = before.universe(old), after.universe(new)
    if was != now or before.counts(old) != after.counts(new):
        yield Change(ChangeKind.UNIVERSE, _difference(was, now))
    checks: tuple[tuple[str, Callable[[Side, Item], object]], ...] = (
        ("required", lambda side, item: side.switch(item.required)),
        ("constraint", lambda side, item: side.expression(item.constraint)),
        ("read only", lambda side, item: side.switch(item.read_only)),
        ("precision", lambda side, item: _PRECISION & set(item.appearance) if item.kind is Kind.DATE else set()),
    )
    changed = [name for name, of in checks if of(before, old) != of(after, new)]
    if changed:
        yield Change(ChangeKind.VALIDATION, ", ".join(changed))
    if _default(before, old) != _default(after, new):
        yield Change(ChangeKind.DEFAULT)


def _difference(was: frozenset[str], now: frozenset[str]) -> str:
    parts = [f"without {text}" for text in sorted(was - now)] + [f"with {text}" for text in sorted(now - was)]
    text = "; ".join(parts)
    return text if len(text) <= 160 else text[:159] + "…"


def _default(side: Side, item: Item) -> str:
    return side.expression(item.default) if item.default_is_expression else item.default


def _looks(before: Side, old: Item, after: Side, new: Item) -> Iterator[Change]:
    yield from media_changes(before.place(old), after.place(new))
    if _appearance(old) != _appearance(new) or is_randomized(old) != is_randomized(new):
        yield Change(ChangeKind.APPEARANCE)


def _appearance(item: Item) -> set[str]:
    return set(item.appearance) - (_PRECISION if item.kind is Kind.DATE else set())

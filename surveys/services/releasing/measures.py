"""Which items are one variable over versions and waves, and what has to be said about joining them.

Items are meant as one where they share a `trend` name, or are the same item of one questionnaire (its name, or what
it was `renamed_from`). They are joined while they compare: from a version on in which the item is a new measure, it
is another variable. Where two variables would get one name, the slug of the questionnaire or the wave is put behind it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from surveys.instrument.diff import Comparison, ItemComparison, compare, compare_pair
from surveys.instrument.model import Comparability, Group, Item, Kind
from surveys.services.releasing.fieldwork import Fieldwork

_NEVER = {Kind.NOTE, Kind.HIDDEN, Kind.METADATA}
_CHANGES_SHOWN = 5

#: ("trend", "", trend name), or ("item" or "repeat", questionnaire, key).
Identity = tuple[str, str, str]
Parts = dict[int, Item | Group]


@dataclass(frozen=True, slots=True)
class Measured:
    """One variable as the instruments have it: an item, or a repeat, of each version that asks it."""

    base: str  # what a recipe calls it
    name: str  # what the file calls it
    parts: Mapping[int, Item | Group]  # by version
    notes: tuple[str, ...] = ()


def find_measures(fieldwork: Fieldwork) -> Iterator[Measured]:
    """Every variable, in the order of first appearance."""
    joined = list(_Joiner(fieldwork).measures())
    bases = Counter(base for _, base, _ in joined)
    for questionnaire, base, stretches in joined:
        is_repeat = isinstance(stretches[0].first, Group)
        name = f"n_{column(base)}" if is_repeat else column(base)
        name = f"{name}_{column(questionnaire)}" if bases[base] > 1 and questionnaire else name
        yield from _named(base, name, stretches, fieldwork)


def column(name: str) -> str:
    return name.strip("/").replace("/", "_").replace("-", "_")


@dataclass
class _Stretch:
    """Versions in a row in which an item is one measure. `began` says why it isn't that of the stretch before."""

    parts: Parts
    began: tuple[int, ItemComparison] | None
    noted: list[tuple[int, ItemComparison]]

    @property
    def first(self) -> Item | Group:
        return next(iter(self.parts.values()))

    @property
    def version(self) -> int:
        return next(iter(self.parts))


class _Joiner:
    def __init__(self, fieldwork: Fieldwork) -> None:
        self.fieldwork = fieldwork
        self.compared = cache(self._compared)

    def _compared(self, before: int, after: int) -> Comparison:
        return compare(self.fieldwork.instruments[before], self.fieldwork.instruments[after])

    def measures(self) -> Iterator[tuple[str, str, list[_Stretch]]]:
        """Questionnaire ("" where several share it), base name and stretches of each variable."""
        for (_, questionnaire, _), parts in self._identified().items():
            newest = parts[max(parts)]
            base = newest.trend if isinstance(newest, Item) and not questionnaire else newest.key
            yield questionnaire, base, list(self._stretches(parts))

    def _identified(self) -> dict[Identity, Parts]:
        found: dict[Identity, Parts] = {}
        known: dict[int, dict[str, Identity]] = {}
        latest: dict[str, int] = {}
        for version, instrument in self.fieldwork.instruments.items():
            questionnaire = self.fieldwork.questionnaires[version]
            previous = latest.get(questionnaire)
            known[version] = {}
            for node in instrument.nodes():
                if _is_released_kind(node):
                    identity = self._identity(node, version, previous, known)
                    known[version][node.path] = identity
                    found.setdefault(identity, {}).setdefault(version, node)
            latest[questionnaire] = version
        return found

    def _identity(
        self, node: Item | Group, version: int, previous: int | None, known: Mapping[int, Mapping[str, Identity]]
    ) -> Identity:
        questionnaire = self.fieldwork.questionnaires[version]
        if isinstance(node, Group):
            return "repeat", questionnaire, node.key
        if node.trend:
            return "trend", "", node.trend
        if previous is not None:
            earlier = known[previous].get(self.compared(previous, version).pairs.get(node.path, ""))
            if earlier is not None and earlier[0] == "item":
                return earlier
        return "item", questionnaire, node.key

    def _stretches(self, parts: Parts) -> Iterator[_Stretch]:
        stretch: _Stretch | None = None
        before = 0
        for version, part in parts.items():
            if stretch is None:
                stretch = _Stretch({version: part}, None, [])
            else:
                found = self._difference(before, parts[before], version, part)
                if found is not None and found.comparability is Comparability.NEW_MEASURE:
                    yield stretch
                    stretch = _Stretch({version: part}, (version, found), [])
                else:
                    stretch.parts[version] = part
                    if found is not None and (found.comparability is Comparability.COMPARABLE or found.reason):
                        stretch.noted.append((version, found))
            before = version
        if stretch is not None:
            yield stretch

    def _difference(self, before: int, old: Item | Group, after: int, new: Item | Group) -> ItemComparison | None:
        if isinstance(old, Group) or isinstance(new, Group):
            return None
        known = self.compared(before, after)
        if known.pairs.get(new.path) == old.path:
            return known.of(new.path)
        instruments = self.fieldwork.instruments
        return compare_pair(instruments[before], old, instruments[after], new)


def _is_released_kind(node: Item | Group) -> bool:
    """Whether it may become a variable: not what stands in a repeat, a plain group, or what is no answer."""
    if node.repeat or (isinstance(node, Group) and not node.is_repeat):
        return False
    return isinstance(node, Group) or node.kind not in _NEVER


def _named(base: str, name: str, stretches: list[_Stretch], fieldwork: Fieldwork) -> Iterator[Measured]:
    names = [name]
    if len(stretches) > 1:
        names = [f"{name}_{suffix}" for suffix in _suffixes(stretches, fieldwork)]
    for number, stretch in enumerate(stretches):
        notes = [f"{_since(version, fieldwork)}: {_said(found)}." for version, found in stretch.noted]
        if stretch.began is not None:
            version, found = stretch.began
            notes.insert(
                0, f"{_since(version, fieldwork)} a new measure, before it {names[number - 1]}: {_said(found)}."
            )
        if number + 1 < len(stretches):
            version = stretches[number + 1].version
            notes.append(f"{_since(version, fieldwork)} the measure is another one: {names[number + 1]}.")
        yield Measured(base, names[number], stretch.parts, tuple(notes))


def _suffixes(stretches: list[_Stretch], fieldwork: Fieldwork) -> list[str]:
    """The wave in which each begins; where two begin in one wave, with the version's number."""
    waves = [column(_wave_of(stretch.version, fieldwork)) for stretch in stretches]
    if len(set(waves)) == len(waves):
        return waves
    return [f"{wave}_v{fieldwork.numbers[one.version]}" for wave, one in zip(waves, stretches, strict=True)]


def _wave_of(version: int, fieldwork: Fieldwork) -> str:
    """The first wave that fielded the version; its questionnaire where none of its records may be released."""
    waves = (wave for wave in fieldwork.waves if version in fieldwork.versions_of[wave])
    return next(waves, fieldwork.questionnaires[version])


def _since(version: int, fieldwork: Fieldwork) -> str:
    return f"Since {_wave_of(version, fieldwork)} ({fieldwork.questionnaires[version]}@{fieldwork.numbers[version]})"


def _said(found: ItemComparison) -> str:
    changes = [str(change) for change in found.changes]
    text = ", ".join(changes[:_CHANGES_SHOWN])
    if len(changes) > _CHANGES_SHOWN:
        text += f" and {len(changes) - _CHANGES_SHOWN} more"
    return (
        f"{text}. {found.comparability.value}, says the author: {found.reason}" if found.reason else f"{text} changed"
    )

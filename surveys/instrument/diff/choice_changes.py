"""How the choices of an item changed: codes added, removed, relabelled, moved, or reused for something else."""

from collections.abc import Iterator, Sequence

from surveys.instrument.diff.changes import Change, ChangeKind
from surveys.instrument.diff.normal import columns_read
from surveys.instrument.diff.wording import by_language, compared_languages, folded, is_same_meaning
from surveys.instrument.model import Choice, Instrument, Item, Measure

_SHOWN = 6  # codes a detail names


def choice_changes(before: Instrument, old: Item, after: Instrument, new: Item) -> Iterator[Change]:
    """The changes between two items that both have a list."""
    was, now = choices_of(before, old), choices_of(after, new)
    added = [name for name in now if name not in was]
    removed = [name for name in was if name not in now]
    is_scale = Measure.ORDINAL in {old.measure, new.measure}
    if is_scale and any(not side[name].missing for side, names in ((now, added), (was, removed)) for name in names):
        yield Change(ChangeKind.SCALE, f"{_points(was)} points, now {_points(now)}")
    if added:
        yield Change(ChangeKind.CHOICES_ADDED, listed(added))
    if removed:
        yield Change(ChangeKind.CHOICES_REMOVED, listed(removed))
    yield from _moved(was, now)
    yield from _relabelled(before, was, after, now)
    flagged = [name for name in was if name in now and _flags(was[name]) != _flags(now[name])]
    if flagged:
        yield Change(ChangeKind.CHOICES_FLAGGED, listed(flagged))


def refiled_choices(before: Instrument, old: Item, after: Instrument, new: Item) -> list[str]:
    """Codes on both lists of which the filter of the later item reads something else than it did."""
    columns = columns_read(new.choice_filter)
    was, now = choices_of(before, old), choices_of(after, new)
    return [
        name
        for name in was
        if name in now and any(was[name].extra.get(one, "") != now[name].extra.get(one, "") for one in columns)
    ]


def listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def choices_of(instrument: Instrument, item: Item) -> dict[str, Choice]:
    found = instrument.choice_lists.get(item.choices)
    return {choice.name: choice for choice in found.choices} if found else {}


def _points(choices: dict[str, Choice]) -> int:
    return sum(not choice.missing for choice in choices.values())


def _flags(choice: Choice) -> tuple[str, str]:
    return choice.missing, choice.outcome


def _moved(was: dict[str, Choice], now: dict[str, Choice]) -> Iterator[Change]:
    old_order = [name for name in was if name in now]
    new_order = [name for name in now if name in was]
    if old_order != new_order:
        yield Change(ChangeKind.CHOICES_MOVED)


def _relabelled(
    before: Instrument, was: dict[str, Choice], after: Instrument, now: dict[str, Choice]
) -> Iterator[Change]:
    """Labels that changed. A code is reused where its new label means something else, or was another code's."""
    languages = compared_languages(before, after)
    old = {name: by_language(choice.label, languages[0]) for name, choice in was.items()}
    new = {name: by_language(choice.label, languages[1]) for name, choice in now.items()}
    found: dict[ChangeKind, list[str]] = {}
    old_codes = {folded(texts[""]): name for name, texts in reversed(list(old.items()))}
    new_codes = {folded(texts[""]): name for name, texts in reversed(list(new.items()))}
    for name in old.keys() & new.keys():
        if old[name] == new[name]:
            continue
        was_said, is_said = old[name][""], new[name][""]
        if folded(was_said) != folded(is_said):
            is_elsewhere = {old_codes.get(folded(is_said)), new_codes.get(folded(was_said))} - {None, name}
            is_reused = bool(is_elsewhere) or not is_same_meaning(was_said, is_said)
            kind = ChangeKind.CODE_REUSED if is_reused else ChangeKind.CHOICES_RELABELLED
        else:
            kind = ChangeKind.TRANSLATION if was_said == is_said else ChangeKind.SPELLING
        found.setdefault(kind, []).append(name)
    order = list(old)
    for kind in ChangeKind:
        if kind in found:
            yield Change(kind, f"choices {listed(sorted(found[kind], key=order.index))}")

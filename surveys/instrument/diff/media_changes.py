"""Which pictures and sounds of an item changed: its own, those of the groups around it and those of its choices."""

from collections.abc import Iterator, Mapping, Sequence

from surveys.instrument.diff.changes import Change, ChangeKind
from surveys.instrument.diff.choice_changes import choices_of, listed
from surveys.instrument.model import Group, Instrument, Item, Text

#: The file by kind and language.
Shown = Mapping[tuple[str, str], str]
#: An instrument, an item of it and the groups around that.
Place = tuple[Instrument, Item, Sequence[Group]]


def media_changes(old: Place, new: Place) -> Iterator[Change]:
    """A file that only has another name now is no change, the same name with another picture is."""
    was, now = _of_choices(old), _of_choices(new)
    changed = [name for name in was if name in now and was[name] != now[name]]
    if changed:
        yield Change(ChangeKind.MEDIA, f"choices {listed(changed)}")
    elif _of_labels(old) != _of_labels(new):
        yield Change(ChangeKind.MEDIA)


def _of_choices(place: Place) -> dict[str, Shown]:
    instrument, item, _ = place
    return {name: _shown(instrument, choice.media) for name, choice in choices_of(instrument, item).items()}


def _of_labels(place: Place) -> list[Shown]:
    """Of its own label and of those of the groups around it, without those that have none."""
    instrument, item, groups = place
    found = [_shown(instrument, media) for media in [*(group.media for group in groups), item.media]]
    return [shown for shown in found if shown]


def _shown(instrument: Instrument, media: Mapping[str, Text]) -> Shown:
    """A file is told by what is in it where it is there, else by its name."""
    return {
        (kind, language): instrument.media[name].sha256 if name in instrument.media else name
        for kind, text in media.items()
        for language, name in text.items()
    }

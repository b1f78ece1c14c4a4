"""Pictures and sounds that labels refer to: their files are not in the workbook, so a text stands for them."""

from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, notice
from surveys.instrument.problems import Place, Problem

_ADVICE = "Say in the label what it shows."


def media_not_shown(subject: Subject) -> Iterator[Problem]:
    for place, kind, name in _references(subject):
        yield notice(
            "media",
            f"The {kind} '{name}' is not shown; its name stands for it where there is no label.",
            place,
            _ADVICE,
        )


def _references(subject: Subject) -> Iterator[tuple[Place, str, str]]:
    for item in subject.instrument.items():
        for kind, text in item.media.items():
            yield from ((subject.place(item, kind), kind, name) for name in dict.fromkeys(text.values()))
    for entry in subject.instrument.choice_lists.values():
        for choice in entry.choices:
            for kind, text in choice.media.items():
                place = Place("choices", choice.place.row, kind)
                yield from ((place, kind, name) for name in dict.fromkeys(text.values()))

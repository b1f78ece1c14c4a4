"""Defaults that are no answer to their question, and are therefore read as blank."""

from collections.abc import Iterator
from datetime import UTC

from surveys.instrument.authoring.lint.subject import Subject, warning
from surveys.instrument.casts import CASTS, chosen_of, instant_of
from surveys.instrument.model import Item, Kind
from surveys.instrument.problems import Problem

_SHAPES = {
    Kind.DATE: "Write a date as 2024-12-31.",
    Kind.DATETIME: "Write a moment as 2024-12-31T09:30.",
    Kind.TIME: "Write a time as 09:30.",
}


def wrong_defaults(subject: Subject) -> Iterator[Problem]:
    for item in subject.instrument.items():
        if item.is_asked and item.default and not item.default_is_expression:
            lost = _lost(subject, item)
            if lost:
                message = f"'{lost[:60]}' is no answer to '{item.name}': the default is left out."
                yield warning("default", message, subject.place(item, "default"), _advice(subject, item))


def _lost(subject: Subject, item: Item) -> str:
    """What of the default can't be an answer, "" where all of it can."""
    found = subject.list_of(item)
    if found is not None:
        codes = {choice.name for choice in found.choices}
        chosen = [item.default] if item.kind is Kind.SELECT_ONE else chosen_of(item.default)
        return next((code for code in chosen if code not in codes), "")
    if item.kind is Kind.DATETIME:
        return "" if instant_of(item.default, UTC) else item.default
    cast = CASTS.get(item.kind)
    return item.default if cast and not cast(item.default) else ""


def _advice(subject: Subject, item: Item) -> str:
    if subject.list_of(item) is not None:
        codes = "a code" if item.kind is Kind.SELECT_ONE else "codes with spaces between them"
        return f"Write {codes}, of the list '{item.choices}'."
    return _SHAPES.get(item.kind, "Write a number in digits.")

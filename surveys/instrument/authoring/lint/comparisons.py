"""Answers compared as something they never are."""

from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Comparison, Subject, warning
from surveys.instrument.language import nodes
from surveys.instrument.language.dates import days_of
from surveys.instrument.language.values import to_number
from surveys.instrument.model import Kind
from surveys.instrument.problems import Problem

_NUMBERS = {Kind.INTEGER, Kind.DECIMAL, Kind.RANGE}
_DATES = {Kind.DATE, Kind.DATETIME}
_ORDERINGS = {"<", "<=", ">", ">="}


def wrong_types(subject: Subject) -> Iterator[Problem]:
    for written in subject.written:
        for found in subject.comparisons(written):
            message, advice = _verdict(subject, found)
            if message:
                place = subject.place(written.owner, written.role.value)
                yield warning("wrong_type", message, place, advice)


def _verdict(subject: Subject, found: Comparison) -> tuple[str, str]:
    """What is wrong and what to do, both "" where nothing is."""
    name, kind = found.item.name, found.item.kind
    text = found.value.text if isinstance(found.value, nodes.Literal) else None
    if found.operator == "selected":
        is_select = found.item.has_list or not found.item.is_asked or kind is Kind.TEXT
        return ("", "") if is_select else (f"'{name}' is not a select: selected() is never true of it.", "Use '='.")
    if kind is Kind.SELECT_MULTIPLE and found.operator in {"=", "!="} and text != "":
        return _several(name, found)
    if found.item.has_list and found.operator in _ORDERINGS and not _has_numbers(subject, found):
        return f"The codes of '{name}' are not numbers: this is never true.", "Compare with '='."
    if kind is Kind.TIME and found.operator in _ORDERINGS:
        return f"'{name}' is a time, which is neither more nor less than anything.", "Compare decimal-time() of both."
    if kind in _NUMBERS and text and to_number(text) != to_number(text):
        return f"'{name}' is a number and never equals '{text}'.", "Compare with a number."
    if kind in _DATES and text and days_of(text) is None:
        return f"'{name}' is a date and never equals '{text}'.", "Write a date as '2024-12-31'."
    if kind in _DATES and text is None:
        return f"'{name}' is a date, compared with a number.", "Write date('2024-12-31')."
    return "", ""


def _several(name: str, found: Comparison) -> tuple[str, str]:
    message = f"'{name}' may hold several codes: '{found.operator}' is only true of exactly this one."
    return message, f"Use selected(${{{name}}}, …)."


def _has_numbers(subject: Subject, found: Comparison) -> bool:
    choices = subject.list_of(found.item)
    return choices is not None and any(to_number(one.name) == to_number(one.name) for one in choices.choices)

"""Answers as they are stored to the lexical values that expressions see; anything that doesn't fit is blank."""

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from surveys.instrument.language.dates import format_instant, parse_date, parse_instant, parse_time
from surveys.instrument.language.values import number_of_text
from surveys.instrument.model import Kind

_INTEGER = re.compile(r"-?\d{1,30}", re.ASCII)
_DECIMAL = re.compile(r"-?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})", re.ASCII)


def text_of(raw: object) -> str:
    return raw if isinstance(raw, str) else ""


def integer_of(raw: object) -> str:
    """A whole number; a fraction is cut off."""
    text = text_of(raw).strip()
    if _INTEGER.fullmatch(text):
        return text
    return str(int(number_of_text(text))) if _DECIMAL.fullmatch(text) else ""


def decimal_of(raw: object) -> str:
    text = text_of(raw).strip()
    return text if _DECIMAL.fullmatch(text) else ""


def date_of(raw: object) -> str:
    """A date; of an instant, the date as written."""
    text = text_of(raw).strip().partition("T")[0]
    return text if parse_date(text) else ""


def time_of(raw: object) -> str:
    text = text_of(raw).strip()
    return text if parse_time(text) else ""


def instant_of(raw: object, zone: tzinfo) -> str:
    """An instant with its offset from UTC; where it was given without one, the study's zone is meant."""
    text = text_of(raw).strip()
    instant = parse_instant(text, zone)
    return "" if instant is None else format_instant(instant, zone)


def chosen_of(raw: object) -> list[str]:
    """The names chosen, in the order given, each once. Text is read as names with blanks between."""
    if isinstance(raw, str):
        return list(dict.fromkeys(raw.split()))
    if not isinstance(raw, list):
        return []
    return list(dict.fromkeys(name for name in raw if isinstance(name, str) and name))


CASTS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.INTEGER: integer_of,
    Kind.DECIMAL: decimal_of,
    Kind.RANGE: decimal_of,
    Kind.DATE: date_of,
    Kind.TIME: time_of,
}

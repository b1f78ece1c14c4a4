"""Answers in words, as someone reads them in their language: labels, dates, months."""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_month_names
from babel.numbers import format_percent

from surveys.instrument.model import Kind
from surveys.instrument.view import QuestionView

FALLBACK = Locale("en")


@lru_cache
def locale_of(code: str) -> Locale:
    """The locale of a language code, English for one that is unknown or unwritten."""
    for wanted in (code, code.partition("-")[0]):
        try:
            return Locale.parse(wanted.replace("-", "_"))
        except (ValueError, TypeError, UnknownLocaleError):
            continue
    return FALLBACK


@lru_cache
def month_names(code: str) -> list[tuple[str, str]]:
    """(number, name) of the twelve months, as they stand alone in that language."""
    names = get_month_names("wide", "stand-alone", locale_of(code))
    return [(str(number), names[number].capitalize()) for number in range(1, 13)]


@lru_cache(maxsize=1024)
def in_percent(share: int, code: str) -> str:
    """A share in percent as that language writes it."""
    return str(format_percent(share / 100, locale=locale_of(code)))


def in_words(question: QuestionView, values: Sequence[str], code: str) -> str:
    """Values of a question as they are said; "" for none. What can't be read stays as it was typed."""
    given = [value for value in values if value]
    if question.choices:
        labels = {choice.name: choice.label for choice in question.choices}
        return _listed([labels.get(value, value) for value in given], question.kind)
    try:
        return "\n".join(_said(question, value, locale_of(code)) for value in given)
    except ValueError:
        return "\n".join(given)


def _listed(labels: list[str], kind: Kind) -> str:
    if kind is Kind.RANK:
        return "\n".join(f"{place}. {label}" for place, label in enumerate(labels, 1))
    return "\n".join(labels)


def _said(question: QuestionView, value: str, locale: Locale) -> str:
    match question.kind:
        case Kind.DATE if "year" in question.appearance:
            return value
        case Kind.DATE if "month-year" in question.appearance:
            return str(format_skeleton("yMMMM", date.fromisoformat(f"{value[:7]}-01"), locale=locale))
        case Kind.DATE:
            return str(format_date(date.fromisoformat(value), "long", locale=locale))
        case Kind.TIME:
            return str(format_time(time.fromisoformat(value), "short", locale=locale))
        case Kind.DATETIME:
            moment = datetime.fromisoformat(value)
            return f"{format_date(moment, 'long', locale=locale)}, {format_time(moment, 'short', locale=locale)}"
        case Kind.ACKNOWLEDGE:
            return "✓"
    return value

"""From what a browser posted for one question to a typed value, or to what is wrong with it.

Names of controls: the item's key, in a repeat `repeat.instance.key`. A date may also come in parts, `name.year`,
`name.month` and `name.day`, and a moment as `name.date` and `name.time`; a ranking comes as several values of `name` in
order. A month-year is stored as the first day of its month, a year as the first day of its year.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from surveys.instrument.document import Stored
from surveys.instrument.model import Item, Kind

Posted = Mapping[str, Sequence[str]]

MAX_TEXT = 10_000
MAX_DIGITS = 15  # a double holds these exactly, and so does every format that is exported to

_SPACES = " \u00a0\u202f\u2009"
_GROUPED = re.compile(rf"(?<=\d)[{_SPACES}](?=\d{{3}}(?!\d))")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DOTTED_DATE = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{1,2})")
_YEAR = re.compile(r"[0-9]{4}")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_NOT_TEXT = {"Cc", "Cs"}  # control characters and lone surrogates, which no database takes


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for a control. `code` is "" or says why `value` can't be used; `typed` is for showing again."""

    value: Stored
    typed: tuple[str, ...]
    code: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def control_name(key: str, repeat: str = "", instance: str = "") -> str:
    return f"{repeat}.{instance}.{key}" if instance else key


def is_present(item: Item, control: str, posted: Posted) -> bool:
    """Whether the browser sent this control, blank or not."""
    return control in posted or any(part in posted for part in _part_names(item, control))


def read(item: Item, control: str, posted: Posted, choices: Sequence[str]) -> Reading | None:
    """The value posted for an item, None where nothing was sent and that says nothing.

    Boxes that are not ticked send nothing, so for them nothing means empty. `choices` are all names on the item's
    list; whether one is offered just now is for the constraint of the moment, not for reading.
    """
    if not is_present(item, control, posted):
        if item.kind is Kind.SELECT_MULTIPLE:
            return Reading([], ())
        return Reading("", ()) if item.kind is Kind.ACKNOWLEDGE else None
    if item.has_list:
        return _read_choices(item, _values(control, posted), choices)
    typed = _joined(item, control, posted)
    text = typed.strip()
    if not text:
        return Reading("", (typed,))
    return _READERS[item.kind](item, text)


def clean(text: object) -> str:
    """A posted text with one kind of line end and nothing that can't be stored."""
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in _NOT_TEXT)


def _values(control: str, posted: Posted) -> list[str]:
    return [value for value in map(clean, posted.get(control, ())) if value]


def _part_names(item: Item, control: str) -> list[str]:
    if item.kind is Kind.DATE:
        return [f"{control}.{part}" for part in ("year", "month", "day")]
    if item.kind is Kind.DATETIME:
        return [f"{control}.{part}" for part in ("date", "time")]
    return []


def _joined(item: Item, control: str, posted: Posted) -> str:
    """One text from a control, or from its parts."""
    parts = [clean(posted[name][0]).strip() for name in _part_names(item, control) if posted.get(name)]
    if control in posted or not parts:
        values = posted.get(control, ())
        return clean(values[0]) if values else ""
    if not any(parts):
        return ""
    return ("T" if item.kind is Kind.DATETIME else "-").join(parts)


def _read_choices(item: Item, values: list[str], choices: Sequence[str]) -> Reading:
    chosen = list(dict.fromkeys(values))
    typed = tuple(chosen)
    known = [name for name in chosen if name in choices]
    if len(known) < len(chosen):
        return Reading(known, typed, "not_offered")
    if item.kind is Kind.SELECT_ONE:
        return Reading(chosen[0] if chosen else "", typed[:1])
    if item.kind is Kind.RANK:
        return Reading(chosen, typed, "not_ranked" if len(chosen) < len(values) else "")
    return Reading([name for name in choices if name in chosen], typed)


def _text(item: Item, text: str) -> Reading:
    if len(text) > MAX_TEXT:
        return Reading("", (text[:MAX_TEXT],), "too_long", {"limit": str(MAX_TEXT)})
    return Reading(text, (text,))


def _acknowledge(item: Item, text: str) -> Reading:
    return Reading("OK", ("OK",))


def _integer(item: Item, text: str) -> Reading:
    digits = _ascii(_GROUPED.sub("", text))
    if not _INTEGER.fullmatch(digits):
        return Reading("", (text,), "not_an_integer")
    if len(digits.lstrip("+-0")) > MAX_DIGITS:
        return Reading("", (text,), "number_too_long")
    return Reading(plain(Decimal(digits)), (text,))  # int() refuses thousands of zeros


def _decimal(item: Item, text: str) -> Reading:
    number = _number(text)
    if number is None:
        return Reading("", (text,), "not_a_number")
    if len(number.as_tuple().digits) > MAX_DIGITS:
        return Reading("", (text,), "number_too_long")
    return Reading(plain(number), (text,))


def _range(item: Item, text: str) -> Reading:
    number = _number(text)
    if number is None:
        return Reading("", (text,), "not_a_number")
    bounds = {name: item.parameters.get(name, "") for name in ("start", "end", "step")}
    start, end, step = (_number(bounds[name]) for name in ("start", "end", "step"))
    if start is None or end is None:
        return Reading(plain(number), (text,))
    if not min(start, end) <= number <= max(start, end):
        return Reading("", (text,), "out_of_range", bounds)
    if step and (number - start) % abs(step):
        return Reading("", (text,), "not_on_step", bounds)
    return Reading(plain(number), (text,))


def _date(item: Item, text: str) -> Reading:
    if "year" in item.appearance:
        return _dated(text, _YEAR, "not_a_year")
    if "month-year" in item.appearance:
        return _dated(text, _MONTH, "not_a_month")
    day = iso_date(text)
    return Reading(day, (text,)) if day else Reading("", (text,), "not_a_date")


def _dated(text: str, pattern: re.Pattern[str], code: str) -> Reading:
    """A date of which only the year, or the year and the month, are asked."""
    plain = _ascii(text)
    whole = iso_date(plain)
    if whole:
        return Reading(f"{whole[:4]}-01-01" if pattern is _YEAR else f"{whole[:7]}-01", (text,))
    filled = f"{plain}-01-01" if pattern is _YEAR else f"{plain}-01"
    day = iso_date(filled) if pattern.fullmatch(plain) else ""
    return Reading(day, (text,)) if day else Reading("", (text,), code)


def _time(item: Item, text: str) -> Reading:
    clock = _clock(text)
    return Reading(clock, (text,)) if clock else Reading("", (text,), "not_a_time")


def _datetime(item: Item, text: str) -> Reading:
    day_text, _, time_text = _ascii(text).replace("T", " ").partition(" ")
    day, clock = iso_date(day_text), _clock(time_text.strip())
    if not (day and clock):
        return Reading("", (text,), "not_a_datetime")
    return Reading(f"{day}T{clock}", (text,))


_READERS: Mapping[Kind, Callable[[Item, str], Reading]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.RANGE: _range,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.DATETIME: _datetime,
    Kind.ACKNOWLEDGE: _acknowledge,
}


def iso_date(text: str) -> str:
    """`YYYY-MM-DD` from that, or from `DD.MM.YYYY`; "" where it is no date."""
    plain = _ascii(text)
    iso, dotted = _ISO_DATE.fullmatch(plain), _DOTTED_DATE.fullmatch(plain)
    year, month, day = iso.groups() if iso else (dotted.groups()[::-1] if dotted else ("0", "0", "0"))
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _clock(text: str) -> str:
    found = _TIME.fullmatch(_ascii(text))
    if not found:
        return ""
    hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return time(hour, minute, second).isoformat()
    except ValueError:
        return ""


def _number(text: str) -> Decimal | None:
    plain = _ascii(_GROUPED.sub("", text.strip()))
    if not _DECIMAL.fullmatch(plain) or len(plain) > 2 * MAX_DIGITS + 2:
        return None
    return Decimal(plain.replace(",", "."))


def plain_number(text: str) -> str:
    """A number as it is stored, however it is spelt; what is no number stays as it is."""
    number = _number(text)
    return text if number is None else plain(number)


def plain(number: Decimal) -> str:
    """Without exponent, leading or trailing zeros; never "-0"."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _ascii(text: str) -> str:
    """Digits of any script as 0 to 9, and the typographic minus as a hyphen."""
    signs = ("-" if sign == "\u2212" else sign for sign in text)
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in signs)

"""Values worth trying for an item: those at the edges of what expressions compare it with.

Pure and the same each time; the most telling values come first.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import combinations, islice

from surveys.instrument.controls import iso_date
from surveys.instrument.language import nodes
from surveys.instrument.model import Item, Kind

MOST = 60
_USUAL_NUMBERS = (0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 18.0, 30.0, 50.0, 70.0, 100.0, 1000.0)
_USUAL_DAYS = (0, -1, 1, -7, -30, -200, -400, -2000, -5000, -10_000, -20_000, 30)
_USUAL_TEXTS = ("work", "A", "12", "2022", "a@example.org", "+37455123456", "https://example.org", "Anna Petrova")
_LONGEST = 200


def values_for(item: Item, trees: Iterable[nodes.Node], today: date) -> list[str]:
    """Lexical values for an item without a choice list, most telling first; `trees` are what reads it."""
    parts = [part for tree in trees for part in nodes.walk(tree)]
    match item.kind:
        case Kind.INTEGER | Kind.DECIMAL:
            found = _numbers(parts, is_whole=item.kind is Kind.INTEGER)
        case Kind.RANGE:
            found = _steps(item)
        case Kind.DATE | Kind.DATETIME:
            found = _days(parts, today, is_moment=item.kind is Kind.DATETIME)
        case Kind.TIME:
            found = iter(("12:00:00", "00:00:00", "08:30:00", "18:00:00", "23:59:00"))
        case Kind.ACKNOWLEDGE:
            found = iter(("OK",))
        case _:
            found = _texts(parts)
    return list(islice(dict.fromkeys(found), MOST))


def numbers_in(parts: Iterable[nodes.Node]) -> Iterator[float]:
    """The numbers written among these parts of an expression, with their signs; `parts` as nodes.walk gives them."""
    parts = list(parts)
    negated = {id(part.operand) for part in parts if isinstance(part, nodes.Negate)}
    for part in parts:
        match part:
            case nodes.Negate(nodes.Number(value)):
                yield -value
            case nodes.Number(value) if id(part) not in negated:
                yield value


def _numbers(parts: list[nodes.Node], *, is_whole: bool) -> Iterator[str]:
    written = dict.fromkeys((*numbers_in(parts), *_quoted_numbers(parts)))
    edges = (number + by for number in written for by in (0, 1, -1, *(() if is_whole else (0.5,))))
    few = list(written)[:6]
    joined = [value for a, b in combinations(few, 2) for value in (a - b, b - a, a + b, a * b)]
    between = ((a + b) / 2 for a, b in combinations(few, 2))
    around = (*between, *(value + by for value in joined for by in (0, 1, -1)))
    for number in (*edges, *islice(around, 3 * MOST), *_USUAL_NUMBERS):
        if abs(number) < 10**12:
            yield str(int(number)) if is_whole or number.is_integer() else f"{number:.6f}".rstrip("0")


def _quoted_numbers(parts: list[nodes.Node]) -> Iterator[float]:
    for part in parts:
        if isinstance(part, nodes.Literal) and len(part.text) < 15 and "_" not in part.text:
            with suppress(ValueError):
                yield float(part.text)


def _steps(item: Item) -> Iterator[str]:
    try:
        start, end, step = (float(item.parameters.get(name, usual)) for name, usual in _RANGE)
    except ValueError:
        return
    n = int(abs((end - start) / (step or 1)))
    step = abs(step or 1) * (1 if end >= start else -1)
    places = range(n + 1) if n < MOST else sorted({0, n, *range(0, n, max(1, n // MOST))})
    yield from (f"{start + step * place:g}" for place in places)


_RANGE = (("start", "1"), ("end", "10"), ("step", "1"))


def _days(parts: list[nodes.Node], today: date, *, is_moment: bool) -> Iterator[str]:
    written = [iso_date(part.text[:10]) for part in parts if isinstance(part, nodes.Literal)]
    spans = [int(part.value) for part in parts if isinstance(part, nodes.Number) and part.value < 50_000]
    bases = [date.fromisoformat(text) for text in written if text] + [today]
    offsets = [*(by for base in spans[:6] for by in (base, -base, base + 1, -base - 1)), *_USUAL_DAYS]
    for base in bases:
        for offset in (0, 1, -1):
            yield _day(base, offset, is_moment=is_moment)
    for base in bases:
        yield from (_day(base, offset, is_moment=is_moment) for offset in offsets)


def _day(base: date, offset: int, *, is_moment: bool) -> str:
    try:
        day = (base + timedelta(days=offset)).isoformat()
    except OverflowError:
        day = base.isoformat()
    return f"{day}T12:00:00" if is_moment else day


def _texts(parts: list[nodes.Node]) -> Iterator[str]:
    for part in parts:
        match part:
            case nodes.Call("regex", (_, nodes.Literal(pattern))):
                yield matching(pattern)
            case nodes.Literal(text) if text and len(text) <= _LONGEST:
                yield text
    for part in parts:
        if isinstance(part, nodes.Number) and 0 < part.value <= _LONGEST:
            n = int(part.value)
            yield from ("1" * n, "a" * n, "1" * (n + 1), "1" * max(1, n - 1))
            yield str(n)
    yield from _USUAL_TEXTS


def matching(pattern: str) -> str:
    """A short text that most patterns of the usual kind match; anything where the pattern is beyond that."""
    try:
        return "".join(_Pattern(pattern).alternatives())[:_LONGEST]
    except RecursionError:
        return ""


_CLASSES = {"d": "1", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "b": "", "B": "", "t": "\t", "n": "\n"}


class _Pattern:
    """Reads a regular expression from left to right and takes the first way through it."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern
        self.n = 0

    def alternatives(self) -> list[str]:
        first = self._sequence()
        while self.rest.startswith("|"):
            self._take()
            self._sequence()
        return first

    def _take(self, n: int = 1) -> str:
        taken, self.rest = self.rest[:n], self.rest[n:]
        return taken

    def _sequence(self) -> list[str]:
        found: list[str] = []
        while self.rest and self.rest[0] not in "|)":
            found.append((self._atom()[:_LONGEST] * self._count())[:_LONGEST])
        return found

    def _atom(self) -> str:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == "\\":
            escaped = self._take()
            return _CLASSES.get(escaped, escaped)
        return {"^": "", "$": "", ".": "a"}.get(sign, sign)

    def _group(self) -> str:
        is_ahead = self.rest.startswith(("?=", "?!", "?<"))
        if self.rest.startswith("?"):
            self._take(2)
        inner = "".join(self.alternatives())
        self._take()
        return "" if is_ahead else inner

    def _class(self) -> str:
        is_negated = self.rest.startswith("^")
        inside = ""
        while self.rest and (self.rest[0] != "]" or inside in {"", "^"}):
            sign = self._take()
            inside += _CLASSES.get(escaped := self._take(), escaped) if sign == "\\" else sign
        self._take()
        if not is_negated:
            return inside[:1]
        return next((sign for sign in "a1A-_ " if sign not in inside), "~")

    def _count(self) -> int:
        least = 1
        if self.rest[:1] in {"*", "+", "?"}:
            self._take()
        elif self.rest[:1] == "{":
            bounds = self._take(self.rest.find("}") + 1 or len(self.rest))
            digits = bounds.strip("{}").split(",")[0]
            least = int(digits) if digits.isdigit() else 0
        if self.rest[:1] == "?":
            self._take()
        return min(least, _LONGEST)

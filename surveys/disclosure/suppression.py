"""Suppression: values, then whole rows, are taken out until nobody stands in a class of fewer than k.

A *unit* is a respondent with all their waves side by side: what identifies them is the whole trajectory. Units are
in one class where all their cells agree, a blank being a value of its own; taking a blank for "any value" would
flatter the count. A wave that was not taken is `ABSENT`: it can't be suppressed, so the pattern of waves taken is
part of every class.

The search is greedy and takes no chances: sets of columns are tried from the cheapest to the dearest; under each, the
units still at risk are blanked in these columns, and those who then stand in a class of k or more (together or with
units already safe) are settled. Settled classes only grow. Who is left at the end is dropped. The result depends on
the cells alone, not on the order of the units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import comb
from typing import NamedTuple

#: No value: suppressed or missing. One and the same, so that nobody can tell who was suppressed.
BLANK = ""
#: The wave was not taken, so there is no cell.
ABSENT = "\0"

#: At most so many sets of columns are tried, and so many times a class is looked at: a few seconds.
MOST_SETS = 4096
MOST_WORK = 8_000_000

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One quasi-identifying variable in one wave."""

    variable: str
    wave: str
    weight: int = 1  # cost of suppressing one of its cells
    is_fixed: bool = False  # can't be suppressed


@dataclass(frozen=True, slots=True)
class Suppression:
    """The cells of every unit as released, in the order given; None for a unit that is dropped."""

    units: tuple[Cells | None, ...]


def suppress(columns: Sequence[Column], units: Sequence[Cells], k: int) -> Suppression:
    """Take out cells, then units, until every class of those left has at least `k` members."""
    sizes = Counter(units)
    outcome: dict[Cells, Cells] = {cells: cells for cells, n in sizes.items() if n >= k}
    digits = _Digits(columns, list(sizes))
    settled = Counter({digits.key(cells): sizes[cells] for cells in outcome})
    at_risk = [_Class(cells, n, digits.key(cells)) for cells, n in sorted(sizes.items()) if n < k]
    for blanks in _sets_of_columns(columns, digits.varying, len(at_risk)):
        if not at_risk:
            break
        safe, at_risk = _settle(at_risk, settled, [digits.cuts[column] for column in blanks], blanks, k)
        outcome |= {cells: _blanked(cells, blanks) for cells in safe}
    return Suppression(tuple(outcome.get(cells) for cells in units))


def smallest_class(units: Iterable[Cells]) -> int:
    """How many members the smallest class has; 0 where there is no unit."""
    return min(Counter(units).values(), default=0)


class _Class(NamedTuple):
    """Units that agree in every cell."""

    cells: Cells
    n: int
    key: int


def _settle(
    at_risk: Sequence[_Class],
    settled: Counter[int],
    cuts: Sequence[Mapping[str, int]],
    blanks: Sequence[int],
    k: int,
) -> tuple[list[Cells], list[_Class]]:
    """Who is safe once the columns `blanks` are blanked, and who still isn't. Adds the safe ones to `settled`."""
    together: dict[int, list[_Class]] = defaultdict(list)
    pairs = list(zip(blanks, cuts, strict=True))
    for entry in at_risk:
        key = entry.key
        for column, cut in pairs:
            key -= cut[entry.cells[column]]
        together[key].append(entry)
    safe: list[Cells] = []
    left: list[_Class] = []
    for key, classes in together.items():
        n = sum(entry.n for entry in classes)
        if n + settled[key] >= k:
            settled[key] += n
            safe.extend(entry.cells for entry in classes)
        else:
            left.extend(classes)
    return safe, left


def _blanked(cells: Cells, blanks: Sequence[int]) -> Cells:
    changed = list(cells)
    for column in blanks:
        if changed[column] != ABSENT:
            changed[column] = BLANK
    return tuple(changed)


class _Digits:
    """Cells as one whole number, so that blanking a column is a subtraction: fast enough without NumPy.

    Every column is a digit of its own base. The digit of a blank is 0; `cuts` says what blanking a value takes away.
    """

    def __init__(self, columns: Sequence[Column], classes: Sequence[Cells]) -> None:
        self._digits: list[dict[str, int]] = []
        self.cuts: list[dict[str, int]] = []
        self.varying: list[int] = []
        base = 1
        for number, column in enumerate(columns):
            found = {cells[number] for cells in classes}
            values = sorted(found - {BLANK})
            digits = {BLANK: 0} | {value: digit * base for digit, value in enumerate(values, start=1)}
            self._digits.append(digits)
            self.cuts.append(digits | {ABSENT: 0})
            if not column.is_fixed and len(found - {ABSENT}) > 1:
                self.varying.append(number)
            base *= len(values) + 1

    def key(self, cells: Cells) -> int:
        return sum(digits[value] for digits, value in zip(self._digits, cells, strict=True))


def _sets_of_columns(columns: Sequence[Column], varying: Sequence[int], n_at_risk: int) -> list[tuple[int, ...]]:
    """Sets to blank, cheapest first: as many small sets of cells as are affordable, sets of whole variables, all."""
    by_variable: dict[str, list[int]] = defaultdict(list)
    for number in varying:
        by_variable[columns[number].variable].append(number)
    affordable = min(MOST_SETS, MOST_WORK // max(n_at_risk, 1))
    sets = _small_unions([(number,) for number in varying], affordable)
    sets |= _small_unions([tuple(numbers) for numbers in by_variable.values()], affordable)
    sets.add(tuple(varying))
    return sorted(sets, key=lambda numbers: (sum(columns[n].weight for n in numbers), len(numbers), numbers))


def _small_unions(parts: Sequence[tuple[int, ...]], most: int) -> set[tuple[int, ...]]:
    """Every union of one part, of two and so on, up to the size at which there would be more than `most`."""
    unions: set[tuple[int, ...]] = set()
    for size in range(1, len(parts) + 1):
        if size > 1 and len(unions) + comb(len(parts), size) > most:
            break
        unions |= {tuple(sorted(chain.from_iterable(chosen))) for chosen in combinations(parts, size)}
    return unions

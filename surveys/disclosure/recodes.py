"""How a value becomes coarser: bands of numbers, groups of choices, the year of a date.

Every recode gives a value its code in the released file, or `None` where it has none (a number that isn't one, a
choice in no group). Recoded values are numbered from 1 in the recipe's order; their labels go into the codebook.
"""

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Category:
    """One code of a released variable and what it means."""

    code: str
    label: str


class Recode(Protocol):
    @property
    def categories(self) -> tuple[Category, ...] | None:
        """The codes it gives, or None where the item's own values and labels stay."""

    @property
    def description(self) -> str:
        """What it does, for the report and the codebook."""

    def code(self, value: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Keep:
    """The value as it is."""

    categories: None = None
    description: str = "kept as answered"

    def code(self, value: str) -> str | None:
        return value or None


@dataclass(frozen=True, slots=True)
class Groups:
    """Several choices become one. A choice in no group goes to `rest`, or has no code where there is no rest."""

    groups: tuple[tuple[str, frozenset[str]], ...]  # (label, names of its choices)
    rest: str = ""

    @property
    def categories(self) -> tuple[Category, ...]:
        labels = [label for label, _ in self.groups] + ([self.rest] if self.rest else [])
        return tuple(Category(str(number), label) for number, label in enumerate(labels, start=1))

    @property
    def description(self) -> str:
        return f"joined into {len(self.categories)} groups"

    @property
    def named(self) -> frozenset[str]:
        """Every choice that a group names."""
        return frozenset().union(*(names for _, names in self.groups))

    def code(self, value: str) -> str | None:
        for number, (_, names) in enumerate(self.groups, start=1):
            if value in names:
                return str(number)
        return str(len(self.groups) + 1) if self.rest and value else None


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of a number, open at both ends: the first holds all below `breaks[0]`, the last all from `breaks[-1]`."""

    breaks: tuple[Decimal, ...]  # ascending; each begins a band

    @property
    def categories(self) -> tuple[Category, ...]:
        lower = [None, *self.breaks]
        upper = [*self.breaks, None]
        return tuple(
            Category(str(number), self._label(low, high))
            for number, (low, high) in enumerate(zip(lower, upper, strict=True), start=1)
        )

    @property
    def description(self) -> str:
        return f"banded into {len(self.breaks) + 1} classes, open at both ends"

    def code(self, value: str) -> str | None:
        number = as_number(value)
        return None if number is None else str(bisect_right(self.breaks, number) + 1)

    def _label(self, low: Decimal | None, high: Decimal | None) -> str:
        if low is None:
            return f"below {high}"
        if high is None:
            return f"{low} or more"
        if all(number == number.to_integral_value() for number in self.breaks):
            return f"{low} to {high - 1}"
        return f"{low} to below {high}"


@dataclass(frozen=True, slots=True)
class Year:
    """The year of a date. Years outside `first`..`last` are bottom or top coded, where these are given."""

    first: int | None = None
    last: int | None = None

    @property
    def categories(self) -> None:
        return None

    @property
    def description(self) -> str:
        parts = ["year only"]
        if self.first is not None:
            parts.append(f"{self.first} stands for it and earlier")
        if self.last is not None:
            parts.append(f"{self.last} stands for it and later")
        return ", ".join(parts)

    def code(self, value: str) -> str | None:
        text = value[:4]
        if not (text.isascii() and text.isdigit() and len(text) == 4):
            return None
        year = int(text)
        if self.first is not None:
            year = max(year, self.first)
        if self.last is not None:
            year = min(year, self.last)
        return str(year)


def as_number(value: str) -> Decimal | None:
    """The finite number that `value` spells, or None."""
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None

"""What is rare among values that are released as given: the ends of numbers, and values that few share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Range:
    """The values left after coding: `low` stands for it and less, `high` for it and more."""

    low: Decimal
    high: Decimal

    def clip(self, number: Decimal) -> Decimal:
        return min(max(number, self.low), self.high)


def common_range(numbers: Iterable[tuple[str, Decimal]], k: int) -> Range | None:
    """The range at whose ends at least `k` respondents stand. None where too few gave a number for that.

    `numbers` are (respondent, number); a respondent counts once at each end.
    """
    largest: dict[str, Decimal] = {}
    smallest: dict[str, Decimal] = {}
    for respondent, number in numbers:
        largest[respondent] = max(number, largest.get(respondent, number))
        smallest[respondent] = min(number, smallest.get(respondent, number))
    if len(largest) < k:
        return None
    low = sorted(smallest.values())[k - 1]
    high = sorted(largest.values(), reverse=True)[k - 1]
    return Range(low, high) if low <= high else None


def common_values(values: Iterable[tuple[str, str]], k: int) -> frozenset[str]:
    """The values that at least `k` respondents share. `values` are (respondent, value)."""
    sharing: dict[str, set[str]] = defaultdict(set)
    for respondent, value in values:
        sharing[value].add(respondent)
    return frozenset(value for value, respondents in sharing.items() if len(respondents) >= k)

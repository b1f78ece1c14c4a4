"""What a released variable is, and the finished table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from surveys.codebook import missing

#: Text by language code, such as {"en": "Your gender", "ru": "Ваш пол"}; "" for text without a language.
Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Value:
    """One code of a variable and what it means."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Wording:
    """How one wave put the question."""

    wave: str
    item: str
    text: Text


@dataclass(frozen=True, slots=True)
class Variable:
    name: str  # unique; the column's name in the file
    label: Text
    measure: str  # "nominal", "ordinal" or "scale"
    values: tuple[Value, ...] = ()
    wordings: tuple[Wording, ...] = ()
    treatment: str = ""  # what was done to it for anonymity
    is_quasi: bool = False
    notes: tuple[str, ...] = ()  # what changed about it over versions and waves


@dataclass(frozen=True, slots=True)
class Table:
    """The finished rows, as written: one tuple of cells a row, in the order of the variables."""

    variables: tuple[Variable, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How often each code and each missing code of a variable occurs in the finished rows."""

    values: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)  # by reason

    @property
    def n_valid(self) -> int:
        return sum(self.values.values())


def frequencies(table: Table, column: int) -> Frequencies:
    counts = Counter(row[column] for row in table.rows)
    reasons = {missing.code(reason): reason for reason in missing.NUMBERS}
    return Frequencies(
        values={code: n for code, n in counts.items() if code not in reasons},
        missing={reason: counts[code] for code, reason in reasons.items() if counts[code]},
    )


def check(variables: Sequence[Variable]) -> list[str]:
    """What is wrong with the names and codes: doubled names, codes that mean a missing value."""
    problems = []
    for name, n in Counter(variable.name for variable in variables).items():
        if n > 1:
            problems.append(f"Two variables would be named '{name}'. Rename one of the items or give it a trend name.")
    for variable in variables:
        taken = [value.code for value in variable.values if means_missing(value.code)]
        if taken:
            problems.append(
                f"'{variable.name}' has a choice named {taken[0]}, which stands for a missing value in the file. "
                "Recode it in the recipe."
            )
    return problems


def means_missing(cell: str) -> bool:
    """Whether a legitimate value would be read as a missing code: a whole number from -99 to -1."""
    text = cell.strip()
    if not text.startswith("-"):
        return False
    try:
        number = float(text)
    except ValueError:
        return False
    return number.is_integer() and missing.LOWEST <= number <= missing.HIGHEST

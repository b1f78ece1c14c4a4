"""What stands in the cells: recoded quasi-identifiers for counting, then every cell of the finished table."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from surveys.codebook import means_missing, missing
from surveys.disclosure import BLANK, Quasi, Range, Row, Year, as_number, common_range, common_values
from surveys.instrument.model import Choice, Group, Item, Kind, Measure
from surveys.refusals import Refused
from surveys.services.releasing.answered import Answered
from surveys.services.releasing.fieldwork import Fieldwork
from surveys.services.releasing.plan import Plan, Planned
from surveys.services.releasing.routes import Route

_NUMERIC = {Kind.INTEGER, Kind.DECIMAL, Kind.RANGE}
_ZERO = Decimal(0)
Answer = str | tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """Reads the answers of a fieldwork as a plan wants them.

    `clashes` counts values that would look like a missing code in the file and are suppressed, by variable.
    """

    fieldwork: Fieldwork
    plan: Plan
    routes: Sequence[Route]
    clashes: Counter[str] = field(default_factory=Counter)
    _choices: dict[str, Mapping[str, Choice]] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        """The quasi-identifiers and routes of every record."""
        rows = []
        unnamed: dict[str, int] = {}
        for record in self.fieldwork.records:
            cells = {}
            for variable in self.plan.quasi:
                value = self.answer(record, variable)
                code = variable.rule.recode.code(str(value)) if value and variable.rule.recode else None
                if value and code is None:
                    unnamed[variable.base] = unnamed.get(variable.base, 0) + 1
                cells[variable.name] = self.without_clash(variable, code) or BLANK
            cells |= {route.name: route.taken_by(record) or BLANK for route in self.routes}
            rows.append(Row(record.respondent, record.wave, cells))
        for name, n in unnamed.items():
            raise Refused(
                "release.recode", f"{n} values of '{name}' have no place in its recode. Add a rest group, or drop it."
            )
        return rows

    def quasi(self) -> list[Quasi]:
        """What is counted, each with the waves that ask it."""
        asked = [Quasi(v.name, self._waves(v.parts), v.rule.importance) for v in self.plan.quasi]
        dearest = max((variable.importance for variable in asked), default=1)
        return asked + [Quasi(route.name, self._waves(route.items), dearest, is_route=True) for route in self.routes]

    def without_clash(self, variable: Planned, code: str | None) -> str | None:
        """The code, or None where it would look like a missing one."""
        if code and means_missing(code):
            self.clashes[variable.name] += 1
            return None
        return code

    def answer(self, record: Answered, variable: Planned) -> Answer:
        """The answer as given, "" where there is none; of several choices, their names."""
        part = variable.parts.get(record.version)
        if part is None:
            return ""
        value = record.values.get(part.key)
        if isinstance(part, Group):
            return self._count(record, part)
        if part.takes_several:
            return _several(value)
        text = "" if value is None else str(value)
        return "" if self._choice_missing(variable, text) else text

    @staticmethod
    def _count(record: Answered, repeat: Group) -> str:
        """How many instances a repeat has; "" where it was not routed or not reached."""
        instances = record.values.get(repeat.key)
        if isinstance(instances, list):
            return str(len(instances))
        return "" if repeat.key in record.missing else "0"

    def reason(self, record: Answered, variable: Planned) -> str:
        """Why there is no answer: a `MissingCode`."""
        part = variable.parts.get(record.version)
        if part is None:
            return missing.NOT_IN_VERSION
        stated = record.missing.get(part.key)
        if isinstance(stated, str) and stated in missing.NUMBERS:
            return stated
        named = self._choice_missing(variable, str(record.values.get(part.key) or ""))
        return named or missing.NOT_ROUTED

    def _choice_missing(self, variable: Planned, name: str) -> str:
        choice = self.choices(variable).get(name)
        return choice.missing if choice else ""

    def choices(self, variable: Planned) -> Mapping[str, Choice]:
        if variable.name not in self._choices:
            self._choices[variable.name] = variable.choices(self.fieldwork.instruments)
        return self._choices[variable.name]

    def _waves(self, versions: Mapping[int, Any]) -> tuple[str, ...]:
        return tuple(wave for wave, own in self.fieldwork.versions_of.items() if own & versions.keys())


@dataclass(frozen=True)
class Writer:
    """Writes finished cells.

    What is released as given is measured first: `ranges` are the ends of numbers (None: too few gave one), `floored`
    those that start at 0 because what is below would look like missing codes, `shared` the values of calculations
    that enough respondents share.
    """

    cells: Cells
    finished: Mapping[tuple[str, str], Row]  # by respondent and wave
    k: int
    ranges: dict[str, Range | None] = field(default_factory=dict)
    floored: set[str] = field(default_factory=set)
    shared: dict[str, frozenset[str]] = field(default_factory=dict)

    def columns(self, variable: Planned) -> tuple[str, ...]:
        """Names of its columns: one, or one for each choice where several may be chosen."""
        if _is_several(variable):
            return tuple(f"{variable.name}_{name}" for name in self.offered(variable))
        return (variable.name,)

    def offered(self, variable: Planned) -> list[str]:
        return [name for name, choice in self.cells.choices(variable).items() if not choice.missing]

    def row(self, record: Answered) -> tuple[str, ...]:
        """The cells of every variable of the plan, in its order."""
        row = self.finished[record.respondent, record.wave]
        hidden = self._hidden(record)
        written: list[str] = []
        for variable in self.cells.plan.variables:
            if variable.is_quasi:
                written.append(self._quasi(record, variable, row))
            else:
                written.extend(self._other(record, variable, hidden))
        return tuple(written)

    def measure(self, records: Sequence[Answered]) -> None:
        """Find, in the finished rows, what of the values released as given is common enough."""
        visible = [(record, self._hidden(record)) for record in records]
        for variable in self.cells.plan.other:
            given = list(self._given(visible, variable))
            if _has_ends(variable):
                self._measure_range(variable, given)
            if _has_ends(variable) or _is_worked_out(variable):
                self.shared[variable.name] = common_values(given, self.k)

    def _given(
        self, records: Sequence[tuple[Answered, frozenset[str]]], variable: Planned
    ) -> Iterator[tuple[str, str]]:
        """(respondent, value as recoded) where there is a value to be seen."""
        for record, hidden in records:
            part, answer = variable.parts.get(record.version), self.cells.answer(record, variable)
            code = variable.rule.recode.code(answer) if variable.rule.recode and isinstance(answer, str) else None
            if code and part is not None and part.key not in hidden:
                yield record.respondent, code

    def _measure_range(self, variable: Planned, given: Sequence[tuple[str, str]]) -> None:
        numbers = [(respondent, number) for respondent, code in given if (number := as_number(code)) is not None]
        ends = common_range(numbers, self.k)
        if ends and any(means_missing(str(ends.clip(number))) for _, number in numbers):
            ends = Range(max(ends.low, _ZERO), max(ends.high, _ZERO))
            self.floored.add(variable.name)
        self.ranges[variable.name] = ends

    def _hidden(self, record: Answered) -> frozenset[str]:
        """Keys of the items whose route had to be suppressed in this row."""
        row = self.finished[record.respondent, record.wave]
        suppressed = (route for route in self.cells.routes if row.cells.get(route.name, "") == BLANK)
        return frozenset(key for route in suppressed for key in route.items.get(record.version, ()))

    def _quasi(self, record: Answered, variable: Planned, row: Row) -> str:
        versions = self.cells.fieldwork.versions_of[record.wave]
        if not versions & variable.parts.keys():
            return missing.code(missing.NOT_IN_VERSION)
        return row.cells.get(variable.name, BLANK) or missing.code(missing.SUPPRESSED)

    def _other(self, record: Answered, variable: Planned, hidden: frozenset[str]) -> tuple[str, ...]:
        part = variable.parts.get(record.version)
        n = len(self.columns(variable))
        if part is not None and part.key in hidden:
            return (missing.code(missing.SUPPRESSED),) * n
        answer = self.cells.answer(record, variable)
        if not answer:
            return (missing.code(self.cells.reason(record, variable)),) * n
        if isinstance(answer, tuple):
            return self._chosen(answer, variable)
        return (self._single(answer, variable),)

    def _chosen(self, answer: tuple[str, ...], variable: Planned) -> tuple[str, ...]:
        """1 or 0 for each choice; in a ranking, its place from 1, or 0."""
        offered = self.cells.choices(variable)
        reasons = [offered[name].missing for name in answer if name in offered and offered[name].missing]
        if reasons:
            return (missing.code(reasons[0]),) * len(self.offered(variable))
        is_rank = isinstance(variable.newest, Item) and variable.newest.kind is Kind.RANK
        place = {name: str(number) if is_rank else "1" for number, name in enumerate(answer, start=1)}
        return tuple(place.get(name, "0") for name in self.offered(variable))

    def _single(self, answer: str, variable: Planned) -> str:
        recode = variable.rule.recode
        code = recode.code(answer) if recode else None
        number = as_number(code) if code and variable.name in self.ranges else None
        if number is not None:
            ends = self.ranges[variable.name]
            code = str(ends.clip(number)) if ends else None
        elif variable.name in self.shared and code not in self.shared[variable.name]:
            code = None
        return self.cells.without_clash(variable, code) or missing.code(missing.SUPPRESSED)


def _has_ends(variable: Planned) -> bool:
    """Whether its values are numbers that are released as given, years included, not codes."""
    recode, part = variable.rule.recode, variable.newest
    if recode is None or recode.categories is not None or not isinstance(part, Item):
        return False
    return isinstance(recode, Year) or part.kind in _NUMERIC or (_is_calculated(part) and part.measure is Measure.SCALE)


def _is_worked_out(variable: Planned) -> bool:
    """Whether its values are calculated and released as they are."""
    recode = variable.rule.recode
    return recode is not None and recode.categories is None and _is_calculated(variable.newest)


def _is_calculated(part: Item | Group) -> bool:
    return isinstance(part, Item) and part.kind is Kind.CALCULATE


def _is_several(variable: Planned) -> bool:
    return isinstance(variable.newest, Item) and variable.newest.takes_several


def _several(value: object) -> tuple[str, ...]:
    names = value.split() if isinstance(value, str) else value
    return tuple(str(name) for name in names) if isinstance(names, list) else ()

"""What stands in the cells: recoded quasi-identifiers for counting, then every cell of the finished table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from surveys.codebook import means_missing, missing
from surveys.disclosure import BLANK, Quasi, Range, Row, as_number, common_range
from surveys.instrument.model import Choice, Group, Instrument, Item, Kind, Measure
from surveys.refusals import Refused
from surveys.services.releasing.fieldwork import Answered, Fieldwork
from surveys.services.releasing.plan import Plan, Planned
from surveys.services.releasing.routes import Route

_NUMERIC = {Kind.INTEGER, Kind.DECIMAL, Kind.RANGE}
Answer = str | tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """Reads the answers of a fieldwork as a plan wants them."""

    fieldwork: Fieldwork
    plan: Plan
    routes: Sequence[Route]
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
                cells[variable.name] = code or BLANK
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

    def answer(self, record: Answered, variable: Planned) -> Answer:
        """The answer as given, "" where there is none; of several choices, their names."""
        part = variable.parts.get(record.version)
        if part is None:
            return ""
        value = record.values.get(part.key)
        if isinstance(part, Group):
            return self._count(record, part)
        if part.kind in {Kind.SELECT_MULTIPLE, Kind.RANK}:
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
    """Writes finished cells. `ranges` are the ends of numbers that are released as given; None: too few gave one."""

    cells: Cells
    finished: Mapping[tuple[str, str], Row]  # by respondent and wave
    k: int
    ranges: dict[str, Range | None] = field(default_factory=dict)

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
        hidden = self._hidden(record, row)
        written: list[str] = []
        for variable in self.cells.plan.variables:
            if variable.is_quasi:
                written.append(self._quasi(record, variable, row))
            else:
                written.extend(self._other(record, variable, hidden))
        return tuple(written)

    def measure_ranges(self, records: Sequence[Answered]) -> None:
        """Find the range of every number that is released as given, in the finished rows."""
        for variable in self.cells.plan.other:
            if is_number(variable) and variable.rule.recode and variable.rule.recode.categories is None:
                self.ranges[variable.name] = common_range(self._numbers(records, variable), self.k)

    def _numbers(self, records: Sequence[Answered], variable: Planned) -> Iterator[tuple[str, Decimal]]:
        for record in records:
            number = as_number(str(self.cells.answer(record, variable)))
            if number is not None:
                yield record.respondent, number

    def _hidden(self, record: Answered, row: Row) -> frozenset[str]:
        """Keys of the items whose route had to be suppressed in this row."""
        suppressed = (route for route in self.cells.routes if row.cells.get(route.name, "") == BLANK)
        return frozenset(key for route in suppressed for key in route.items.get(record.version, ()))

    def _quasi(self, record: Answered, variable: Planned, row: Row) -> str:
        versions = self.cells.fieldwork.versions_of[record.wave]
        if not versions & variable.parts.keys():
            return missing.code(missing.NOT_IN_VERSION)
        return self._checked(variable, row.cells.get(variable.name, BLANK)) or missing.code(missing.SUPPRESSED)

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
        if variable.name in self.ranges:
            ends, number = self.ranges[variable.name], as_number(answer)
            if number is not None:
                code = str(ends.clip(number)) if ends else None
        return self._checked(variable, code) if code else missing.code(missing.SUPPRESSED)

    def _checked(self, variable: Planned, cell: str) -> str:
        if means_missing(cell):
            raise Refused(
                "release.negative",
                f"'{variable.base}' has values from -99 to -1, which stand for missing ones in the file. "
                "Recode it in the recipe, with bands for example.",
            )
        return cell


def is_number(variable: Planned) -> bool:
    """Whether its values are numbers that somebody gave or that were worked out, not codes."""
    part = variable.newest
    if not isinstance(part, Item):
        return False
    return part.kind in _NUMERIC or (part.kind is Kind.CALCULATE and part.measure is Measure.SCALE)


def newest_instrument(variable: Planned, instruments: Mapping[int, Instrument]) -> Instrument:
    return instruments[max(variable.parts)]


def _is_several(variable: Planned) -> bool:
    return isinstance(variable.newest, Item) and variable.newest.kind in {Kind.SELECT_MULTIPLE, Kind.RANK}


def _several(value: object) -> tuple[str, ...]:
    names = value.split() if isinstance(value, str) else value
    return tuple(str(name) for name in names) if isinstance(names, list) else ()

"""What compiling a workbook gives."""

from dataclasses import dataclass

from surveys.instrument.model import Instrument
from surveys.instrument.problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class Compiled:
    """An instrument, or None where there are errors; problems with errors first, then by sheet and row."""

    instrument: Instrument | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

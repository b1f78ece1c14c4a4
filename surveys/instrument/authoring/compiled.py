"""What compiling a workbook gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveys.instrument.model import Instrument
from surveys.instrument.problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class Compiled:
    """An instrument, or None where there are errors; problems with errors first, then by sheet and row.

    `files` holds the bytes of the pictures and sounds that the instrument shows, by their SHA-256.
    """

    instrument: Instrument | None
    problems: tuple[Problem, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

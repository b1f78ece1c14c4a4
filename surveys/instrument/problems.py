"""What is wrong with a workbook or an answer, said so that its author can mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # can't be published
    WARNING = "warning"  # can be published; the author should look
    NOTICE = "notice"  # what the reader changed or left out by itself


@dataclass(frozen=True, slots=True)
class Place:
    """Where the author wrote it. Rows count from 1 as a spreadsheet shows them; 0 and "" mean unknown."""

    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        parts = []
        if self.sheet:
            parts.append(f"sheet '{self.sheet}'")
        if self.row:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column '{self.column}'")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about a workbook. `code` is stable and dotted, such as `expression.syntax`."""

    severity: Severity
    code: str
    message: str
    place: Place = Place()
    advice: str = ""

    def __str__(self) -> str:
        where = str(self.place)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text} {self.advice}".rstrip()


class InstrumentError(Exception):
    """A workbook that can't become an instrument. Carries every problem found, errors first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))

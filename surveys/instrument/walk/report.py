"""What a walk found, for people and for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from surveys.instrument.problems import Problem


@dataclass(frozen=True, slots=True)
class Length:
    """How long one interview was."""

    pages: int
    questions: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Report:
    """`problems` holds what was found; `outcomes` how the interviews ended, "completed" and "stuck" included."""

    n_interviews: int
    seed: int
    n_items: int
    n_items_reached: int
    n_choices: int
    n_choices_reached: int
    n_choices_found: int  # of those not reached: they are offered under answers that nobody gave
    outcomes: Mapping[str, int]
    shortest: Length | None  # of the completed interviews
    longest: Length | None
    median_minutes: float | None
    problems: tuple[Problem, ...]

    def of(self, code: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.code == code)


def told(report: Report) -> list[str]:
    """Lines for a terminal."""
    return [line for block in (_counts(report), _lengths(report), _problems(report)) for line in block]


def to_json(report: Report) -> dict[str, Any]:
    """Plain values; `problems` as other commands print them."""
    return {
        "interviews": report.n_interviews,
        "seed": report.seed,
        "items": {"total": report.n_items, "reached": report.n_items_reached},
        "choices": {"total": report.n_choices, "reached": report.n_choices_reached, "found": report.n_choices_found},
        "outcomes": dict(report.outcomes),
        "shortest": asdict(report.shortest) if report.shortest else None,
        "longest": asdict(report.longest) if report.longest else None,
        "median_minutes": report.median_minutes,
        "problems": [
            {
                "severity": problem.severity.value,
                "code": problem.code,
                "sheet": problem.place.sheet,
                "row": problem.place.row,
                "column": problem.place.column,
                "message": problem.message,
                "advice": problem.advice,
            }
            for problem in report.problems
        ],
    }


def _counts(report: Report) -> Iterator[str]:
    ends = ", ".join(f"{n} {name}" for name, n in report.outcomes.items())
    yield f"{report.n_interviews} interviews: {ends}"
    yield f"items reached    {report.n_items_reached} of {report.n_items}"
    further = f", {report.n_choices_found} more under answers that nobody gave" if report.n_choices_found else ""
    yield f"choices offered  {report.n_choices_reached} of {report.n_choices}{further}"


def _lengths(report: Report) -> Iterator[str]:
    for name, length in (("shortest path", report.shortest), ("longest path", report.longest)):
        if length is not None:
            minutes = f"about {length.minutes:.0f} min" if length.minutes >= 1 else "under 1 min"
            yield f"{name:<16} {length.pages} pages, {length.questions} questions, {minutes}"
    if report.median_minutes is not None:
        typical = max(1, round(report.median_minutes))
        yield f"{'median':<16} about {typical} min, estimated from words and kinds of items"


def _problems(report: Report) -> Iterator[str]:
    if not report.problems:
        yield "Nothing to complain of."
        return
    yield ""
    for problem in report.problems:
        yield f"{problem.severity.value:<10}{problem}"

"""Publishing without what can't be asked on the web: such rows are taken out of the workbook, each with a notice."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from surveys.instrument.authoring.question_types import loop_step
from surveys.instrument.authoring.sheets import FIRST_ROW, Sheet, Workbook
from surveys.instrument.problems import Problem, Severity

#: Findings about the type of a row that leaving the row out settles.
_SETTLED = frozenset({"type.unsupported", "file.not_attached", "file.unreadable", "file.no_list"})
_SEARCH = "search("


def without_unsupported(workbook: Workbook, problems: Mapping[int, Problem]) -> tuple[Workbook, tuple[Problem, ...]]:
    """The workbook without rows that `problems` (by row) say can't be asked, and without sheets not read here."""
    survey = workbook.survey
    left_out = dict(_rows(survey, problems))
    rows = tuple({} if number in left_out else row for number, row in enumerate(survey.rows, FIRST_ROW))
    notices = tuple(
        Problem(
            Severity.NOTICE, "type.left_out", f"Left out: {reason}", survey.place(number, "type"), "Nobody is asked it."
        )
        for number, reason in left_out.items()
    )
    return replace(workbook, survey=replace(survey, rows=rows)), notices


def _rows(survey: Sheet, problems: Mapping[int, Problem]) -> Iterator[tuple[int, str]]:
    """Rows to leave out, with what they are; of a loop, all rows from its beginning to its end."""
    depth = 0
    for number, _ in survey.numbered():
        written = " ".join(survey.cell(number, "type").split())
        step = loop_step(written)
        depth += max(step, 0)
        problem = problems.get(number)
        if depth:
            yield number, f"'{written}' in a loop."
        elif problem is not None and problem.code in _SETTLED:
            yield number, problem.message
        elif _SEARCH in survey.cell(number, "appearance"):
            yield number, "its choices come from search(), which is not supported."
        depth += min(step, 0)

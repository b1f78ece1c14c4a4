"""Publishing without what can't be asked on the web: such rows are taken out of the workbook, each with a notice."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from surveys.instrument.authoring.options import LEFT_OUT
from surveys.instrument.authoring.question_types import loop_step
from surveys.instrument.authoring.sheets import FIRST_ROW, Sheet, Workbook
from surveys.instrument.language import nodes
from surveys.instrument.language.functions import find
from surveys.instrument.language.parser import parsed
from surveys.instrument.problems import Problem, Severity

#: Findings about the type of a row that leaving the row out settles.
_SETTLED = frozenset({"type.unsupported", "file.not_attached", "file.unreadable", "file.no_list"})
_SEARCH = "search("
_CALCULATED = frozenset({"calculate", "calculate_here"})


def without_unsupported(workbook: Workbook, problems: Mapping[int, Problem]) -> tuple[Workbook, tuple[Problem, ...]]:
    """The workbook without rows that `problems` (by row) say can't be asked, and without sheets not read here."""
    survey = workbook.survey
    left_out = _with_what_is_worked_out_from_them(survey, dict(_rows(survey, problems)))
    notices = tuple(
        Problem(Severity.NOTICE, LEFT_OUT, f"Left out: {reason}", survey.place(number, "type"), "Nobody is asked it.")
        for number, reason in left_out.items()
    )
    return without_rows(workbook, left_out), notices


def without_rows(workbook: Workbook, numbers: Collection[int]) -> Workbook:
    """The workbook with these rows of the survey left empty, so that all others keep their numbers."""
    rows = tuple({} if number in numbers else row for number, row in enumerate(workbook.survey.rows, FIRST_ROW))
    return replace(workbook, survey=replace(workbook.survey, rows=rows))


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
        elif called := _refused_function(survey, number):
            yield number, f"it is calculated with {called}(), which is not supported."
        depth += min(step, 0)


def _with_what_is_worked_out_from_them(survey: Sheet, left_out: Mapping[int, str]) -> dict[int, str]:
    """These rows and every calculated one that reads one of them, whatever the way round."""
    found = dict(left_out)
    names = {survey.cell(number, "name") for number in found}
    waiting = {number: set(_read_by(survey, number)) for number, _ in survey.numbered() if number not in found}
    while follows := {number: lost for number, read in waiting.items() if (lost := read & names)}:
        for number, lost in follows.items():
            del waiting[number]
            names.add(survey.cell(number, "name"))
            found[number] = f"it is calculated from '{min(lost)}', which is left out."
    return dict(sorted(found.items()))


def _read_by(survey: Sheet, number: int) -> Iterator[str]:
    """The names that a calculated row reads, none of any other row."""
    tree = _calculation(survey, number)
    return (node.name for node in nodes.walk(tree) if isinstance(node, nodes.Reference)) if tree else iter(())


def _refused_function(survey: Sheet, number: int) -> str:
    """The first function that a calculated row calls and that is not offered here, "" for any other row.

    Such a row asks nothing: what a device knows, or how long something took, as templates of other tools note it.
    """
    tree = _calculation(survey, number)
    if tree is None:
        return ""
    called = (find(node.name) for node in nodes.walk(tree) if isinstance(node, nodes.Call))
    return next((entry.name for entry in called if entry is not None and not entry.is_supported), "")


def _calculation(survey: Sheet, number: int) -> nodes.Node | None:
    """What a calculated row works out, None for any other row and for what can't be read (told elsewhere)."""
    if survey.cell(number, "type").strip().lower() not in _CALCULATED:
        return None
    return parsed(survey.cell(number, "calculation"))

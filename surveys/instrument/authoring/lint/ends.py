"""Cells of rows that only end a group or a repeat: what decides something there decides nothing."""

from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, warning
from surveys.instrument.authoring.question_types import END
from surveys.instrument.problems import Problem

_DECIDING = ("relevant", "repeat_count", "appearance")


def deciding_ends(subject: Subject) -> Iterator[Problem]:
    survey = subject.workbook.survey
    for number, _ in survey.numbered():
        if not END.match(" ".join(survey.cell(number, "type").split())):
            continue
        for column in _DECIDING:
            if survey.cell(number, column):
                message = "This has no effect on a row that ends a group or a repeat."
                advice = "Move it to the row where it begins."
                yield warning("end_row", message, survey.place(number, column), advice)

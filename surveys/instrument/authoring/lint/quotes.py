"""Typographic quotation marks in codes: data will hold plain ones, or none that anyone can type."""

from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, warning
from surveys.instrument.problems import Problem

_MARKS = frozenset("“”„‟‘’‚‛")


def typographic_quotes(subject: Subject) -> Iterator[Problem]:
    choices = subject.workbook.choices
    for number, _ in choices.numbered():
        code = choices.cell(number, "name")
        if _MARKS & set(code):
            message = f"The code '{code}' holds a typographic quotation mark, which is read as a plain one."
            yield warning("quotes", message, choices.place(number, "name"), "Use letters, digits and '_' in codes.")

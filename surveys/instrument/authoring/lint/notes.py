"""Notes that demand an answer."""

from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, warning
from surveys.instrument.model import Kind
from surveys.instrument.problems import Problem


def required_notes(subject: Subject) -> Iterator[Problem]:
    for item in subject.instrument.items():
        if item.kind is Kind.NOTE and item.required:
            message = "A note takes no answer, so it can't be required; that has no effect here."
            place = subject.place(item, "required")
            yield warning("required_note", message, place, "Use 'acknowledge', or leave 'required' empty.")

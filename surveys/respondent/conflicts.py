"""What differs between a page as it is saved and as it was posted by someone who hadn't seen that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.instrument.view import PageView, QuestionView, questions_in
from surveys.respondent.words import in_words


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    saved: str
    typed: str


def differences(view: PageView, posted: Mapping[str, Sequence[str]]) -> list[Difference]:
    """The questions whose posted values aren't the saved ones, in page order, with both in words."""
    found = []
    for question in questions_in(view.nodes):
        typed = _posted_for(question, posted)
        if typed is None:
            continue
        words = [in_words(question, values, view.language_code) for values in (question.values, typed)]
        if words[0] != words[1]:
            found.append(Difference(question.label, *words))
    return found


def _posted_for(question: QuestionView, posted: Mapping[str, Sequence[str]]) -> Sequence[str] | None:
    """None for a control that wasn't on the posted page. Dates may come in parts; boxes not ticked send nothing."""
    parts = [posted[name][0] for part in ("year", "month", "day") if (name := f"{question.control}.{part}") in posted]
    if parts:
        return ["-".join(part.zfill(2) for part in parts if part)]
    if question.control in posted:
        return [value for value in posted[question.control] if value]
    return [] if question.choices else None

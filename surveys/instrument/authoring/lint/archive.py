"""What the formats of archives cut off: Stata's labels of 80 characters, SPSS's of 255, names of 32."""

from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, notice, warning
from surveys.instrument.expressions import text_column
from surveys.instrument.model import Kind, Text
from surveys.instrument.problems import Place, Problem

STATA_LABEL = 80
SPSS_LABEL = 255
MAX_NAME = 32


def long_labels(subject: Subject) -> Iterator[Problem]:
    """A warning for each label that both formats cut, one notice for all that only Stata cuts."""
    over: list[tuple[Place, int]] = []
    for place, text in _labels(subject):
        for language, words in text.items():
            if len(words) > STATA_LABEL:
                over.append((Place(place.sheet, place.row, text_column("label", language)), len(words)))
    for place, length in over:
        if length > SPSS_LABEL:
            message = f"The label has {length} characters; SPSS keeps {SPSS_LABEL} and Stata {STATA_LABEL}."
            yield warning("long_label", message, place, "The codebook keeps it whole. Move explanations to the hint.")
    short = [place for place, length in over if length <= SPSS_LABEL]
    if short:
        message = f"{len(short)} labels have more than {STATA_LABEL} characters, which Stata cuts off; this one first."
        yield notice("long_label", message, short[0], "The codebook keeps them whole.")


def _labels(subject: Subject) -> Iterator[tuple[Place, Text]]:
    for item in subject.instrument.items():
        if item.kind is not Kind.NOTE:
            yield item.place, item.label
    for entry in subject.instrument.choice_lists.values():
        for choice in entry.choices:
            yield choice.place, choice.label


def long_names(subject: Subject) -> Iterator[Problem]:
    folded: dict[str, str] = {}
    for item in subject.instrument.items():
        if item.kind is Kind.NOTE:
            continue
        if len(item.name) > MAX_NAME:
            message = f"The name has {len(item.name)} characters; statistical formats keep {MAX_NAME}."
            yield warning("long_name", message, subject.place(item, "name"), "Releases give it a shorter one.")
        other = folded.setdefault(item.name.casefold(), item.name)
        if other != item.name:
            message = f"The names '{other}' and '{item.name}' differ in capitals only, which SPSS takes for one."
            yield warning("name_capitals", message, subject.place(item, "name"), "Rename one.")

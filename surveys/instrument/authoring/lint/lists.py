"""Choice lists that nothing uses, and codes that stand for two things."""

from collections.abc import Iterator

from surveys.instrument.authoring.choice_lists import OTHER
from surveys.instrument.authoring.lint.subject import Subject, notice, warning
from surveys.instrument.authoring.sheets import without_or_other
from surveys.instrument.language import nodes
from surveys.instrument.language.values import to_number
from surveys.instrument.model import Choice, Text
from surveys.instrument.problems import Problem


def unused_lists(subject: Subject) -> Iterator[Problem]:
    used = (
        {item.choices for item in subject.instrument.items()} | set(_named_in_types(subject)) | set(_looked_up(subject))
    )
    used |= {item.parameters.get("tick_labelset", "") for item in subject.instrument.items()}
    for name, entry in subject.instrument.choice_lists.items():
        if name not in used and entry.choices:
            yield notice("unused_list", f"No question uses the list '{name}'.", entry.choices[0].place)


def _named_in_types(subject: Subject) -> Iterator[str]:
    """Lists as types name them: `or_other` gives the question a list of its own."""
    survey = subject.workbook.survey
    for number, _ in survey.numbered():
        yield without_or_other(survey.cell(number, "type").strip())[0].rpartition(" ")[2]


def _looked_up(subject: Subject) -> Iterator[str]:
    for written in subject.written:
        for node in nodes.walk(written.tree):
            if isinstance(node, nodes.Call) and node.arguments and isinstance(node.arguments[0], nodes.Literal):
                yield node.arguments[0].text


def reused_codes(subject: Subject) -> Iterator[Problem]:
    """One code with two labels: twice on a list, or a word on two lists. Numbers mean nothing by themselves."""
    first: dict[str, tuple[str, Choice]] = {}
    for name, entry in subject.instrument.choice_lists.items():
        here: dict[str, Choice] = {}
        for choice in entry.choices:
            earlier = here.setdefault(choice.name, choice)
            if _differ(earlier.label, choice.label) and not _are_told_apart(earlier, choice):
                message = f"The code '{choice.name}' has another label on row {earlier.place.row} of the same list."
                yield warning("reused_code", message, choice.place, "Give each answer a code of its own.")
        for code, choice in here.items():
            if _is_word(code):
                other, known = first.setdefault(code, (name, choice))
                if other != name and _differ(known.label, choice.label):
                    message = f"The code '{code}' has another label on list '{other}' (row {known.place.row})."
                    yield notice(
                        "reused_code", message, choice.place, "One code with one meaning is easier to analyse."
                    )


def _is_word(code: str) -> bool:
    return code != OTHER and to_number(code) != to_number(code)


def _are_told_apart(one: Choice, other: Choice) -> bool:
    """Whether a filter can offer only one of the two at a time."""
    return bool(one.extra) and dict(one.extra) != dict(other.extra)


def _differ(one: Text, other: Text) -> bool:
    return any(one[language].strip() != other[language].strip() for language in one.keys() & other.keys())

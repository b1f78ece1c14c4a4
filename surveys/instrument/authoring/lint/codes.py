"""Codes compared with a select that are on no list of it: `${q} = 'yse'`, or `1` where the codes are words."""

from collections.abc import Iterator
from difflib import get_close_matches

from surveys.instrument.authoring.lint.subject import Comparison, Subject, warning
from surveys.instrument.language import nodes
from surveys.instrument.language.values import to_number, to_printed
from surveys.instrument.model import ChoiceList
from surveys.instrument.problems import Problem


def unknown_codes(subject: Subject) -> Iterator[Problem]:
    for written in subject.written:
        for found in subject.comparisons(written):
            choices = subject.list_of(found.item)
            if choices is None or found.operator not in {"=", "!=", "selected"} or _is_code(found, choices):
                continue
            code = _code(found.value)
            place = subject.place(written.owner, written.role.value)
            message = f"'{code}' is not a code of '{found.item.name}' (list '{choices.name}')."
            yield warning("unknown_code", message, place, _advice(code, choices))


def _is_code(found: Comparison, choices: ChoiceList) -> bool:
    code = _code(found.value)
    names = {choice.name for choice in choices.choices}
    if code in names or not code:
        return True
    if found.item.takes_several and found.operator != "selected":
        return all(part in names for part in code.split())
    number = to_number(code)
    return any(to_number(name) == number for name in names)  # never, where it is not a number


def _code(value: nodes.Literal | nodes.Number) -> str:
    return value.text if isinstance(value, nodes.Literal) else to_printed(value.value)


def _advice(code: str, choices: ChoiceList) -> str:
    by_folded = {choice.name.casefold(): choice.name for choice in choices.choices}
    by_label = {text.casefold(): choice.name for choice in choices.choices for text in choice.label.values()}
    if code.casefold() in by_label:
        return f"Compare with the code '{by_label[code.casefold()]}', not with the label."
    near = get_close_matches(code.casefold(), list(by_folded), n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{by_folded[near[0]]}'?"
    names = ", ".join(f"'{choice.name}'" for choice in choices.choices[:8])
    return f"Its codes are {names}{' …' if len(choices.choices) > 8 else ''}."

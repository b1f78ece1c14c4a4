"""The variables as the codebook tells them: labels, wordings by wave, codes, and what was done to them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from surveys.codebook import Text, Value, Variable, Wording
from surveys.instrument.languages import language_code
from surveys.instrument.model import Choice, Group, Item, Kind
from surveys.services.releasing.cells import Cells, Writer
from surveys.services.releasing.plan import Planned

RELEASE_ID = Variable(
    "release_id",
    {"en": "Respondent in this release: the same in all waves, another in every other release"},
    "nominal",
)
_REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")
_NO, _YES = {"en": "Not chosen", "ru": "Не выбрано"}, {"en": "Chosen", "ru": "Выбрано"}


def wave_variable(waves: tuple[str, ...]) -> Variable:
    return Variable("wave", {"en": "Wave"}, "nominal", tuple(Value(wave, {"": wave}) for wave in waves))


def describe(variable: Planned, writer: Writer) -> tuple[Variable, ...]:
    """One codebook entry for each of its columns."""
    cells = writer.cells
    whole = Variable(
        name=variable.name,
        label=text_of(variable.newest.label) or {"": variable.name},
        measure=_measure(variable),
        values=_values(variable, cells),
        wordings=tuple(_wordings(variable, cells)),
        treatment=_treatment(variable, writer),
        is_quasi=variable.is_quasi,
        notes=variable.notes,
    )
    names = writer.columns(variable)
    if names == (variable.name,):
        return (whole,)
    is_rank = isinstance(variable.newest, Item) and variable.newest.kind is Kind.RANK
    of_a_choice = replace(
        whole,
        measure="ordinal" if is_rank else "nominal",
        values=() if is_rank else (Value("0", _NO), Value("1", _YES)),
    )
    offered = cells.choices(variable)
    return tuple(
        replace(of_a_choice, name=name, label=_joined(whole.label, text_of(offered[choice].label)))
        for name, choice in zip(names, writer.offered(variable), strict=True)
    )


def text_of(text: Mapping[str, str]) -> Text:
    """An instrument's text by language code, with names in brackets where values were shown."""
    return {language_code(name): _REFERENCE.sub(r"[\1]", words) for name, words in text.items() if words}


def _joined(question: Text, answer: Text) -> Text:
    return {code: f"{words} – {answer[code]}" if code in answer else words for code, words in question.items()}


def _measure(variable: Planned) -> str:
    part = variable.newest
    if variable.rule.recode and variable.rule.recode.categories is not None:
        return "nominal" if isinstance(part, Item) and part.has_list and part.measure != "ordinal" else "ordinal"
    if isinstance(part, Group):
        return "scale"
    if part.measure:
        return str(part.measure)
    return "scale" if part.kind in {Kind.INTEGER, Kind.DECIMAL, Kind.RANGE} else "nominal"


def _values(variable: Planned, cells: Cells) -> tuple[Value, ...]:
    recoded = variable.rule.recode.categories if variable.rule.recode else None
    if recoded is not None:
        return tuple(Value(category.code, {"": category.label}) for category in recoded)
    listed: Mapping[str, Choice] = cells.choices(variable)
    return tuple(Value(name, text_of(choice.label)) for name, choice in listed.items() if not choice.missing)


def _wordings(variable: Planned, cells: Cells) -> Iterator[Wording]:
    for wave, versions in cells.fieldwork.versions_of.items():
        told = set()
        for version in sorted(versions & variable.parts.keys()):
            part = variable.parts[version]
            text = text_of(part.label)
            if text and str(text) not in told:
                told.add(str(text))
                yield Wording(wave, part.key, text)


def _treatment(variable: Planned, writer: Writer) -> str:
    recode = variable.rule.recode
    if variable.is_quasi and recode:
        return f"Quasi-identifying: {recode.description}; suppressed where needed."
    told = []
    if recode and recode.description != "kept as answered":
        told.append(f"Recoded: {recode.description}.")
    if variable.name in writer.ranges:
        ends = writer.ranges[variable.name]
        told.append(
            f"{ends.low} stands for it and less, {ends.high} for it and more."
            if ends
            else f"Suppressed: fewer than {writer.k} respondents stand at its ends."
        )
    elif variable.name in writer.shared:
        told.append(f"Values that fewer than {writer.k} respondents share are suppressed.")
    return " ".join(told)

"""Choice lists, with the private copies that `or_other` needs."""

from collections.abc import Iterable, Mapping
from typing import Any

from surveys.instrument.authoring import columns
from surveys.instrument.authoring.adapter import ROW_COLUMN
from surveys.instrument.authoring.texts import Languages
from surveys.instrument.languages import language_code
from surveys.instrument.model import Choice, ChoiceList, Text
from surveys.instrument.problems import Place

OTHER = "other"
_OTHER_LABEL = {"en": "Other", "ru": "Другое"}
_SPECIFY_LABEL = {"en": "Please specify", "ru": "Уточните, пожалуйста"}
_OWN = {"name", "label", "media", "missing", "outcome", "list name", ROW_COLUMN}


def build_lists(document: Mapping[str, Any], languages: Languages) -> dict[str, ChoiceList]:
    """Every list of the sheet 'choices', by name."""
    return {
        str(name): ChoiceList(str(name), tuple(_choice(entry, languages) for entry in entries))
        for name, entries in document.get("choices", {}).items()
    }


def with_other(choice_list: ChoiceList, languages: Languages, taken: Iterable[str]) -> ChoiceList:
    """A copy of the list that ends in "Other", under a name of its own, so that no other question is touched."""
    name = f"{choice_list.name}_or_other"
    while name in taken:
        name += "_"
    if any(choice.name == OTHER for choice in choice_list.choices):
        return ChoiceList(name, choice_list.choices)
    other = Choice(OTHER, _label(_OTHER_LABEL, languages), extra={"fixed": "bottom"}, place=Place("choices"))
    return ChoiceList(name, (*choice_list.choices, other))


def specify_label(languages: Languages) -> Text:
    """Label of the text question that `or_other` adds."""
    return _label(_SPECIFY_LABEL, languages)


def _label(catalogue: Mapping[str, str], languages: Languages) -> Text:
    return {name: catalogue.get(language_code(name), catalogue["en"]) for name in languages.names}


def _choice(entry: Mapping[str, Any], languages: Languages) -> Choice:
    extra = {str(key): str(value) for key, value in entry.items() if key not in _OWN and isinstance(value, str)}
    return Choice(
        name=str(entry["name"]),
        label=languages.text(entry.get("label")),
        extra=extra,
        missing=columns.allowed_value(str(entry.get("missing", "")), columns.MISSING),
        outcome=columns.allowed_value(str(entry.get("outcome", "")), columns.OUTCOMES),
        media=languages.media(entry.get("media")),
        place=Place("choices", int(entry.get(ROW_COLUMN, 0)), "name"),
    )

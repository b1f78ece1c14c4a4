"""Texts by language, from the shapes that pyxform's dict form has for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surveys.instrument.authoring.sheets import Workbook
from surveys.instrument.model import Text

#: What pyxform calls the language of a column without one.
_PYXFORM_PLAIN = "default"


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a workbook. `plain` is the name given to texts whose column names no language."""

    names: tuple[str, ...]
    default: str
    plain: str

    def text(self, value: Any) -> Text:
        """A text by language. A plain string is one text in the plain language; nothing is no text."""
        if value is None or value == "":
            return {}
        if isinstance(value, Mapping):
            return {
                self.plain if language == _PYXFORM_PLAIN else str(language): str(text)
                for language, text in value.items()
                if text not in (None, "")
            }
        return {self.plain: str(value)}

    def media(self, value: Any) -> dict[str, Text]:
        return {str(kind): self.text(name) for kind, name in value.items()} if isinstance(value, Mapping) else {}


def languages_of(workbook: Workbook) -> Languages:
    """Languages in the order in which label columns name them; ("",) where none is named."""
    found: list[str] = []
    for sheet in (workbook.survey, workbook.choices):
        for column in sheet.columns.values():
            if column.name == "label" and column.language not in found:
                found.append(column.language)
    stated = workbook.setting("default_language")
    named = [language for language in found if language]
    if stated in named:
        return Languages(tuple(named), stated, stated if "" in found else "")
    if "" not in found and named:
        return Languages(tuple(named), named[0], "")
    return Languages((stated, *named), stated, stated)

"""Texts that are there in one language and lacking in another."""

from collections import defaultdict
from collections.abc import Iterator

from surveys.instrument.authoring.lint.subject import Subject, warning
from surveys.instrument.authoring.sheets import Sheet
from surveys.instrument.problems import Place, Problem

_TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
_SHOWN = 8  # rows named in one message


def missing_translations(subject: Subject) -> Iterator[Problem]:
    languages = [language for language in subject.instrument.languages if language]
    if len(languages) > 1:
        for sheet in (subject.workbook.survey, subject.workbook.choices):
            for text in _TEXTS:
                yield from _missing(sheet, text, languages)


def _missing(sheet: Sheet, text: str, languages: list[str]) -> Iterator[Problem]:
    by_language = {
        sheet.columns[header].language: header for header in sheet.headers_of(text) if sheet.columns[header].language
    }
    lacking: dict[str, list[int]] = defaultdict(list)
    for number, row in sheet.numbered():
        has = [language for language in languages if by_language.get(language, "") in row]
        if has:
            for language in languages:
                if language not in has:
                    lacking[language].append(number)
    for language, rows in lacking.items():
        shown = ", ".join(str(row) for row in rows[:_SHOWN]) + (" …" if len(rows) > _SHOWN else "")
        message = f"{len(rows)} {'text lacks' if len(rows) == 1 else 'texts lack'} this language (rows {shown})."
        place = Place(sheet.name, rows[0], by_language.get(language, f"{text}::{language}"))
        yield warning("translation", message, place, "The default language is shown instead.")

"""Our own words on the respondents' pages are there in every language of the interface."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "respondent"
LOCALE = Path(settings.BASE_DIR) / "surveys" / "locale"


def words() -> set[str]:
    """Every text that a template marks for translation, as gettext would look it up."""
    found = set()
    for file in TEMPLATES.rglob("*.html"):
        for _, _, message in engines["respondent"].env.extract_translations(file.read_text()):
            found.add(message if isinstance(message, str) else message[0])
    return found


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE])
def test_every_text_is_translated_and_no_translation_is_left_over(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if message.id]
    catalogue = {message.id[0] if message.pluralizable else message.id: message.string for message in messages}
    assert "Take part" in words()
    assert set(catalogue) == words()
    assert all(all(string) if isinstance(string, tuple) else string for string in catalogue.values())


@pytest.mark.parametrize("name", ["400", "404", "500"])
def test_pages_that_cannot_choose_a_language_say_it_in_all(name: str) -> None:
    page = (TEMPLATES.parent / f"{name}.html").read_text()
    assert all(f'lang="{code}"' in page for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)

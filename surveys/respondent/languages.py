"""Languages a respondent can choose from, and those our own texts are there in."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from surveys.instrument.languages import direction, language_code
from surveys.instrument.model import Instrument

#: Name of the parameter of a start page's language links.
PARAMETER = "lang"
#: Name of the control by which a form says what language its page is in.
FIELD = "-language"


@dataclass(frozen=True, slots=True)
class Language:
    """`name` is what the workbook calls it, `key` stands for it in addresses and buttons, `label` is shown."""

    name: str
    key: str
    label: str
    direction: str

    @property
    def interface(self) -> str:
        """The language of our own texts beside this one: the same where we have it, else English."""
        try:
            return get_supported_language_variant(self.key)
        except LookupError:
            return settings.LANGUAGE_CODE


def of_name(name: str) -> Language:
    code = language_code(name)
    return Language(name, code or name, name.partition("(")[0].strip() or name, direction(name))


def of_instrument(instrument: Instrument) -> tuple[Language, ...]:
    return tuple(of_name(name) for name in instrument.languages)


def of_interface() -> tuple[Language, ...]:
    """For pages that belong to no questionnaire."""
    return tuple(of_name(f"{label} ({code})") for code, label in settings.LANGUAGES)


def choose(offered: Sequence[Language], *wanted: str, default: str = "") -> Language:
    """The first wanted language that is offered, by name, code or the code's first part; else the default, else any."""
    for text in (*wanted, default):
        for likeness in (_is_it, _is_its_kind):
            for language in offered:
                if text and likeness(language, text):
                    return language
    return offered[0]


def wanted_by(request: HttpRequest) -> list[str]:
    """What the browser says its user reads, best first. Used for one answer and kept nowhere."""
    header = request.headers.get("Accept-Language", "")
    return [language for language, _ in parse_accept_lang_header(header.lower())]


def of_visitor(request: HttpRequest, *wanted: str) -> Language:
    """For pages that belong to no questionnaire: as wanted, else as chosen, else as the browser says."""
    return choose(of_interface(), *wanted, request.GET.get(PARAMETER, ""), *wanted_by(request))


def of_form(request: HttpRequest) -> Language:
    """The same for the answer to a form of ours. It knows nobody, so it tells no wrong link from a right one."""
    return of_visitor(request, request.POST.get(FIELD, ""))


def _is_it(language: Language, text: str) -> bool:
    return text in (language.name, language.key)


def _is_its_kind(language: Language, text: str) -> bool:
    return language.key.partition("-")[0].lower() == text.partition("-")[0].lower()

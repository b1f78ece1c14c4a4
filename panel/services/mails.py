"""Writing a mail to a member: neutral, in their language, with nothing about them in it but their link."""

from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime, parseaddr
from enum import StrEnum

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


class MailKind(StrEnum):
    """What a mail is for; its templates are called so. The first two are kinds of steps of a wave."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    CONFIRMATION = "confirmation"


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail says and to whom. Never shown: the address is in it."""

    kind: MailKind
    address: str
    language: str  # BCP 47
    link: str  # letters
    stop_link: str
    message_id: str
    closes_on: date
    at: datetime

    def __repr__(self) -> str:
        return "Letter(…)"


def compose(letter: Letter) -> EmailMultiAlternatives:
    """The mail: text with an HTML alternative, one recipient, RFC 8058 headers, a Message-ID of the attempt."""
    language = interface_language(letter.language)
    stop_address = f"{settings.PUBLIC_URL}/u/{letter.stop_link}"
    context = {
        "study_name": settings.STUDY_NAME,
        "link": f"{settings.PUBLIC_URL}/{_PLACES[letter.kind]}/{letter.link}",
        "stop_link": stop_address,
        "closes_on": letter.closes_on,
        "language": language,
    }
    headers = {
        "Message-ID": f"<{letter.message_id}@{_own_domain()}>",
        "Date": format_datetime(letter.at),
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop_address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    with translation.override(language):
        subject, text, html = (render_to_string(f"mail/{letter.kind}{part}", context) for part in _PARTS)
    mail = EmailMultiAlternatives(subject.strip(), text, to=[letter.address], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


#: Where the link of each kind leads.
_PLACES = {MailKind.INVITATION: "w", MailKind.REMINDER: "w", MailKind.CONFIRMATION: "c"}
_PARTS = ("_subject.txt", ".txt", ".html")


def interface_language(code: str) -> str:
    """The language of ours that is nearest to a BCP 47 code."""
    known = [name for name, _ in settings.LANGUAGES]
    candidates = [code, code.split("-", maxsplit=1)[0]]
    return next((candidate for candidate in candidates if candidate in known), settings.LANGUAGE_CODE)


def _own_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"

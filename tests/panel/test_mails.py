"""What a mail says, and what it doesn't."""

import re
from datetime import UTC, date, datetime
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrush_site.local.translations import compile_translations
from panel.intake.rows import CellRefused, check_row
from panel.services.mails import Letter, MailKind, compose, interface_language
from tests.panel.sink import Sink

LINK, STOP = "a" * 26, "b" * 26


@pytest.fixture(autouse=True, scope="module")
def translations() -> None:
    compile_translations()


def letter(kind: MailKind = MailKind.INVITATION, language: str = "en", address: str = "anna@example.org") -> Letter:
    return Letter(
        kind=kind,
        address=address,
        language=language,
        link=LINK,
        stop_link=STOP,
        message_id="c" * 26,
        closes_on=date(2026, 11, 30),
        at=datetime(2026, 11, 2, 10, 0, tzinfo=UTC),
    )


def received(mail: EmailMultiAlternatives, sink: Sink) -> EmailMessage:
    """The mail as it arrives through SMTP."""
    mail.send()
    return sink.mails[-1]


def bodies(mail: EmailMessage) -> tuple[str, str]:
    return tuple(mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr, return-value]


class Resources(HTMLParser):
    """Tags and addresses of an HTML body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses |= {value or "" for name, value in attrs if name in {"href", "src", "action", "background"}}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", list(MailKind))
def test_every_kind_in_every_language_is_neutral_and_loads_nothing(kind: MailKind, language: str, sink: Sink) -> None:
    mail = received(compose(letter(kind, language)), sink)
    text, html = bodies(mail)
    place = "c" if kind is MailKind.CONFIRMATION else "w"
    link, stop = f"http://127.0.0.1:8000/{place}/{LINK}", f"http://127.0.0.1:8000/u/{STOP}"
    assert set(re.findall(r"https?://\S+", text)) == {link, stop}
    resources = Resources(html)
    assert resources.addresses == {link, stop}
    assert resources.tags <= {"html", "head", "meta", "title", "body", "p", "a"}
    assert f'lang="{language}"' in html
    assert str(mail["Subject"]).strip() in {
        "A few questions for you",
        "Your questions are still waiting",
        "Please confirm your address",
        "Несколько вопросов к вам",
        "Вопросы всё ещё ждут вас",
        "Подтвердите, пожалуйста, адрес",
    }
    assert bool(re.search("[а-я]", text)) == bool(re.search("[а-я]", html)) == (language == "ru")
    assert ("30 November 2026" in text) == (language == "en")
    assert ("30 ноября 2026" in text) == (language == "ru")
    revealing = r"outrush|emigra|russia|surve|panel|эмигр|росси|\bопрос"
    assert not re.search(revealing, str(mail["Subject"]), re.IGNORECASE)


def test_headers_let_a_reader_stop_with_one_click(sink: Sink) -> None:
    mail = received(compose(letter()), sink)
    assert mail["List-Unsubscribe"].strip() == f"<http://127.0.0.1:8000/u/{STOP}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{'c' * 26}@localhost>"
    assert mail["Date"] == "Mon, 02 Nov 2026 10:00:00 +0000"
    assert mail["To"] == "anna@example.org"
    assert mail["Cc"] is None
    assert mail["Bcc"] is None


def test_headers_hold_nothing_of_the_person_but_the_address(sink: Sink) -> None:
    mail = received(compose(letter(language="ru")), sink)
    names = {name.lower() for name in mail.keys()}  # noqa: SIM118  (a message is no mapping)
    expected = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted"}
    assert names == expected | {"list-unsubscribe", "list-unsubscribe-post"} | (
        names & {"x-peer", "x-mailfrom", "x-rcptto"}
    )
    assert LINK not in "".join(str(value) for value in mail.values())


@pytest.mark.parametrize(
    ("code", "language"), [("ru", "ru"), ("ru-ru", "ru"), ("en-gb", "en"), ("kk", "en"), ("", "en"), ("rus", "en")]
)
def test_a_member_is_written_to_in_the_nearest_language_we_have(code: str, language: str) -> None:
    assert interface_language(code) == language


def test_a_study_name_with_marks_in_it_stays_text(settings: object) -> None:
    settings.STUDY_NAME = "<b>R&D</b>"  # type: ignore[attr-defined]
    mail = compose(letter())
    assert "<b>R&D</b>" in mail.body
    html = str(mail.alternatives[0][0])
    assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in html


@given(
    local=st.text(max_size=40),
    domain=st.sampled_from(["example.org", "пример.рф", "example.org\r\nBcc: x@y.de", "a.b>,c@d.de"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_that_is_taken_in_makes_a_further_header_or_recipient(
    local: str, domain: str, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]
    row = {"email": f"{local}@{domain}", "language": "en", "timezone": "UTC"}
    try:
        cells = check_row({**row, "country": "", "source": "", "external_id": ""})
    except CellRefused:
        return
    outbox.outbox = []
    message = compose(letter(address=cells["email"])).message()
    assert message.get_all("To") == [cells["email"]]
    assert message["Bcc"] is None
    assert len(message.items()) == len(compose(letter()).message().items())


def test_a_letter_never_shows_its_address_or_links() -> None:
    assert repr(letter()) == "Letter(…)"

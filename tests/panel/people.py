"""People for a panel, as files and as members."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from uuid import UUID

from panel.models import Bridge, Contact, Member
from panel.services.import_panel import ImportReport, import_panel
from panel.services.keyring import open_vault
from panel.services.open_wave import OpenedWave, open_wave
from panel.vault.seals import unseal_bridge, unseal_contact
from surveys.models import Interview

HEADER = "email,language,timezone,country,source,external_id"
OPENS, CLOSES = date(2026, 11, 2), date(2026, 11, 30)
OPENED_AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
INVITED_AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
REMINDED_AT = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)


def csv_of(rows: Sequence[str], header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def person(number: int, *, language: str = "en", timezone: str = "UTC", country: str = "GEO") -> str:
    return f"member{number:05}@planted.example,{language},{timezone},{country},partner-a,X{number}"


def address(number: int) -> str:
    return f"member{number:05}@planted.example"


def add(data: bytes) -> ImportReport:
    return import_panel(file=BytesIO(data), by="tests", at=OPENED_AT)


def add_people(n: int, **values: str) -> ImportReport:
    return add(csv_of([person(number, **values) for number in range(n)]))


def open_w2023(**values: object) -> OpenedWave:
    order = {"slug": "w2023", "questionnaire": "w2023", "opens_on": OPENS, "closes_on": CLOSES}
    return open_wave(**{**order, "by": "tests", "at": OPENED_AT, **values})  # type: ignore[arg-type]


def address_of(member: Member) -> str:
    sealed = Contact.objects.get(member=member).sealed
    return unseal_contact(open_vault().contact, member.pk, bytes(sealed)).email


def key_of(member: Member) -> UUID:
    return unseal_bridge(open_vault().bridge, member.pk, bytes(Bridge.objects.get(member=member).sealed))


def member_with(email: str) -> Member:
    return next(member for member in Member.objects.all() if address_of(member) == email)


def interview_of(email: str, wave: str = "w2023") -> Interview:
    return Interview.objects.get(wave__slug=wave, respondent_id=key_of(member_with(email)))


def end_interview_of(email: str, code: str = "1.1") -> None:
    Interview.objects.filter(pk=interview_of(email).pk).update(state="ended", outcome_code=code)

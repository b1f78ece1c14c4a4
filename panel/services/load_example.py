"""The example study: two questionnaires, some 1,200 invented members, one wave over and one open with answers in it.

For trying the system out. Everything goes through the same services as a real study; only the answers are made at the
engine instead of in browsers, and the invitations of the past are marked over instead of being sent.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from outrush_site.routers import DEFAULT
from panel.models import ContactAttempt
from panel.models.attempt import AttemptState
from panel.services.close_wave import close_wave
from panel.services.import_panel import import_panel
from panel.services.keyring import key_folder, open_vault
from panel.services.open_wave import open_wave
from panel.vault.links import make_link
from panel.vault.seals import unseal_bridge
from surveys.example import WAVES, workbook
from surveys.refusals import Refused
from surveys.selectors.due import WaveFacts, wave_facts
from surveys.services.example_fieldwork import Cast, Turnout, answer_wave, have_not_begun
from surveys.services.versions import import_version
from surveys.services.waves import study_date

SEED = 2023
FIRST, SECOND = WAVES
N_FIRST, N_JOINING = 1_000, 200
TURNOUT = {
    FIRST: Turnout(again=0, anew=700, recruited=200, unfinished=40),
    SECOND: Turnout(again=420, anew=120, recruited=60, unfinished=25),
}
SOURCES = ("channel", "friends")
#: How many members get their invitation to the open wave only now, so that the development mailbox shows some mails.
N_INVITED_NOW = 5

#: Days before today: the first wave's first and last day, and the first day of the second, which stays open.
FIRST_OPENED, FIRST_CLOSED, SECOND_OPENED = 420, 360, 21
SECOND_LASTS, REMIND_AFTER = 60, 28

_ZONES = {"GEO": "Asia/Tbilisi", "SRB": "Europe/Belgrade", "ARM": "Asia/Yerevan", "DEU": "Europe/Berlin"}


@dataclass(frozen=True, slots=True)
class LoadedExample:
    """What is there. `link` is the letters of an unanswered member's link, "" where nobody is left."""

    is_new: bool
    n_members: int
    n_records: int
    link: str


def load_example(*, by: str, at: datetime, seed: int = SEED) -> LoadedExample:
    """Load the example study, once: where its first wave is there, nothing is done.

    The same seed gives the same members and invented people; who of them answers when is chance. Raises Refused in
    production, where a load was cut off, and under a role without keys.
    """
    if settings.IS_PRODUCTION:
        raise Refused("example.production", "The example study is for trying out, never for a real study's databases.")
    first, second = wave_facts(FIRST), wave_facts(SECOND)
    if first and second:
        return LoadedExample(False, 0, 0, unanswered_link(wave=second, at=at))
    if first or second:
        raise Refused(
            "example.half", "The example study was loaded in part and cut off. Empty the databases: remove var/."
        )
    random = Random(seed)  # noqa: S311  (invented people; no secret comes from it)
    cast = Cast(random)
    opened = at - timedelta(days=FIRST_OPENED)
    n_members = import_panel(file=_panel_file(random, 0, N_FIRST), by=by, at=opened).n_added
    n_records = _first_wave(cast, by=by, at=opened)
    opened = at - timedelta(days=SECOND_OPENED)
    n_members += import_panel(file=_panel_file(random, N_FIRST, N_JOINING), by=by, at=opened).n_added
    n_records += _second_wave(cast, by=by, at=opened, now=at)
    second = wave_facts(SECOND)
    return LoadedExample(True, n_members, n_records, unanswered_link(wave=second, at=at) if second else "")


def unanswered_link(*, wave: WaveFacts, at: datetime) -> str:
    """The letters of the link of some member who hasn't begun to answer the wave; "" where there is none.

    Tried out on one's own machine alone: links are otherwise made for mails and shown to nobody.
    """
    if settings.IS_PRODUCTION or settings.OUTRUSH_ROLE != "all":
        raise Refused("example.role", "Links are shown to nobody outside the role 'all'.")
    if not wave.is_in_field(study_date(at)):
        return ""
    members = _members_with_keys(ContactAttempt.objects.filter(step__plan__wave=wave.slug, step__number=0))
    for _, respondent_key in members:
        if have_not_begun(wave=wave.slug, respondent_keys=[respondent_key]):
            return make_link(key_folder().link_key(wave.slug), wave.slug, respondent_key, wave.link_epoch)
    return ""


def _members_with_keys(attempts: QuerySet[ContactAttempt]) -> Iterator[tuple[UUID, UUID]]:
    """(attempt, respondent_key), in an order that tells nothing."""
    vault = open_vault()
    rows = attempts.order_by("pk").values_list("pk", "member_id", "member__bridge__sealed")
    for attempt_id, member_id, sealed in rows.iterator(chunk_size=200):
        yield attempt_id, unseal_bridge(vault.bridge, member_id, bytes(sealed))


def _first_wave(cast: Cast, *, by: str, at: datetime) -> int:
    """A wave that is over: opened, answered and closed in the past."""
    closed_at = at + timedelta(days=FIRST_OPENED - FIRST_CLOSED)
    _publish(FIRST, by=by, at=at)
    open_wave(
        slug=FIRST,
        questionnaire=FIRST,
        opens_on=study_date(at),
        closes_on=study_date(closed_at),
        sources=SOURCES,
        by=by,
        at=at,
    )
    n_records = answer_wave(wave=FIRST, turnout=TURNOUT[FIRST], cast=cast, at=closed_at)
    close_wave(slug=FIRST, by=by, at=closed_at)
    return n_records


def _second_wave(cast: Cast, *, by: str, at: datetime, now: datetime) -> int:
    """A wave in the field, with the first one's countries handed on."""
    _publish(SECOND, by=by, at=at)
    open_wave(
        slug=SECOND,
        questionnaire=SECOND,
        opens_on=study_date(at),
        closes_on=study_date(at) + timedelta(days=SECOND_LASTS),
        remind_after=REMIND_AFTER,
        sources=SOURCES,
        by=by,
        at=at,
    )
    n_records = answer_wave(wave=SECOND, turnout=TURNOUT[SECOND], cast=cast, at=now)
    _end_invitations(SECOND, now)
    return n_records


def _publish(slug: str, *, by: str, at: datetime) -> None:
    path = workbook(slug)
    result = import_version(slug=slug, data=path.read_bytes(), filename=path.name, by=by, at=at, publish=True)
    if result.version is None:
        raise Refused("example.workbook", f"The example's workbook {path.name} has errors: {result.errors[0]}")


@transaction.atomic(using=DEFAULT)
def _end_invitations(slug: str, now: datetime) -> None:
    """Mark the invitations of the past over, all but those of a few who haven't answered: these are due now."""
    attempts = ContactAttempt.objects.filter(step__plan__wave=slug, step__number=0)
    unanswered = (
        attempt_id
        for attempt_id, respondent_key in _members_with_keys(attempts)
        if have_not_begun(wave=slug, respondent_keys=[respondent_key])
    )
    due = list(islice(unanswered, N_INVITED_NOW))
    attempts.exclude(pk__in=due).update(state=AttemptState.OVER)
    attempts.filter(pk__in=due).update(due_at=now)


def _panel_file(random: Random, first: int, n: int) -> io.BytesIO:
    """A panel file of people nobody has: addresses at example.org and example.net, which belong to nobody."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("email", "language", "timezone", "country", "source", "external_id"))
    writer.writerows(_panel_rows(random, first, n))
    return io.BytesIO(text.getvalue().encode())


def _panel_rows(random: Random, first: int, n: int) -> Iterator[tuple[str, ...]]:
    for number in range(first, first + n):
        country = random.choice(list(_ZONES))
        language = "ru" if random.random() < 0.9 else "en"
        domain = random.choice(("example.org", "example.net"))
        yield f"member{number:04}@{domain}", language, _ZONES[country], country, random.choice(SOURCES), ""

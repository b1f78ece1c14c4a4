"""Opening, extending and closing a wave: the answers' side of it."""

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from outrush_site.routers import ANSWERS
from surveys.instrument.languages import language_code
from surveys.links import LENGTH
from surveys.models import AuditEntry, Interview, QuestionnaireVersion, RecruitmentLink, Respondent, Wave
from surveys.models.wave import WaveState
from surveys.refusals import Refused
from surveys.selectors.programs import program_for
from surveys.services import interviews
from surveys.services.prior_answers import PriorItem, PriorPlan, plan_prior, prior_of_respondents

BATCH = 2_000
LOOK = ("study_name", "logo", "accent")

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
_RANDOM = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Opening:
    """What a wave is to be. `prior_items` restricts which prior answers are handed on; None is all that may be."""

    slug: str
    version: QuestionnaireVersion
    opens_on: date
    closes_on: date
    sources: tuple[str, ...]
    prior_items: tuple[PriorItem, ...] | None = None


@dataclass(frozen=True, slots=True)
class WaveMember:
    """A respondent as the panel hands them to a wave: a BCP 47 language code, and the hash of their link."""

    respondent_key: UUID
    source: str
    language: str
    link_hash: bytes


def open_wave(*, opening: Opening, respondents: Sequence[WaveMember], by: str, at: datetime) -> Wave:
    """Make a wave with an interview for each respondent, in random order, and an open link for each source.

    All in one transaction. Raises Refused and changes nothing where the wave is there already or can't be opened so.
    """
    prior_items = check_opening(opening=opening, at=at).items
    try:
        with transaction.atomic(using=ANSWERS):
            wave = Wave.objects.create(
                slug=opening.slug,
                number=(Wave.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
                version=opening.version,
                opens_on=opening.opens_on,
                closes_on=opening.closes_on,
                prior_items=[list(item) for item in prior_items],
            )
            _add_respondents(wave, respondents)
            _add_interviews(wave, respondents)
            links = [RecruitmentLink(wave=wave, source=source, code=_new_code()) for source in opening.sources]
            RecruitmentLink.objects.bulk_create(links)
            detail = {"version": str(wave.version), "n_interviews": len(respondents), "sources": opening.sources}
            AuditEntry.objects.create(at=at, by=by, action="open_wave", subject=wave.slug, detail=detail)
    except IntegrityError:
        raise Refused("wave.exists", "Another wave was opened at the same moment. Nothing was changed.") from None
    return wave


@transaction.atomic(using=ANSWERS)
def close_wave(*, wave: Wave, by: str, at: datetime) -> Wave:
    """Stop entry for good and end every unfinished interview. Raises Refused where it is closed already."""
    wave = _locked_open(wave)
    ended = interviews.end_of_wave(wave=wave, today=study_date(at), now=at)
    wave.state = WaveState.CLOSED
    wave.closed_on = study_date(at)
    wave.save(update_fields=["state", "closed_on"])
    detail = {str(code): n for code, n in ended.items()}
    AuditEntry.objects.create(at=at, by=by, action="close_wave", subject=wave.slug, detail=detail)
    return wave


@transaction.atomic(using=ANSWERS)
def extend_wave(*, wave: Wave, closes_on: date, by: str, at: datetime) -> Wave:
    """Move the last day of an open wave. Raises Refused where that day is over or before the first."""
    wave = _locked_open(wave)
    if closes_on < max(wave.opens_on, study_date(at)):
        raise Refused("wave.dates", f"Wave {wave.slug} can't end before {max(wave.opens_on, study_date(at))}.")
    detail = {"from": str(wave.closes_on), "to": str(closes_on)}
    wave.closes_on = closes_on
    wave.save(update_fields=["closes_on"])
    AuditEntry.objects.create(at=at, by=by, action="extend_wave", subject=wave.slug, detail=detail)
    return wave


@transaction.atomic(using=ANSWERS)
def set_look(*, wave: Wave, study_name: str, logo: str, accent: str, by: str, at: datetime) -> Wave:
    """How the wave's pages look; blank is the site's own. Raises Refused for a colour or a file that won't do."""
    wave.study_name, wave.logo, wave.accent = study_name, logo, accent
    try:
        wave.clean_fields(exclude=[field.name for field in Wave._meta.fields if field.name not in LOOK])
    except ValidationError as error:
        raise Refused("wave.look", " ".join(error.messages)) from None
    wave.save(update_fields=LOOK)
    detail = {name: getattr(wave, name) for name in LOOK}
    AuditEntry.objects.create(at=at, by=by, action="set_look", subject=wave.slug, detail=detail)
    return wave


def check_opening(*, opening: Opening, at: datetime) -> PriorPlan:
    """Raises Refused with the first reason why such a wave can't be opened now. The prior answers it would hand on."""
    slug, version, today = opening.slug, opening.version, study_date(at)
    if not _SLUG.fullmatch(slug):
        raise Refused("wave.slug", "A wave's slug holds up to 50 Latin letters, digits, - and _.")
    if Wave.objects.filter(slug=slug).exists():
        raise Refused("wave.exists", f"Wave {slug} is there already. Nothing was changed.")
    if not version.is_published:
        raise Refused("wave.version", f"{version} is not published. Publish it first.")
    if opening.closes_on < opening.opens_on:
        raise Refused("wave.dates", f"A wave can't close ({opening.closes_on}) before it opens ({opening.opens_on}).")
    if opening.opens_on < today:
        raise Refused("wave.dates", f"A wave can't open in the past ({opening.opens_on}); today is {today}.")
    if not all(_SLUG.fullmatch(source) and source != "panel" for source in opening.sources):
        raise Refused("wave.source", "A source holds up to 50 Latin letters, digits, - and _, and isn't 'panel'.")
    if len(set(opening.sources)) < len(opening.sources):
        raise Refused("wave.source", "Each source has one link; one is named twice.")
    return plan_prior(program_for(version).instrument, opening.prior_items)


def study_date(at: datetime) -> date:
    """The date of a moment in the study's time zone."""
    return at.astimezone(ZoneInfo(settings.STUDY_TIME_ZONE)).date()


def _locked_open(wave: Wave) -> Wave:
    locked = Wave.objects.select_for_update().get(pk=wave.pk)
    if locked.state != WaveState.OPEN:
        raise Refused("wave.closed", f"Wave {locked.slug} is closed already. Nothing was changed.")
    return locked


def _add_respondents(wave: Wave, respondents: Sequence[WaveMember]) -> None:
    """A row for each respondent who has none yet, in random order."""
    known = set(Respondent.objects.values_list("respondent_key", flat=True))
    new = [
        Respondent(
            respondent_key=member.respondent_key, cohort=wave.slug, source=member.source, language=member.language
        )
        for member in respondents
        if member.respondent_key not in known
    ]
    _RANDOM.shuffle(new)
    Respondent.objects.bulk_create(new, batch_size=BATCH)


def _add_interviews(wave: Wave, respondents: Sequence[WaveMember]) -> None:
    """An interview for each respondent, with the prior answers the wave hands on, in random order."""
    prior = prior_of_respondents([(slug, name) for slug, name in wave.prior_items])
    headers = {language_code(name): name for name in program_for(wave.version).instrument.languages}
    new = [
        Interview(
            wave=wave,
            respondent_id=member.respondent_key,
            version=wave.version,
            link_hash=member.link_hash,
            language=headers.get(member.language) or headers.get(member.language.split("-")[0], ""),
            prior=prior.get(member.respondent_key, {}),
            seed=secrets.randbelow(interviews.SEEDS),
        )
        for member in respondents
    ]
    _RANDOM.shuffle(new)
    Interview.objects.bulk_create(new, batch_size=BATCH)


def _new_code() -> str:
    """Letters of a recruitment link, random: the address doesn't tell the source."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii").lower()[:LENGTH]

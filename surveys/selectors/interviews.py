"""Finding interviews as the respondents' pages need them: one query each, without the heavy columns of other tables."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from surveys.instrument.evaluation import Environment
from surveys.links import hash_link
from surveys.models import Interview, RecruitmentLink
from surveys.models.wave import WaveState


def interviews() -> QuerySet[Interview]:
    """Interviews with their wave and version, without a version's workbook and content."""
    return Interview.objects.select_related("wave", "version").defer(
        "wave__prior_items",
        "version__workbook",
        "version__content",
        "version__findings",
    )


def interview_by_id(interview_id: UUID) -> Interview | None:
    return interviews().filter(pk=interview_id).first()


def interview_by_link(letters: str, *, on: date) -> Interview | None:
    """The interview that this link opens on that day. None for a wrong, expired and closed link alike.

    A link of the wrong shape is looked up like any other, so that it takes as long.
    """
    return interviews().filter(_enterable(on), link_hash=hash_link(letters)).first()


def interview_of_link(letters: str) -> Interview | None:
    """The interview that this link belongs to, whether or not it may still be entered: for the exits."""
    return interviews().filter(link_hash=hash_link(letters)).first()


def recruitment_link_by_code(code: str, *, on: date) -> RecruitmentLink | None:
    """The open recruitment link of that code on that day, with its wave and version."""
    return (
        RecruitmentLink.objects.select_related("wave__version")
        .defer("wave__version__workbook", "wave__version__content", "wave__version__findings")
        .filter(_enterable(on), code=code)
        .first()
    )


def environment_of(interview: Interview, *, now: datetime, today: date) -> Environment:
    """What this interview's expressions may see beside its answers."""
    return Environment(
        now=now.astimezone(ZoneInfo(settings.STUDY_TIME_ZONE)),
        today=today,
        seed=interview.seed,
        language=interview.language,
        prior=interview.prior,
    )


def _enterable(on: date) -> Q:
    return Q(wave__state=WaveState.OPEN, wave__opens_on__lte=on, wave__closes_on__gte=on)

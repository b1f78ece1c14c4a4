"""Finding interviews as the respondents' pages need them: one query each, without the heavy columns of other tables."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from surveys.instrument import resuming
from surveys.instrument.evaluation import Environment
from surveys.links import hash_link
from surveys.models import Interview, RecruitmentLink
from surveys.models.interview import InterviewState
from surveys.models.wave import WaveState
from surveys.selectors.interview_rows import interview_where
from surveys.selectors.programs import program_for


def interviews() -> QuerySet[Interview]:
    """Interviews with their wave and version, without a version's workbook and content."""
    return Interview.objects.select_related("wave", "version").defer(
        "wave__prior_items",
        "version__workbook",
        "version__content",
        "version__findings",
    )


def interview_by_id(interview_id: UUID, *, for_update: bool = False) -> Interview | None:
    """`for_update` locks it until the transaction ends."""
    return interview_where("interview.id = %s", interview_id, for_update=for_update)


def interview_by_link(letters: str, *, on: date) -> Interview | None:
    """The interview that this link opens on that day. None for a wrong, expired and closed link alike.

    A link of the wrong shape is looked up like any other, so that it takes as long.
    """
    is_enterable = "wave.state = %s AND wave.opens_on <= %s AND wave.closes_on >= %s"
    return interview_where(f"interview.link_hash = %s AND {is_enterable}", hash_link(letters), WaveState.OPEN, on, on)


def interview_of_link(letters: str) -> Interview | None:
    """The interview that this link belongs to, whether or not it may still be entered: for the exits."""
    return interview_where("interview.link_hash = %s", hash_link(letters))


def recruitment_link_by_code(code: str, *, on: date) -> RecruitmentLink | None:
    """The open recruitment link of that code on that day, with its wave and version."""
    return (
        RecruitmentLink.objects.select_related("wave__version")
        .defer("wave__version__workbook", "wave__version__content", "wave__version__findings")
        .filter(code=code, wave__state=WaveState.OPEN, wave__opens_on__lte=on, wave__closes_on__gte=on)
        .first()
    )


def is_over(interview: Interview, now: datetime) -> bool:
    """Whether nothing can be answered in it any more, or not yet.

    A wave's last day ends entry at midnight. Whoever is in the questionnaire then may go on for the time of grace.
    """
    last_moment = now - timedelta(minutes=settings.GRACE_MINUTES)
    is_past_grace = last_moment.astimezone(ZoneInfo(settings.STUDY_TIME_ZONE)).date() > interview.wave.closes_on
    return interview.state != InterviewState.IN_PROGRESS or is_past_grace


def is_enterable(interview: Interview, *, on: date) -> bool:
    """Whether its wave can be entered on that day, as by a link."""
    wave = interview.wave
    return wave.state == WaveState.OPEN and wave.opens_on <= on <= wave.closes_on


def environment_of(interview: Interview, *, now: datetime, today: date) -> Environment:
    """What this interview's expressions may see beside its answers."""
    return Environment(
        now=now.astimezone(ZoneInfo(settings.STUDY_TIME_ZONE)),
        today=today,
        seed=interview.seed,
        language=interview.language,
        prior=interview.prior,
    )


def page_to_resume(interview: Interview, *, now: datetime, today: date) -> str:
    """Where an interview goes on: the last page seen, or an earlier one that still needs an answer.

    "" where nobody is asked anything.
    """
    program = program_for(interview.version)
    environment = environment_of(interview, now=now, today=today)
    return resuming.resume_page(program, interview.answers, environment=environment, seen=interview.page)

"""What the panel's side needs to know of the answers' side: which wave is in the field, and who has yet to answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from surveys.models import Interview, RecruitmentLink, Wave
from surveys.models.interview import InterviewState
from surveys.models.wave import WaveState
from surveys.selectors.waves import waves


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """A wave as plain facts."""

    slug: str
    number: int
    version: str  # slug@number
    opens_on: date
    closes_on: date
    is_closed: bool
    link_epoch: int

    def is_in_field(self, today: date) -> bool:
        """Whether `today`, in the study's zone, is one of its days and nobody has closed it."""
        return not self.is_closed and self.opens_on <= today <= self.closes_on


def wave_facts(slug: str) -> WaveFacts | None:
    wave = waves().filter(slug=slug).first()
    if wave is None:
        return None
    return WaveFacts(
        slug=wave.slug,
        number=wave.number,
        version=str(wave.version),
        opens_on=wave.opens_on,
        closes_on=wave.closes_on,
        is_closed=wave.state == WaveState.CLOSED,
        link_epoch=wave.link_epoch,
    )


def overdue_waves(today: date) -> list[str]:
    """Slugs of the waves whose last day is before `today` and that nobody has closed."""
    return list(Wave.objects.filter(state=WaveState.OPEN, closes_on__lt=today).values_list("slug", flat=True))


def closed_of(slugs: Iterable[str]) -> list[str]:
    """Those of the slugs whose waves are closed."""
    return list(Wave.objects.filter(state=WaveState.CLOSED, slug__in=list(slugs)).values_list("slug", flat=True))


def still_due(wave_slug: str, respondent_keys: Iterable[UUID]) -> set[UUID]:
    """Those of `respondent_keys` whose interview in the wave has not ended."""
    unfinished = Interview.objects.filter(wave__slug=wave_slug, respondent_id__in=list(respondent_keys))
    return set(unfinished.exclude(state=InterviewState.ENDED).values_list("respondent_id", flat=True))


def keys_of_wave(wave_slug: str) -> set[UUID]:
    """Every respondent_key that has an interview in the wave."""
    return set(Interview.objects.filter(wave__slug=wave_slug).values_list("respondent_id", flat=True))


def recruitment_codes(wave_slug: str) -> tuple[tuple[str, str], ...]:
    """(source, code) of the wave's open links, by source."""
    links = RecruitmentLink.objects.filter(wave__slug=wave_slug).order_by("source")
    return tuple(links.values_list("source", "code"))

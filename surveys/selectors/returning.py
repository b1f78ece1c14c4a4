"""Who comes back without any contact: found by the hash of their phrase, and the wave they may take part in."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings

from surveys import phrases
from surveys.models import Interview, Respondent, Wave
from surveys.models.interview import InterviewState
from surveys.selectors.interviews import interviews
from surveys.selectors.waves import open_waves

#: A respondent_key that is nobody's: who has none is looked up, and leaves, under this one.
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class WayBack:
    """A wave in which a respondent may take part, and their interview in it where there is one."""

    wave: Wave
    interview: Interview | None


def phrase_hash(text: str) -> bytes:
    """What is kept of a phrase, however it was typed."""
    return phrases.hash_phrase(settings.RETURN_KEY.encode(), text)


def respondent_by_phrase(text: str) -> Respondent | None:
    return Respondent.objects.filter(return_hash=phrase_hash(text)).first()


def way_back(respondent: Respondent | None, *, on: date) -> WayBack | None:
    """Where a phrase leads on that day: to an interview begun before any other, else to the newest wave.

    None for nobody, for whom the same is looked up, so that it takes as long. An interview that was sent a link by mail
    is entered by that link alone: whoever entered another's address, and has the phrase, would else read along.
    """
    key = respondent.respondent_key if respondent else NOBODY
    own = _interviews(key)
    ways = [
        WayBack(wave, own.get(wave.pk))
        for wave in open_waves().filter(opens_on__lte=on, closes_on__gte=on)
        if wave.pk not in own or own[wave.pk].link_hash is None
    ]
    if respondent is None:
        return None
    begun = (way for way in ways if way.interview and way.interview.state == InterviewState.IN_PROGRESS)
    return next(begun, ways[0] if ways else None)


def _interviews(respondent_key: UUID) -> dict[int, Interview]:
    return {interview.wave_id: interview for interview in interviews().filter(respondent_id=respondent_key)}

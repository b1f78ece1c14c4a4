"""Coming back without any contact: a phrase is given, and leads to an interview of the wave that is open then.

Both live with the rights of the public PostgreSQL role.
"""

import secrets

from django.db import IntegrityError, transaction

from outrush_site.routers import ANSWERS
from surveys import phrases
from surveys.models import Interview, Respondent
from surveys.selectors.coming_back import may_have_phrase
from surveys.selectors.interviews import interviews
from surveys.selectors.returning import WayBack, phrase_hash
from surveys.services.interviews import SEEDS


@transaction.atomic(using=ANSWERS)
def give_phrase(*, interview: Interview, language: str) -> str | None:
    """A new return phrase for an interview's respondent, in place of any earlier one. Only its hash is kept.

    None where they may not have one.
    """
    if not may_have_phrase(interview):
        return None
    phrase = phrases.make_phrase(language, secrets.choice)
    Respondent.objects.filter(pk=interview.respondent_id).update(return_hash=phrase_hash(phrase))
    return phrase


def come_back(*, respondent: Respondent, way: WayBack) -> Interview:
    """The respondent's interview in that wave: the one there is, or a new one, which nobody was invited to.

    A new one has no prior answers: the public role can't read what was answered before.
    """
    if way.interview is not None:
        return way.interview
    interview = Interview(
        wave=way.wave,
        respondent=respondent,
        version=way.wave.version,
        seed=secrets.randbelow(SEEDS),
    )
    try:
        with transaction.atomic(using=ANSWERS):
            interview.save(force_insert=True)
    except IntegrityError:  # the other click was faster
        return interviews().get(wave=way.wave, respondent=respondent)
    return interview

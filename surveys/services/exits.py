"""The exits: no more mail, erase my contact, erase my answers too. Each is done whole, or not at all."""

import secrets
from uuid import UUID

from django.db import transaction

from outrush_site.routers import ANSWERS
from surveys.sealing import ExitMark
from surveys.selectors.returning import NOBODY
from surveys.services.interviews import mark_erasure
from surveys.services.requests import ExitKind, leave_request

SITTING_BYTES = 6


@transaction.atomic(using=ANSWERS)
def leave(*, kind: ExitKind, respondent_key: UUID | None, before: ExitMark | None = None) -> ExitMark:
    """A respondent takes an exit. None for nobody (a wrong link, wrong words), for whom the same work is done.

    `before` is the mark of this sitting's exit before this one, where there was one. Returns the mark of this one: an
    address entered later in the sitting goes with it, so that the exit, which may be taken after it, lets it stay.
    """
    sitting = before.sitting if before else secrets.token_hex(SITTING_BYTES)
    mark = ExitMark(sitting, before.number + 1 if before else 1)
    key = respondent_key or NOBODY
    leave_request(kind=kind, respondent_key=key, mark=mark)
    if kind == "erase":
        mark_erasure(respondent_key=key)
    return mark

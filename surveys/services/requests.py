"""What a respondent asks that concerns their contact: sealed so that only the worker can read it.

Each of these raises sealing.KeyUnusable where the public key is missing: better an error page than a promise not kept.
"""

from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings

from surveys import sealing
from surveys.models import Interview, SealedRequest
from surveys.sealing import ExitMark
from surveys.selectors.coming_back import may_opt_in

PUBLIC_KEY = "request.pub"
ExitKind = Literal["stop", "erase_contact", "erase"]


def leave_request(
    *,
    kind: ExitKind,
    respondent_key: UUID | None = None,
    stop_token: str | None = None,
    mark: ExitMark | None = None,
) -> SealedRequest:
    """Leave a request for the worker: `stop` ends all mail, the other two erase the contact.

    It is about a respondent, or about whoever a stop link's letters belong to; the public tier can't tell who that is.
    """
    body = sealing.seal_exit(_public_key(), kind=kind, respondent_key=respondent_key, stop_token=stop_token, mark=mark)
    return _leave(body)


def leave_opt_in(*, interview: Interview, email: str, language: str, after: ExitMark | None = None) -> bool:
    """Leave a respondent's wish to be written to when there is a next wave; False where they may not have one.

    `email` has been checked; `after` is the mark of this sitting's latest exit.
    """
    if not may_opt_in(interview):
        return False
    key = interview.respondent_id
    _leave(sealing.seal_opt_in(_public_key(), respondent_key=key, email=email, language=language, after=after))
    return True


def leave_confirmation(*, confirm_token: str) -> SealedRequest:
    """Leave the yes of whoever was sent these letters to confirm an address."""
    return _leave(sealing.seal_confirmation(_public_key(), confirm_token=confirm_token))


def _public_key() -> bytes:
    return sealing.read_public_key(Path(settings.PUBLIC_KEY_DIR) / PUBLIC_KEY)


def _leave(body: bytes) -> SealedRequest:
    request = SealedRequest(body=body)
    request.save(force_insert=True)
    return request

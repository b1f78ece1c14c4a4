"""What a respondent asks that concerns their contact: sealed so that only the worker can read it."""

from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings

from surveys import sealing
from surveys.models import SealedRequest

PUBLIC_KEY = "request.pub"
RequestKind = Literal["stop", "erase"]


def leave_request(
    *, kind: RequestKind, respondent_key: UUID | None = None, stop_token: str | None = None
) -> SealedRequest:
    """Leave a request for the worker: `stop` ends all mail, `erase` erases the contact too.

    It is about a respondent, or about whoever a stop link's letters belong to; the public tier can't tell who that is.
    Raises sealing.KeyUnusable where the public key is missing: better an error page than a promise not kept.
    """
    public_key = sealing.read_public_key(Path(settings.PUBLIC_KEY_DIR) / PUBLIC_KEY)
    body = sealing.seal_request(public_key, kind=kind, respondent_key=respondent_key, stop_token=stop_token)
    request = SealedRequest(body=body)
    request.save(force_insert=True)
    return request

"""The cookie of someone who takes part: which interview, and the minute of this sitting's start.

After an exit also its mark, so that the address entered next is known to come after it. Nothing else.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from surveys.sealing import ExitMark

#: The `__Host-` prefix makes browsers refuse the cookie from any other host, path or over plain HTTP.
NAME = "__Host-interview" if settings.IS_HTTPS else "interview"
VALID_FOR = timedelta(days=2)
_SIGNER = signing.Signer(salt="respondent.cookie")
#: Upper bounds in minutes of the classes of `Interview.minutes_class`; longer is the fourth.
MINUTES = (10, 30, 120)


@dataclass(frozen=True, slots=True)
class Sitting:
    """What the cookie says."""

    interview_id: UUID
    started_minute: int  # minutes since 1970, UTC
    last_exit: ExitMark | None = None

    @property
    def bound_to(self) -> str:
        """What POST tokens are bound to: the interview, so that a page left open outlives the sitting it began in."""
        return self.interview_id.hex

    def minutes_class(self, now: datetime) -> int:
        """How long this sitting has taken: 1 under 10 minutes, 2 under 30, 3 under 120, 4 longer."""
        minutes = _minute(now) - self.started_minute
        return 1 + sum(minutes >= bound for bound in MINUTES)


def read(request: HttpRequest, now: datetime) -> Sitting | None:
    """The sitting that a request's cookie tells of; None for an absent, foreign or expired cookie."""
    raw = request.COOKIES.get(NAME, "")
    try:
        hexadecimal, minute, *mark = _SIGNER.unsign(raw).split(".")
        sitting = Sitting(UUID(hex=hexadecimal), int(minute), ExitMark(mark[0], int(mark[1])) if mark else None)
    except (signing.BadSignature, ValueError):
        return None
    return sitting if _minute(now) - sitting.started_minute < VALID_FOR / timedelta(minutes=1) else None


def write(response: HttpResponse, interview_id: UUID, now: datetime) -> None:
    """Begin a sitting: a session cookie, gone when the browser closes."""
    _write(response, f"{interview_id.hex}.{_minute(now)}")


def note_exit(response: HttpResponse, sitting: Sitting, mark: ExitMark) -> None:
    """The sitting goes on, after an exit that leaves the answers."""
    _write(response, f"{sitting.interview_id.hex}.{sitting.started_minute}.{mark.sitting}.{mark.number}")


def clear(response: HttpResponse) -> None:
    response.set_cookie(NAME, "", max_age=0, secure=settings.IS_HTTPS, httponly=True, samesite="Lax", path="/")


def _write(response: HttpResponse, value: str) -> None:
    signed = _SIGNER.sign(value)
    response.set_cookie(NAME, signed, secure=settings.IS_HTTPS, httponly=True, samesite="Lax", path="/")


def _minute(now: datetime) -> int:
    return int((now - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 60)

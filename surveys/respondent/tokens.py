"""Tokens that a POST must carry, and where it may come from.

Respondents have no session, so Django's CSRF token doesn't fit: a token here is bound to the link or the interview that
the page was shown for. Knowing the one doesn't help to make it, and a page left open can't be posted into another
interview, but into its own from a later sitting too.

The page of the six words is shown before anything is known that a token could be bound to: its token is the same for
everyone, and anybody can fetch it. There a browser has to say itself that the post comes from a page of ours.
"""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

FIELD = "-token"
Purpose = Literal["link", "open", "cookie", "confirm", "return"]


def make(purpose: Purpose, secret: str) -> str:
    return salted_hmac(f"respondent.token.{purpose}", secret, algorithm="sha256").hexdigest()[:32]


def is_good(request: HttpRequest, purpose: Purpose, secret: str) -> bool:
    """Whether a POST carries the token of that link or cookie and comes from a page of ours."""
    if purpose == "return" and not _says_where_from(request):
        return False
    return not is_foreign(request) and constant_time_compare(request.POST.get(FIELD, ""), make(purpose, secret))


def is_foreign(request: HttpRequest) -> bool:
    """Whether another site's page sent it. Old browsers send neither header; a token that is bound holds for them."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    return origin != f"{request.scheme}://{request.get_host()}"


def _says_where_from(request: HttpRequest) -> bool:
    """Whether a browser says so at all, as each has done for posts since 2020."""
    return "Origin" in request.headers or "Sec-Fetch-Site" in request.headers


def interview_id_of_visit(code: str, visit: str) -> UUID:
    """The interview that a visit to an open link begins. The same visit begins the same one, however often posted."""
    digest = salted_hmac("respondent.visit", f"{code}.{visit}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)

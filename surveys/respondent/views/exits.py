"""The exits: no more mail, erase my contact, erase my answers too.

They always say done, and do the same work for any link.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from outrush_site import clock
from surveys.links import is_link
from surveys.models import Interview
from surveys.respondent import cookie, languages, tokens
from surveys.respondent.cookie import Sitting
from surveys.respondent.pages import ask_for_link, refuse, see_other, show
from surveys.selectors.interviews import interview_by_id, interview_of_link
from surveys.services.exits import leave
from surveys.services.requests import ExitKind, leave_request

METHODS = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@METHODS
def leave_by_link(request: HttpRequest, link: str, kind: ExitKind) -> HttpResponse:
    if request.method != "POST":
        return see_other(reverse("start", args=[link]))
    if not tokens.is_good(request, "link", link):
        return refuse(request)
    return _leave(request, interview_of_link(link), kind)


@csrf_exempt
@METHODS
def leave_by_cookie(request: HttpRequest, kind: ExitKind) -> HttpResponse:
    if request.method != "POST":
        return see_other(reverse("current"))
    sitting = cookie.read(request, clock.now())
    if sitting is None:
        return ask_for_link(request)
    if not tokens.is_good(request, "cookie", sitting.bound_to):
        return refuse(request)
    return _leave(request, interview_by_id(sitting.interview_id), kind, sitting)


@csrf_exempt
@METHODS
def stop_mail(request: HttpRequest, letters: str) -> HttpResponse:
    """The mail's own stop link. Mail programs post here by themselves (RFC 8058): no cookie, no token, any origin."""
    language = languages.of_visitor(request)
    if request.method != "POST":
        return show("stop_mail", {"languages": languages.of_interface()}, language=language)
    if is_link(letters):
        leave_request(kind="stop", stop_token=letters)
    return show("left", {"kind": "stop"}, language=language)


def _leave(
    request: HttpRequest, interview: Interview | None, kind: ExitKind, sitting: Sitting | None = None
) -> HttpResponse:
    mark = leave(
        kind=kind,
        respondent_key=interview.respondent_id if interview else None,
        before=sitting.last_exit if sitting else None,
    )
    response = show("left", {"kind": kind}, language=languages.of_form(request))
    if kind == "erase":
        cookie.clear(response)
    elif sitting is not None:
        cookie.note_exit(response, sitting, mark)
    return response

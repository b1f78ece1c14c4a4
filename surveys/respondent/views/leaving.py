"""Leaving quickly, the stylesheet of a wave, and no icon: all without a look into the database."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from surveys.respondent import cookie, languages, tokens
from surveys.respondent.look import stylesheet
from surveys.respondent.pages import refuse, show

#: All that a browser lets a site take back: pages and files kept, the cookie, anything stored.
EVERYTHING = '"cache", "cookies", "storage"'


@csrf_exempt
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Forget this browser and show something else. It changes nothing that is saved, so it needs no token."""
    if tokens.is_foreign(request):
        return refuse(request)
    response = show("away", {"address": settings.LEAVE_URL}, language=languages.of_visitor(request))
    # A redirect would meet form-action of our own policy; a refresh goes anywhere, in every browser.
    response["Refresh"] = f"0;url={settings.LEAVE_URL}"
    response["Clear-Site-Data"] = EVERYTHING
    cookie.clear(response)
    return response


@csrf_exempt
@require_safe
def away(request: HttpRequest) -> HttpResponse:
    """Where the script goes in the place of the page left, so that no page has to name the address."""
    return HttpResponse(status=303, headers={"Location": settings.LEAVE_URL})


@csrf_exempt
@require_safe
def look(request: HttpRequest, accent: str) -> HttpResponse:
    """The stylesheet in a wave's colour. It tells of no wave, and may be kept like any static file."""
    sheet = stylesheet(accent)
    if sheet is None:
        raise Http404
    plain, compressed = sheet
    is_compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(compressed if is_compressed else plain, content_type="text/css; charset=utf-8")
    if is_compressed:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=86400"
    return response


@csrf_exempt
@require_safe
def no_icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for one by themselves, and a tab of ours shows none. An empty answer is the smallest."""
    return HttpResponse(status=204, headers={"Cache-Control": "public, max-age=86400"})

"""Opting in to the next wave, and confirming the address from the mail that follows."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from outrush_site import clock
from surveys.addresses import AddressRefused, checked_address
from surveys.instrument.languages import language_code
from surveys.links import is_link
from surveys.respondent import cookie, languages, tokens
from surveys.respondent.pages import ask_for_link, refuse, see_other, show
from surveys.respondent.posted import EMAIL
from surveys.respondent.views.ending import last
from surveys.selectors.coming_back import may_opt_in
from surveys.selectors.interviews import interview_by_id
from surveys.services.requests import leave_confirmation, leave_opt_in

METHODS = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@METHODS
def opt_in(request: HttpRequest) -> HttpResponse:
    """Seals the address at once. Whatever becomes of it, the page that follows is the same."""
    if request.method != "POST":
        return see_other(reverse("current"))
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if sitting is None or interview is None:
        return ask_for_link(request)
    if not tokens.is_good(request, "cookie", sitting.bound_to):
        return refuse(request, may_continue=True)
    typed = request.POST.get(EMAIL, "").strip()
    try:
        address = checked_address(typed)
    except AddressRefused as refused:
        if may_opt_in(interview):
            return last(interview, sitting, typed=typed, fault=refused.fault)
        return see_other(reverse("current"))
    language = language_code(interview.language) or languages.of_name(interview.language).interface
    is_left = leave_opt_in(interview=interview, email=address, language=language, after=sitting.last_exit)
    return see_other(reverse("opted_in" if is_left else "current"))


@csrf_exempt
@require_safe
def opted_in(request: HttpRequest) -> HttpResponse:
    """What happens next. It knows neither who is asking nor what was entered."""
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    language = languages.of_name(interview.language) if interview else languages.of_visitor(request)
    return show("opted_in", {"n_days": settings.CONFIRM_DAYS}, language=language)


@csrf_exempt
@METHODS
def confirm(request: HttpRequest, letters: str) -> HttpResponse:
    """The mail's confirmation link. Opening it changes nothing; its button leaves a request and always says done."""
    language = languages.of_visitor(request)
    if request.method != "POST":
        context = {"languages": languages.of_interface(), "token": tokens.make("confirm", letters)}
        return show("confirm", context, language=language)
    if not tokens.is_good(request, "confirm", letters):
        return refuse(request)
    if is_link(letters):
        leave_confirmation(confirm_token=letters)
    return show("confirmed", {}, language=language)

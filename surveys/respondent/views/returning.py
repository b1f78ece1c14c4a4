"""Coming back without any contact: six words are given, and asked for on a page that tells nobody whose they are."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from outrush_site import clock
from surveys.models.interview import InterviewState
from surveys.phrases import LONGEST
from surveys.respondent import cookie, languages, tokens
from surveys.respondent.look import look_of
from surveys.respondent.pages import ask_for_link, refuse, see_other, show
from surveys.respondent.posted import MOVE, PHRASE
from surveys.respondent.views.start import language_of
from surveys.selectors.interviews import interview_by_id, is_enterable
from surveys.selectors.programs import program_for
from surveys.selectors.returning import respondent_by_phrase, way_back
from surveys.services import interviews
from surveys.services.exits import leave
from surveys.services.returning import come_back, give_phrase

METHODS = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@METHODS
def phrase(request: HttpRequest) -> HttpResponse:
    """Makes a phrase and shows it, this once."""
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if sitting is None or interview is None:
        return ask_for_link(request)
    if request.method != "POST":
        return see_other(reverse("current"))
    if not tokens.is_good(request, "cookie", sitting.bound_to):
        return refuse(request, may_continue=True)
    language = languages.of_name(interview.language)
    words = give_phrase(interview=interview, language=language.interface)
    if words is None:
        return see_other(reverse("current"))
    place = settings.PUBLIC_URL.partition("://")[2] + reverse("return")
    has_ended = interview.state == InterviewState.ENDED
    return show("phrase", {"phrase": words, "place": place, "has_ended": has_ended}, language=language)


@csrf_exempt
@METHODS
def come(request: HttpRequest) -> HttpResponse:
    """Where the words are typed. Wrong ones, and right ones that lead nowhere now, get one and the same page."""
    if request.method != "POST":
        return _ask(request)
    if not tokens.is_good(request, "return", ""):
        return refuse(request)
    typed = request.POST.get(PHRASE, "")
    respondent = respondent_by_phrase(typed)
    if request.POST.get(MOVE) == "erase":
        leave(kind="erase", respondent_key=respondent.respondent_key if respondent else None)
        return show("left", {"kind": "erase"}, language=languages.of_visitor(request))
    way = way_back(respondent, on=clock.today())
    if respondent is None or way is None:
        return _ask(request, typed=typed[:LONGEST], is_in_vain=True)
    response = see_other(reverse("welcome"))
    cookie.write(response, come_back(respondent=respondent, way=way).pk, clock.now())
    return response


@csrf_exempt
@METHODS
def welcome(request: HttpRequest) -> HttpResponse:
    """The start page of whoever came by a phrase; its POST takes part or continues."""
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if sitting is None or interview is None:
        return ask_for_link(request)
    if not is_enterable(interview, on=clock.today()):
        return see_other(reverse("current"))
    language = language_of(request, interview.version, interview.language)
    if request.method == "POST":
        if not tokens.is_good(request, "cookie", sitting.bound_to):
            return refuse(request, may_continue=True)
        begun = interviews.begin(interview=interview, language=language.name, today=clock.today())
        response = see_other(reverse("current"))
        cookie.write(response, begun.pk, clock.now())
        return response
    context = {
        "languages": languages.of_instrument(program_for(interview.version).instrument),
        "look": look_of(interview.wave),
        "token": tokens.make("cookie", sitting.bound_to),
        "is_back": True,
        "has_begun": interview.state != InterviewState.NOT_STARTED,
    }
    return show("start", context, language=language)


def _ask(request: HttpRequest, *, typed: str = "", is_in_vain: bool = False) -> HttpResponse:
    context = {
        "languages": languages.of_interface(),
        "token": tokens.make("return", ""),
        "typed": typed,
        "is_in_vain": is_in_vain,
    }
    return show("return", context, language=languages.of_visitor(request), status=404 if is_in_vain else 200)

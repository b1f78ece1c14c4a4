"""Where links lead: the start page. Opening it changes nothing, because mail scanners open links."""

from secrets import token_hex

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from outrush_site import clock
from surveys.links import is_link
from surveys.models import Interview, QuestionnaireVersion
from surveys.models.interview import InterviewState
from surveys.respondent import cookie, languages, tokens
from surveys.respondent.languages import PARAMETER, Language
from surveys.respondent.look import look_of
from surveys.respondent.pace import evened
from surveys.respondent.pages import refuse, see_other, show
from surveys.selectors.interviews import (
    interview_by_id,
    interview_by_link,
    page_to_resume,
    recruitment_link_by_code,
)
from surveys.selectors.programs import program_for
from surveys.services import interviews

#: Stands in for a link that is none, so that every such page is of one length.
NO_LINK = "a" * 26


@csrf_exempt
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    language = languages.of_visitor(request)
    return show("home", {"languages": languages.of_interface()}, language=language)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@evened
def start(request: HttpRequest, link: str) -> HttpResponse:
    """The start page of a personal link; its POST takes part or continues."""
    interview = interview_by_link(link, on=clock.today())
    if request.method == "POST" and not tokens.is_good(request, "link", link):
        return refuse(request)
    if interview is None:
        return not_open(request, link)
    language = language_of(request, interview.version, interview.language)
    if request.method == "POST":
        begun = interviews.begin(interview=interview, language=language.name, today=clock.today())
        return _enter(begun)
    context = {
        "languages": languages.of_instrument(program_for(interview.version).instrument),
        "look": look_of(interview.wave),
        "token": tokens.make("link", link),
        "link": link,
        "has_begun": interview.state != InterviewState.NOT_STARTED,
    }
    return show("start", context, language=language)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@evened
def start_open(request: HttpRequest, code: str) -> HttpResponse:
    """The start page of an open recruitment link; its POST makes a respondent and an interview."""
    recruitment_link = recruitment_link_by_code(code, on=clock.today()) if code.isalnum() else None
    visit = request.POST.get("-visit", "") or token_hex(16)
    if request.method == "POST" and not tokens.is_good(request, "open", f"{code}.{visit}"):
        return refuse(request)
    if recruitment_link is None:
        return not_open(request)
    language = language_of(request, recruitment_link.wave.version)
    if request.method == "POST":
        begun = interviews.begin_open(
            recruitment_link=recruitment_link,
            interview_id=tokens.interview_id_of_visit(code, visit),
            language=language.name,
            today=clock.today(),
        )
        return _enter(begun)
    context = {
        "languages": languages.of_instrument(program_for(recruitment_link.wave.version).instrument),
        "look": look_of(recruitment_link.wave),
        "token": tokens.make("open", f"{code}.{visit}"),
        "visit": visit,
        "may_continue": _is_in_progress(request, recruitment_link.wave_id),
    }
    return show("start", context, language=language)


def not_open(request: HttpRequest, link: str = "") -> HttpResponse:
    """The one page for wrong, expired and closed links."""
    letters = link if is_link(link) else NO_LINK
    context = {
        "languages": languages.of_interface(),
        "is_personal": bool(link),
        "link": letters,
        "token": tokens.make("link", letters),
    }
    return show("not_open", context, language=languages.of_visitor(request), status=404)


def _enter(interview: Interview) -> HttpResponse:
    now, today = clock.now(), clock.today()
    # One that has ended (an open link that is posted twice) is shown by `current`.
    goes_on = interview.state == InterviewState.IN_PROGRESS
    page = page_to_resume(interview, now=now, today=today) if goes_on else ""
    response = see_other(reverse("page", args=[page]) if page else reverse("current"))
    cookie.write(response, interview.pk, now)
    return response


def language_of(request: HttpRequest, version: QuestionnaireVersion, known: str = "") -> Language:
    """As chosen on the page, else as known from before, else as the browser says, else the questionnaire's own."""
    instrument = program_for(version).instrument
    chosen = request.POST.get(languages.FIELD, "") or request.GET.get(PARAMETER, "")
    offered = languages.of_instrument(instrument)
    wanted = (chosen, known, *languages.wanted_by(request))
    return languages.choose(offered, *wanted, default=instrument.default_language)


def _is_in_progress(request: HttpRequest, wave_id: int) -> bool:
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    return bool(interview and interview.wave_id == wave_id and interview.state == InterviewState.IN_PROGRESS)

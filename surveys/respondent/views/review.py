"""The page before the end: everything answered so far, to look over, to change, and to take a copy of."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from outrush_site import clock
from surveys.instrument.review import review as review_pages
from surveys.models import Interview
from surveys.respondent import cookie, posted, summary, tokens
from surveys.respondent.cookie import Sitting
from surveys.respondent.languages import of_instrument, of_name
from surveys.respondent.look import look_of
from surveys.respondent.pages import ask_for_link, refuse, see_other, show
from surveys.respondent.summary import PageSummary
from surveys.selectors.coming_back import has_contact
from surveys.selectors.interviews import environment_of, interview_by_id, is_over, page_to_resume
from surveys.selectors.programs import program_for
from surveys.services.interviews import WHOLE, begin


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Every answer so far; its POST switches the language."""
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if sitting is None or interview is None:
        return ask_for_link(request)
    if request.method == "POST":
        if not tokens.is_good(request, "cookie", sitting.bound_to):
            return refuse(request, may_continue=True)
        wanted = posted.read(request.POST, "").language
        is_here = wanted in program_for(interview.version).instrument.languages
        if is_here and not is_over(interview, clock.now()):  # else it would begin an interview, in a closed wave too
            begin(interview=interview, language=wanted, today=clock.today())
        return see_other(reverse("review"))
    if is_over(interview, clock.now()) or not _is_through(interview):
        return see_other(reverse("current"))
    return show_review(interview, sitting)


def _is_through(interview: Interview) -> bool:
    """Whether somebody has seen every page, or there is nothing to see on any of them."""
    return interview.progress >= WHOLE or not _asks_anything(interview)


def _asks_anything(interview: Interview) -> bool:
    return bool(page_to_resume(interview, now=clock.now(), today=clock.today()))


@csrf_exempt
@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """The same as a text file. A POST, so that no link to it can be kept."""
    sitting = cookie.read(request, clock.now())
    if sitting is None:
        return ask_for_link(request)
    if not tokens.is_good(request, "cookie", sitting.bound_to):
        return refuse(request, may_continue=True)
    interview = interview_by_id(sitting.interview_id)
    if interview is None or is_over(interview, clock.now()):
        return see_other(reverse("current"))
    with translation.override(of_name(interview.language).interface):
        text = summary.as_text(pages_of(interview), gettext("no answer"))
    headers = {"Content-Disposition": 'attachment; filename="answers.txt"'}
    return HttpResponse("\ufeff" + text, content_type="text/plain; charset=utf-8", headers=headers)


def pages_of(interview: Interview) -> list[PageSummary]:
    environment = environment_of(interview, now=clock.now(), today=clock.today())
    program = program_for(interview.version)
    return summary.summaries(review_pages(program, interview.answers, environment=environment))


def show_review(interview: Interview, sitting: Sitting, *, is_changed: bool = False) -> HttpResponse:
    """All answers; where they have changed since they were looked over, that is said first."""
    pages = pages_of(interview)
    context = {
        "pages": pages,
        "n_empty": summary.n_empty(pages),
        "n_wrong": sum(bool(line.problem) for page in pages for line in page.lines),
        "resume": interview.page if _asks_anything(interview) else "",
        "is_changed": is_changed,
        "token": tokens.make("cookie", sitting.bound_to),
        "stamp": interview.revision,
        "has_contact": has_contact(interview),
        "look": look_of(interview.wave),
        "languages": of_instrument(program_for(interview.version).instrument),
    }
    return show("review", context, language=of_name(interview.language), status=409 if is_changed else 200)

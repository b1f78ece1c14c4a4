"""The pages of an interview, one at a time, and its last page."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from outrush_site import clock
from surveys.instrument import advance
from surveys.instrument.advance import Move
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.view import PageView, RepeatView
from surveys.models import Interview
from surveys.models.interview import InterviewState, OutcomeCode
from surveys.respondent import cookie, languages, posted, tokens
from surveys.respondent.conflicts import differences
from surveys.respondent.cookie import Sitting
from surveys.respondent.languages import Language
from surveys.respondent.pages import refuse, see_other, show
from surveys.selectors.interviews import environment_of, interview_by_id
from surveys.selectors.page_stamps import page_stamp
from surveys.selectors.programs import program_for
from surveys.services.interviews import PostedPage, Saved, Saving, page_to_resume, record_page

#: Path of the last page. A questionnaire's page of that name is shown under it as long as the interview goes on.
LAST = "done"
THANKS = {OutcomeCode.COMPLETE, OutcomeCode.SCREENED_OUT, OutcomeCode.OUT_OF_SCOPE}


@csrf_exempt
@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """To the page where this interview goes on."""
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if interview is None:
        return ask_for_link(request)
    if interview.state != InterviewState.IN_PROGRESS:
        return see_other(reverse("page", args=[LAST]))
    return see_other(reverse("page", args=[page_to_resume(interview=interview, now=clock.now(), today=clock.today())]))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, name: str) -> HttpResponse:
    sitting = cookie.read(request, clock.now())
    if sitting is not None and request.method == "POST":
        return _save(request, sitting, name)
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if sitting is None or interview is None:
        return ask_for_link(request)
    if interview.state != InterviewState.IN_PROGRESS:
        return _last(interview, sitting) if name == LAST else see_other(reverse("page", args=[LAST]))
    program, environment = program_for(interview.version), _environment(interview)
    if name not in advance.shown_pages(program, interview.answers, environment=environment):
        return _no_such_page(interview)
    view = advance.show(program, interview.answers, name, environment=environment)
    return _show(interview, sitting, program, view)


def ask_for_link(request: HttpRequest) -> HttpResponse:
    """For someone whose sitting is over or never began: the link lets them on."""
    return show("ask_for_link", {}, language=languages.of_visitor(request), status=403)


def _save(request: HttpRequest, sitting: Sitting, name: str) -> HttpResponse:
    if not tokens.is_good(request, "cookie", sitting.raw):
        return refuse(request, may_continue=True)
    post, now = posted.read(request.POST, name), clock.now()
    saved = record_page(
        interview_id=sitting.interview_id,
        posted=post,
        minutes_class=sitting.minutes_class(now),
        today=clock.today(),
        now=now,
    )
    if saved is None:
        return ask_for_link(request)
    if saved.saving is Saving.ENDED:
        return see_other(reverse("page", args=[LAST]))
    if saved.saving is Saving.NO_SUCH_PAGE:
        return _no_such_page(saved.interview)
    if saved.saving is Saving.OVERTAKEN:
        return _show_overtaken(saved, sitting, post, posted.pressed(request.POST))
    return _go_on(saved, sitting, post)


def _go_on(saved: Saved, sitting: Sitting, post: PostedPage) -> HttpResponse:
    """The next page; or at once a page that has something to say, or that holds what couldn't be saved."""
    step, interview = saved.step, saved.interview
    assert step is not None
    if step.problems or (step.page == post.page and step.view != _view(saved, post.page)):
        is_revealed = bool(step.problems) and all(finding.code == advance.REVEALED for finding in step.problems)
        return _show(interview, sitting, saved.program, step.view, is_revealed=is_revealed)
    return see_other(reverse("page", args=[step.page]) + _fragment(step.view, post.move))


def _view(saved: Saved, name: str) -> PageView:
    """The page as saved."""
    environment = _environment(saved.interview)
    return advance.show(saved.program, saved.interview.answers, name, environment=environment)


def _fragment(view: PageView, move: Move) -> str:
    """After adding or removing an entry of a repeat: where the page is scrolled to."""
    repeat = next((node for node in view.nodes if isinstance(node, RepeatView) and node.key == move.repeat), None)
    if repeat is None:
        return ""
    if move.name == "add" and repeat.instances:
        return f"#entry-{repeat.instances[-1].instance}"
    return f"#repeat-{repeat.key}"


def _show(
    interview: Interview, sitting: Sitting, program: Program, view: PageView, *, is_revealed: bool = False
) -> HttpResponse:
    context = {**_context(interview, sitting, program, view), "is_revealed": is_revealed}
    return show("page", context, language=_language(interview))


def _show_overtaken(saved: Saved, sitting: Sitting, post: PostedPage, button: str) -> HttpResponse:
    """Both what is saved and what was posted, to choose from. Nothing was overwritten."""
    interview = saved.interview
    view = _view(saved, post.page)
    context = {
        **_context(interview, sitting, saved.program, view),
        "differences": differences(view, post.values),
        "typed": [(control, value) for control, values in post.values.items() for value in values],
        "button": button,
    }
    return show("overtaken", context, language=_language(interview), status=409)


def _context(interview: Interview, sitting: Sitting, program: Program, view: PageView) -> dict[str, object]:
    instrument = program.instrument
    return {
        "page": view,
        "languages": languages.of_instrument(instrument),
        "token": tokens.make("cookie", sitting.raw),
        "stamp": page_stamp(instrument, interview.answers, view.name, interview.revision),
        "has_contact": interview.link_hash is not None,
    }


def _no_such_page(interview: Interview) -> HttpResponse:
    return show("no_such_page", {}, language=_language(interview), status=404)


def _last(interview: Interview, sitting: Sitting) -> HttpResponse:
    context = {
        "is_thanked": interview.outcome_code in THANKS,
        "is_refusal": interview.outcome_code == OutcomeCode.REFUSED,
        "token": tokens.make("cookie", sitting.raw),
        "has_contact": interview.link_hash is not None,
    }
    return show("last", context, language=_language(interview))


def _environment(interview: Interview) -> Environment:
    return environment_of(interview, now=clock.now(), today=clock.today())


def _language(interview: Interview) -> Language:
    return languages.of_name(interview.language)

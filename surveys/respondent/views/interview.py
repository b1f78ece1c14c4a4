"""The pages of an interview, one at a time."""

from collections.abc import Mapping
from secrets import token_hex

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from outrush_site import clock
from surveys.instrument import advance
from surveys.instrument.advance import Move, Step
from surveys.instrument.controls import Posted, control_name
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.findings import GENTLE, LEFT_EMPTY, REVEALED
from surveys.instrument.view import PageView, repeats_in
from surveys.models import Interview
from surveys.models.interview import InterviewState
from surveys.respondent import cookie, languages, posted, tokens
from surveys.respondent.conflicts import differences
from surveys.respondent.cookie import Sitting
from surveys.respondent.languages import Language
from surveys.respondent.look import look_of
from surveys.respondent.pages import ask_for_link, refuse, see_other, show
from surveys.respondent.summary import PageSummary
from surveys.respondent.typed import typed_in_words
from surveys.respondent.views.ending import LAST, OWN_ENDS, finish, last
from surveys.respondent.views.review import pages_of
from surveys.selectors.coming_back import has_contact
from surveys.selectors.interviews import environment_of, interview_by_id, is_enterable, is_over, page_to_resume
from surveys.selectors.page_stamps import Load, is_entry_there
from surveys.selectors.programs import program_for
from surveys.services.interviews import WHOLE, PostedPage, Saved, Saving, record_page


@csrf_exempt
@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """To the page where this interview goes on."""
    sitting = cookie.read(request, clock.now())
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if interview is None:
        return ask_for_link(request)
    if interview.state == InterviewState.NOT_STARTED and is_enterable(interview, on=clock.today()):
        return see_other(reverse("welcome"))
    if is_over(interview, clock.now()):
        return see_other(reverse("page", args=[LAST]))
    name = page_to_resume(interview, now=clock.now(), today=clock.today())
    return see_other(reverse("page", args=[name]) if name else reverse("review"))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, name: str) -> HttpResponse:
    sitting = cookie.read(request, clock.now())
    if sitting is not None and request.method == "POST":
        if name == LAST and posted.pressed(request.POST) == posted.FINISH:
            return finish(request, sitting)
        if posted.is_by_script(request):
            return _save_for_script(request, sitting, name)
        return _save(request, sitting, name)
    interview = interview_by_id(sitting.interview_id) if sitting else None
    if sitting is None or interview is None:
        return ask_for_link(request)
    if is_over(interview, clock.now()):
        return last(interview, sitting) if name == LAST else see_other(reverse("page", args=[LAST]))
    program, environment = program_for(interview.version), _environment(interview)
    view = advance.show_on_route(program, interview.answers, name, environment=environment)
    if view is None:
        return _no_such_page(interview)
    return _show(interview, sitting, program, view)


def _save(request: HttpRequest, sitting: Sitting, name: str) -> HttpResponse:
    if not tokens.is_good(request, "cookie", sitting.bound_to):
        return refuse(request, may_continue=True)
    post = posted.read(request.POST, name)
    saved = _record(sitting, post)
    if saved is None:
        return ask_for_link(request)
    if saved.saving is Saving.ENDED:
        late = _typed_late(saved, post)
        return last(saved.interview, sitting, late=late) if late else see_other(reverse("page", args=[LAST]))
    if saved.saving is Saving.REVIEW:
        return see_other(reverse("review"))
    if saved.saving is Saving.NO_SUCH_PAGE:
        return _no_such_page(saved.interview, post.values)
    if saved.saving is Saving.OVERTAKEN:
        return _show_overtaken(saved, sitting, post, posted.pressed(request.POST))
    return _go_on(saved, sitting, post)


def _typed_late(saved: Saved, post: PostedPage) -> list[tuple[str, str]]:
    """What was typed after the wave's end, in words. After their own the same may just have been sent twice."""
    if saved.interview.outcome_code in OWN_ENDS:
        return []
    return typed_in_words(saved.program.instrument, saved.interview.language, post.values)


def _save_for_script(request: HttpRequest, sitting: Sitting, name: str) -> HttpResponse:
    """The questions of a page as they are now that it is saved; 409 where only a whole page can say why it isn't."""
    if not tokens.is_good(request, "cookie", sitting.bound_to):
        return HttpResponse(status=403)
    saved = _record(sitting, posted.read(request.POST, name))
    if saved is None or saved.saving is not Saving.SAVED or saved.step is None or saved.step.page != name:
        return HttpResponse(status=409)
    return show("parts/questions", {"page": saved.step.view}, language=_language(saved.interview))


def _record(sitting: Sitting, post: PostedPage) -> Saved | None:
    now = clock.now()
    return record_page(
        interview_id=sitting.interview_id,
        posted=post,
        minutes_class=sitting.minutes_class(now),
        today=clock.today(),
        now=now,
    )


def _go_on(saved: Saved, sitting: Sitting, post: PostedPage) -> HttpResponse:
    """The next page; or at once a page that has something to say, or that holds what couldn't be saved."""
    step, interview = saved.step, saved.interview
    assert step is not None
    if step.problems or (step.page == post.page and step.view != _view(saved, post.page)):
        return _show(interview, sitting, saved.program, step.view, said=_said(saved.program, step, post))
    return see_other(reverse("page", args=[step.page]) + _fragment(step.view, post.move))


def _said(program: Program, step: Step, post: PostedPage) -> dict[str, object]:
    """How a page says what it has to say, and of which controls it has asked whether they are empty on purpose."""
    codes = {finding.code for finding in step.problems}
    repeats = {item.key: item.repeat for item in program.instrument.items()}
    empty = (finding for finding in step.problems if finding.code == LEFT_EMPTY)
    asked = {control_name(finding.key, repeats[finding.key], finding.instance) for finding in empty}
    return {
        "is_gentle": bool(codes) and codes <= GENTLE,
        "is_revealed": REVEALED in codes,
        "asked": sorted(asked | post.asked),
    }


def _view(saved: Saved, name: str) -> PageView:
    """The page as saved."""
    environment = _environment(saved.interview)
    return advance.show(saved.program, saved.interview.answers, name, environment=environment)


def _fragment(view: PageView, move: Move) -> str:
    """After adding or removing an entry of a repeat: where the page is scrolled to."""
    found = [repeat for repeat in repeats_in(view.nodes) if repeat.key == move.repeat]
    repeat = next((one for one in found if move.name != "add" or one.outer == move.instance), None)
    if repeat is None:
        return ""
    if move.name == "add" and repeat.instances:
        return f"#entry-{repeat.instances[-1].instance}"
    return f"#repeat-{repeat.key}" + (f"-{repeat.outer}" if repeat.outer else "")


def _show(
    interview: Interview,
    sitting: Sitting,
    program: Program,
    view: PageView,
    *,
    said: Mapping[str, object] | None = None,
) -> HttpResponse:
    context = {**_context(interview, sitting, program, view), **(said or {})}
    return show("page", context, language=_language(interview))


def _show_overtaken(saved: Saved, sitting: Sitting, post: PostedPage, button: str) -> HttpResponse:
    """Both what is saved and what was posted, to choose from. Nothing was overwritten."""
    interview = saved.interview
    view = _view(saved, post.page)
    context = {
        **_context(interview, sitting, saved.program, view),
        "differences": differences(view, post.values),
        "going": _going(saved),
        "typed": [(control, value) for control, values in post.values.items() for value in values],
        "button": button,
    }
    return show("overtaken", context, language=_language(interview), status=409)


def _going(saved: Saved) -> list[PageSummary]:
    """What stands on the pages of entries that the post would have removed."""
    assert saved.step is not None
    left = saved.step.answers
    return [page for page in pages_of(saved.interview) if not is_entry_there(page.name, left)]


def _context(interview: Interview, sitting: Sitting, program: Program, view: PageView) -> dict[str, object]:
    instrument = program.instrument
    return {
        "page": view,
        "progress": interview.progress,
        "may_review": interview.progress >= WHOLE,
        "look": look_of(interview.wave),
        "languages": languages.of_instrument(instrument),
        "token": tokens.make("cookie", sitting.bound_to),
        "stamp": Load(token_hex(4), interview.revision).stamp,
        "has_contact": has_contact(interview),
    }


def _no_such_page(interview: Interview, typed: Posted | None = None) -> HttpResponse:
    """For a page that isn't there (any more); with what was typed on it, which can't be saved, to be copied."""
    instrument = program_for(interview.version).instrument
    context = {"typed": typed_in_words(instrument, interview.language, typed or {})}
    return show("no_such_page", context, language=_language(interview), status=404)


def _environment(interview: Interview) -> Environment:
    return environment_of(interview, now=clock.now(), today=clock.today())


def _language(interview: Interview) -> Language:
    return languages.of_name(interview.language)

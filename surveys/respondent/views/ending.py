"""The end of an interview, and the last page: thanks, a copy this once, opting in, a return phrase, the exits."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from outrush_site import clock
from surveys.instrument.review import looked_over
from surveys.models import Interview
from surveys.models.interview import OutcomeCode
from surveys.respondent import summary, tokens
from surveys.respondent.cookie import Sitting
from surveys.respondent.languages import of_name
from surveys.respondent.look import look_of
from surveys.respondent.pages import ask_for_link, refuse, see_other, show
from surveys.respondent.posted import STAMP
from surveys.respondent.summary import PageSummary
from surveys.respondent.views.review import show_review
from surveys.selectors.coming_back import has_contact, may_have_phrase, may_opt_in
from surveys.services.interviews import Saving, complete_reviewed

#: Path of the last page. A questionnaire's page of that name is shown under it as long as the interview goes on.
LAST = "done"
THANKS = {OutcomeCode.COMPLETE, OutcomeCode.SCREENED_OUT, OutcomeCode.OUT_OF_SCOPE}
#: Ends that somebody has come to by themselves, rather than the wave's.
OWN_ENDS = THANKS | {OutcomeCode.REFUSED}


def finish(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """The end. The page that answers holds the copy: afterwards these answers can't be read from here any more."""
    if not tokens.is_good(request, "cookie", sitting.bound_to):
        return refuse(request, may_continue=True)
    revision = request.POST.get(STAMP, "")
    now = clock.now()
    saved = complete_reviewed(
        interview_id=sitting.interview_id,
        revision=int(revision) if revision.isdecimal() and len(revision) < 10 else -1,
        minutes_class=sitting.minutes_class(now),
        today=clock.today(),
        now=now,
    )
    if saved is None:
        return ask_for_link(request)
    if saved.saving is Saving.OVERTAKEN:
        return show_review(saved.interview, sitting, is_changed=True)
    if saved.saving is Saving.SAVED and saved.step is not None:
        return see_other(reverse("page", args=[saved.step.page]))
    pages = summary.summaries(looked_over(saved.step)) if saved.step else []
    return last(saved.interview, sitting, pages)


def last(
    interview: Interview,
    sitting: Sitting,
    pages: list[PageSummary] | None = None,
    *,
    typed: str = "",
    fault: str = "",
    late: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """The last page; with the address that was `typed` to opt in and its `fault`, where it can't be written to.

    `late` are questions and answers that came after the end and weren't saved.
    """
    context = {
        "may_opt_in": may_opt_in(interview),
        "may_have_phrase": may_have_phrase(interview),
        "typed": typed,
        "fault": fault,
        "is_thanked": interview.outcome_code in THANKS,
        "is_refusal": interview.outcome_code == OutcomeCode.REFUSED,
        "token": tokens.make("cookie", sitting.bound_to),
        "has_contact": has_contact(interview),
        "look": look_of(interview.wave),
        "pages": pages,
        "late": late,
    }
    return show("last", context, language=of_name(interview.language), status=409 if late else 200)

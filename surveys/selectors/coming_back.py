"""Who may be asked to come back: by mail, or by a phrase and without any contact."""

from surveys.models import Interview
from surveys.models.interview import InterviewState, OutcomeCode

#: Ends after which somebody may be asked whether we may write when there are new questions.
WELCOME_BACK = {OutcomeCode.COMPLETE, OutcomeCode.PARTIAL, OutcomeCode.SCREENED_OUT}
#: Ends after which nobody is asked to come back.
GONE = {OutcomeCode.REFUSED, OutcomeCode.OUT_OF_SCOPE}


def has_contact(interview: Interview) -> bool:
    """Whether a link by mail leads here, so that somewhere there is an address to write to."""
    return interview.link_hash is not None


def may_opt_in(interview: Interview) -> bool:
    """At the end, whoever came without a link by mail and hasn't said that they want none."""
    return not has_contact(interview) and not interview.wants_no_mail and interview.outcome_code in WELCOME_BACK


def may_have_phrase(interview: Interview) -> bool:
    """At any time whoever came without a link by mail; at the end also who wants no more mail."""
    has_ended = interview.state == InterviewState.ENDED
    is_without_mail = not has_contact(interview) or (has_ended and interview.wants_no_mail)
    return is_without_mail and interview.outcome_code not in GONE

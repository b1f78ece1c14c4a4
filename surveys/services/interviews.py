"""What happens to an interview: it begins, pages are recorded, it ends.

Of anything a respondent does dates are kept, never times. Every function lives with the rights of the public
PostgreSQL role, except `end_of_wave`, which is the worker's.
"""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from outrush_site.routers import ANSWERS
from surveys.instrument import advance, resuming
from surveys.instrument.advance import STAY, Move, Step
from surveys.instrument.evaluation import Program
from surveys.instrument.final import Final, Missing, final_of
from surveys.instrument.languages import language_code
from surveys.models import Interview, Record, RecruitmentLink, Respondent, Wave
from surveys.models.interview import InterviewState, OutcomeCode
from surveys.selectors.interviews import environment_of, interview_by_id, interviews, is_over
from surveys.selectors.page_stamps import (
    Load,
    is_overtaken,
    of_entries_there,
    page_answers,
    read_stamp,
    takes_unseen,
)
from surveys.selectors.programs import program_for
from surveys.services.interview_updates import update_columns

SEEDS = 2**62
#: Answers to an item with `consent` recontact that let us write again. Any other stops mail; no answer changes nothing.
YES = frozenset({"1", "yes", "true", "ok"})
#: Ends after which design and decency forbid another mail, whatever was answered before.
DECLINED = frozenset({OutcomeCode.REFUSED, OutcomeCode.OUT_OF_SCOPE})
WHOLE = 100  # percent
#: AAPOR: a partial interview with sufficient information has half of the applicable items answered.
SUFFICIENT = 0.5
#: What a saved page changes.
KEPT = ["answers", "page", "progress", "language", "saved_on", "revision", "page_saves"]
OUTCOMES = {
    "": OutcomeCode.COMPLETE,
    "refused": OutcomeCode.REFUSED,
    "screened_out": OutcomeCode.SCREENED_OUT,
    "out_of_scope": OutcomeCode.OUT_OF_SCOPE,
}


class Saving(StrEnum):
    """What became of a posted page."""

    SAVED = "saved"
    REVIEW = "review"  # saved, and nothing more to ask: everything may be looked over before the end
    OVERTAKEN = "overtaken"  # not saved: another tab or device has saved other values for what it changes meanwhile
    NO_SUCH_PAGE = "no_such_page"  # not saved: the page isn't in the questionnaire, or no longer on its route
    ENDED = "ended"  # the interview or its wave is over, by this save or before it


@dataclass(frozen=True, slots=True)
class PostedPage:
    """A page as a browser sent it.

    `stamp` is the one it was made with (see page_stamps); `language` switches to another of the questionnaire's, ""
    keeps the present one; `asked` are controls of which the page has said that they were left empty.
    """

    page: str
    values: Mapping[str, Sequence[str]]
    move: Move
    stamp: str
    language: str = ""
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Saved:
    """The interview after a posted page.

    `step` is there for SAVED and REVIEW, and for OVERTAKEN (what the post would have led to).
    """

    saving: Saving
    interview: Interview
    program: Program
    step: Step | None = None


@transaction.atomic(using=ANSWERS)
def begin(*, interview: Interview, language: str, today: date) -> Interview:
    """The respondent takes part, or comes back: an interview not begun is in progress now, in that language."""
    if interview.state == InterviewState.NOT_STARTED:
        started = {"state": InterviewState.IN_PROGRESS, "started_on": today, "language": language}
        Interview.objects.filter(pk=interview.pk, state=InterviewState.NOT_STARTED).update(**started)
    elif interview.state == InterviewState.IN_PROGRESS and interview.language != language:
        Interview.objects.filter(pk=interview.pk).update(language=language)
    interview.refresh_from_db(fields=["state", "language", "started_on"])
    return interview


def begin_open(*, recruitment_link: RecruitmentLink, interview_id: UUID, language: str, today: date) -> Interview:
    """Someone new takes part through an open link. `interview_id` is the visit's own: a double click begins once."""
    existing = interviews().filter(pk=interview_id).first()
    if existing is not None:
        return existing
    wave = recruitment_link.wave
    respondent = Respondent(cohort=wave.slug, source=recruitment_link.source, language=language_code(language))
    interview = Interview(
        pk=interview_id,
        wave=wave,
        respondent=respondent,
        version=wave.version,
        state=InterviewState.IN_PROGRESS,
        language=language,
        seed=secrets.randbelow(SEEDS),
        started_on=today,
    )
    try:
        with transaction.atomic(using=ANSWERS):
            respondent.save(force_insert=True)
            interview.save(force_insert=True)
    except IntegrityError:  # the other click was faster
        return interviews().get(pk=interview_id)
    return interview


@transaction.atomic(using=ANSWERS)
def record_page(
    *, interview_id: UUID, posted: PostedPage, minutes_class: int | None = None, today: date, now: datetime
) -> Saved | None:
    """Save what was posted from a page, under a lock on the interview, and say what comes next.

    None where there is no such interview any more.
    """
    interview = interview_by_id(interview_id, for_update=True)
    if interview is None:
        return None
    program = program_for(interview.version)
    if is_over(interview, now):
        return Saved(Saving.ENDED, interview, program)
    if posted.language in program.instrument.languages:
        interview.language = posted.language
    environment = environment_of(interview, now=now, today=today)
    answers, page = interview.answers, posted.page
    load = read_stamp(posted.stamp, interview.revision)
    # Its post came twice (a double click, a reply that was lost), and one entry is enough.
    is_repeated = posted.move.name == "add" and _has_added(load, page, interview)
    move = STAY if is_repeated else posted.move
    step = advance.advance(
        program, answers, page, posted.values, environment=environment, move=move, asked=posted.asked
    )
    if step.is_astray:
        return Saved(Saving.NO_SUCH_PAGE, interview, program)
    is_changed = page_answers(program, step.answers, page) != page_answers(program, answers, page)
    is_taking = posted.move.name == "remove" and takes_unseen(load, interview.page_saves, step.answers)
    if is_taking or (is_changed and is_overtaken(load, page, interview.page_saves)):
        return Saved(Saving.OVERTAKEN, interview, program, step)
    if step.outcome:
        complete(
            interview=interview,
            answers=step.answers,
            outcome=step.outcome,
            minutes_class=minutes_class,
            today=today,
            now=now,
        )
        return Saved(Saving.ENDED, interview, program, step)
    _keep(interview, step, today)
    if is_changed:
        _note_change(interview, load, posted)
    if posted.move.name == "remove":
        interview.page_saves = of_entries_there(interview.page_saves, interview.answers)
    update_columns(interview, KEPT)
    return Saved(Saving.REVIEW if step.is_over else Saving.SAVED, interview, program, step)


@transaction.atomic(using=ANSWERS)
def complete_reviewed(
    *, interview_id: UUID, revision: int, minutes_class: int | None = None, today: date, now: datetime
) -> Saved | None:
    """End an interview of which the respondent has looked everything over, as it was at that revision.

    SAVED with the page that still lacks something where one does; OVERTAKEN where another page was saved since. None
    where there is no such interview any more.
    """
    interview = interview_by_id(interview_id, for_update=True)
    if interview is None:
        return None
    program = program_for(interview.version)
    if is_over(interview, now):
        return Saved(Saving.ENDED, interview, program)
    if interview.revision != revision:
        return Saved(Saving.OVERTAKEN, interview, program)
    environment = environment_of(interview, now=now, today=today)
    step = advance.finish(program, interview.answers, interview.page, environment=environment)
    if not step.is_over:
        return Saved(Saving.SAVED, interview, program, step)
    complete(interview=interview, answers=step.answers, minutes_class=minutes_class, today=today, now=now)
    return Saved(Saving.ENDED, interview, program, step)


@transaction.atomic(using=ANSWERS)
def complete(
    *,
    interview: Interview,
    answers: Mapping[str, Any],
    outcome: str = "",
    minutes_class: int | None = None,
    today: date,
    now: datetime,
) -> Interview:
    """The interview ends: its answers move into a record, or are dropped where a choice ended it with an `outcome`."""
    program = program_for(interview.version)
    code = OUTCOMES[outcome]
    final = final_of(program, answers, environment=environment_of(interview, now=now, today=today), reached=None)
    interview.saved_on = today
    interview.wants_no_mail = wants_no_mail(program, final, code)
    if code == OutcomeCode.COMPLETE:
        _insert_record(interview, final, code, minutes_class)
    return _end(interview, code, minutes_class)


def wants_no_mail(program: Program, final: Final, code: OutcomeCode) -> bool:
    """Whether whoever ended so is not to be written to again. A stop request is another way, and not seen here."""
    asked = [item.key for item in program.instrument.items() if item.consent == "recontact"]
    answers = [final.values[key] for key in asked if key in final.values]
    is_evaded = any(final.missing.get(key) in {Missing.DONT_KNOW, Missing.REFUSED} for key in asked)
    return code in DECLINED or is_evaded or not all(_is_yes(answer) for answer in answers)


@transaction.atomic(using=ANSWERS)
def end_of_wave(*, wave: Wave, today: date, now: datetime) -> Mapping[OutcomeCode, int]:
    """End every unfinished interview of a wave; returns how many got which code.

    Those with sufficient information become partial records, the others lose their answers.
    """
    ended: Counter[OutcomeCode] = Counter()
    unfinished = Interview.objects.filter(wave=wave).exclude(state=InterviewState.ENDED)
    ended[OutcomeCode.NOT_STARTED] = unfinished.filter(state=InterviewState.NOT_STARTED).update(
        state=InterviewState.ENDED, outcome_code=OutcomeCode.NOT_STARTED, prior={}
    )
    begun = interviews().filter(wave=wave, state=InterviewState.IN_PROGRESS).select_for_update(of=("self",))
    for interview in begun.iterator(chunk_size=500):
        ended[_break_off(interview, today, now)] += 1
    return {code: n for code, n in ended.items() if n}


@transaction.atomic(using=ANSWERS)
def mark_erasure(*, respondent_key: UUID) -> None:
    """Erase all answers of a respondent, until released, that is, and with them their return phrase.

    What is in progress is dropped here and now and ends as a refusal. Records, which the public tier can't read or
    delete, are marked, and the worker deletes them.
    """
    own = Interview.objects.filter(respondent_id=respondent_key)
    own.exclude(state=InterviewState.ENDED).update(
        state=InterviewState.ENDED,
        outcome_code=OutcomeCode.REFUSED,
        wants_no_mail=True,
        answers={},
        prior={},
        page_saves={},
        page="",
    )
    ids = list(own.values_list("pk", flat=True))
    Record.objects.filter(interview_id__in=ids).update(is_erase_marked=True)
    Respondent.objects.filter(pk=respondent_key).update(return_hash=None)


def _break_off(interview: Interview, today: date, now: datetime) -> OutcomeCode:
    """End an interview that its respondent left unfinished; returns the code it got."""
    program = program_for(interview.version)
    environment = environment_of(interview, now=now, today=today)
    furthest = resuming.furthest_page(program, interview.answers, environment=environment, seen=interview.page)
    final = final_of(program, interview.answers, environment=environment, reached=furthest)
    code = _code_of_break_off(program, final)
    if code == OutcomeCode.PARTIAL:
        _insert_record(interview, final, code, None)
    interview.wants_no_mail = wants_no_mail(program, final, code)
    _end(interview, code, None)
    return code


def _code_of_break_off(program: Program, final: Final) -> OutcomeCode:
    if not final.n_answered:
        return OutcomeCode.IMPLICIT_REFUSAL
    agreed = all(_consents(program, final, "take_part"))
    is_sufficient = final.n_answered >= SUFFICIENT * final.n_applicable
    return OutcomeCode.PARTIAL if agreed and is_sufficient else OutcomeCode.BREAK_OFF


def _insert_record(interview: Interview, final: Final, code: OutcomeCode, minutes_class: int | None) -> None:
    Record(
        interview_id=interview.pk,
        wave=interview.wave,
        respondent_id=interview.respondent_id,
        version=interview.version,
        outcome_code=code,
        language=interview.language,
        answers=dict(final.values),
        missing=dict(final.missing),
        prior=interview.prior,
        minutes_class=minutes_class,
    ).save(force_insert=True)


def _end(interview: Interview, code: OutcomeCode, minutes_class: int | None) -> Interview:
    """Nothing of what was answered stays on an interview that has ended."""
    interview.state = InterviewState.ENDED
    interview.outcome_code = code
    interview.answers = {}
    interview.prior = {}
    interview.page_saves = {}
    interview.minutes_class = minutes_class
    interview.revision += 1
    emptied = ["answers", "prior", "page_saves"]
    fields = ["state", "outcome_code", *emptied, "minutes_class", "revision", "saved_on", "language"]
    update_columns(interview, [*fields, "wants_no_mail"])
    return interview


def _is_yes(answer: object) -> bool:
    chosen = answer if isinstance(answer, list) else [answer]
    return {str(one).strip().casefold() for one in chosen} <= YES


def _consents(program: Program, final: Final, consent: str) -> list[str]:
    """Answers to the items that carry this consent, "" where there is none."""
    items = (item for item in program.instrument.items() if item.consent == consent)
    return [str(final.values.get(item.key, "")) for item in items]


def _has_added(load: Load, page: str, interview: Interview) -> bool:
    """Whether this very load of the page has added an entry to a repeat."""
    return bool(interview.page_saves.get(page, [])[1:] == [load.id, "add"])


def _note_change(interview: Interview, load: Load, posted: PostedPage) -> None:
    has_added = posted.move.name == "add" or _has_added(load, posted.page, interview)
    change = [interview.revision, load.id]
    interview.page_saves[posted.page] = [*change, "add"] if has_added else change


def _keep(interview: Interview, step: Step, today: date) -> None:
    interview.answers = dict(step.answers)
    interview.page = step.page
    interview.progress = max(interview.progress, _percent(step))
    interview.saved_on = today
    interview.revision += 1


def _percent(step: Step) -> int:
    """How far a step has led, in percent of the pages to be shown."""
    done, total = step.position
    return WHOLE if step.is_over else WHOLE * done // total

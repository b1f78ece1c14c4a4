"""Invented fieldwork for the example study: interviews of a wave are answered at the engine, without any page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from outrush_site.routers import ANSWERS
from surveys.example.answers import answers_of
from surveys.example.people import Person, make_person
from surveys.instrument.evaluation import Environment, Program
from surveys.instrument.final import final_of
from surveys.instrument.languages import language_code
from surveys.models import Interview, Record, RecruitmentLink, Respondent, Wave
from surveys.models.interview import InterviewState, OutcomeCode
from surveys.refusals import Refused
from surveys.selectors.programs import program_for
from surveys.selectors.waves import waves
from surveys.services.interviews import wants_no_mail

BATCH = 1_000
#: The prior answer that the waves hand on.
PRIOR = ("w2023", "country")


@dataclass
class Cast:
    """The invented people, by the respondent they answer as: the same in every wave."""

    random: Random
    people: dict[UUID, Person] = field(default_factory=dict)

    def person(self, respondent_key: UUID) -> Person:
        if respondent_key not in self.people:
            self.people[respondent_key] = make_person(self.random)
        return self.people[respondent_key]


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many of a wave do what: again, those who answered before; anew, the others with a link; and by open links."""

    again: int
    anew: int
    recruited: int
    unfinished: int  # break off and leave their answers behind


def answer_wave(*, wave: str, turnout: Turnout, cast: Cast, at: datetime) -> int:
    """Answer the interviews of the wave `wave` (a slug) as the turnout says; returns the number of records made.

    Refused in production: these people don't exist.
    """
    if settings.IS_PRODUCTION:
        raise Refused("example.production", "Invented answers never go into a real study.")
    row = waves().get(slug=wave)
    program = program_for(row.version)
    with transaction.atomic(using=ANSWERS):
        chosen, unfinished = _chosen(row, turnout, cast)
        records = [_complete(interview, row, program, cast, at) for interview in chosen]
        for interview in unfinished:
            _leave(interview, row, program, cast)
        _save([*chosen, *unfinished], records)
    return len(records)


def have_not_begun(*, wave: str, respondent_keys: Sequence[UUID]) -> set[UUID]:
    """Those of `respondent_keys` who were invited to the wave and haven't begun to answer."""
    waiting = Interview.objects.filter(
        wave__slug=wave, state=InterviewState.NOT_STARTED, respondent_id__in=respondent_keys
    )
    return set(waiting.values_list("respondent_id", flat=True))


def _chosen(wave: Wave, turnout: Turnout, cast: Cast) -> tuple[list[Interview], list[Interview]]:
    """Whose interviews will be complete, and whose left unfinished."""
    invited = list(Interview.objects.filter(wave=wave, state=InterviewState.NOT_STARTED).order_by("respondent_id"))
    cast.random.shuffle(invited)
    before = set(Record.objects.exclude(wave=wave).values_list("respondent_id", flat=True))
    again = [interview for interview in invited if interview.respondent_id in before]
    anew = [interview for interview in invited if interview.respondent_id not in before]
    chosen = again[: turnout.again] + anew[: turnout.anew] + _recruit(wave, turnout.recruited, cast)
    return chosen, anew[turnout.anew : turnout.anew + turnout.unfinished]


def _recruit(wave: Wave, n: int, cast: Cast) -> list[Interview]:
    """People who come through the wave's open links."""
    sources = list(RecruitmentLink.objects.filter(wave=wave).order_by("source").values_list("source", flat=True))
    languages = program_for(wave.version).instrument.languages
    new = []
    for _ in range(n if sources else 0):
        language = _language(languages, cast.random)
        new.append(Respondent(cohort=wave.slug, source=cast.random.choice(sources), language=language_code(language)))
    Respondent.objects.bulk_create(new, batch_size=BATCH)
    return [
        Interview(wave=wave, respondent=respondent, version=wave.version, seed=cast.random.getrandbits(62))
        for respondent in new
    ]


def _complete(interview: Interview, wave: Wave, program: Program, cast: Cast, at: datetime) -> Record:
    day = _day(wave, cast.random, at.date())
    interview.language = interview.language or _language(program.instrument.languages, cast.random)
    environment = Environment(
        now=datetime.combine(day, at.timetz()),
        today=day,
        seed=interview.seed,
        language=interview.language,
        prior=interview.prior,
    )
    final = final_of(program, _answers(interview, wave, program, cast), environment=environment, reached=None)
    interview.state, interview.outcome_code = InterviewState.ENDED, OutcomeCode.COMPLETE
    interview.wants_no_mail = wants_no_mail(program, final, OutcomeCode.COMPLETE)
    interview.started_on = interview.saved_on = day
    interview.minutes_class = cast.random.choices((1, 2, 3, 4), (20, 62, 12, 6))[0]
    record = Record(
        interview_id=interview.pk,
        wave=wave,
        respondent_id=interview.respondent_id,
        version=wave.version,
        outcome_code=OutcomeCode.COMPLETE,
        language=interview.language,
        answers=final.values,
        missing=final.missing,
        prior=interview.prior,
        minutes_class=interview.minutes_class,
    )
    interview.prior = {}
    return record


def _leave(interview: Interview, wave: Wave, program: Program, cast: Cast) -> None:
    """An interview in progress: answered up to some page, then left."""
    pages = program.instrument.pages
    last = cast.random.randint(2, len(pages) - 2)
    seen = set(_keys_on(program, (page.name for page in pages[:last])))
    answers = _answers(interview, wave, program, cast)
    interview.answers = {key: value for key, value in answers.items() if key in seen}
    interview.state, interview.page = InterviewState.IN_PROGRESS, pages[last].name
    interview.language = interview.language or _language(program.instrument.languages, cast.random)
    interview.started_on = interview.saved_on = _day(wave, cast.random, wave.closes_on)
    interview.revision = last


def _answers(interview: Interview, wave: Wave, program: Program, cast: Cast) -> dict[str, Any]:
    slug, item = PRIOR
    prior_country = str(interview.prior.get(slug, {}).get(item, ""))
    person = cast.person(interview.respondent_id)
    return answers_of(person, wave.slug, program.instrument, prior_country, cast.random)


def _keys_on(program: Program, names: Iterable[str]) -> Iterator[str]:
    """Keys of all that stands on these pages, repeats as a whole."""
    wanted = set(names)
    inside = {path for page in program.instrument.pages if page.name in wanted for path in page.nodes}
    for node in program.instrument.nodes():
        if node.path in inside or node.parent in inside:
            inside.add(node.path)
            yield node.key


def _day(wave: Wave, random: Random, last: date) -> date:
    """Some day of the wave, most near its beginning."""
    days = (min(last, wave.closes_on) - wave.opens_on).days
    return wave.opens_on + timedelta(days=min(int(random.expovariate(0.15)), max(days, 0)))


def _language(languages: Sequence[str], random: Random) -> str:
    """Russian for nearly all, where the workbook has it."""
    russian = [name for name in languages if language_code(name) == "ru"]
    return russian[0] if russian and random.random() < 0.9 else random.choice(languages)


def _save(interviews: Sequence[Interview], records: list[Record]) -> None:
    """Put the changed interviews in anew: much faster than updating a thousand rows, each with values of its own."""
    Interview.objects.filter(pk__in=[interview.pk for interview in interviews]).delete()
    Interview.objects.bulk_create(interviews, batch_size=BATCH)
    Record.objects.bulk_create(records, batch_size=BATCH)

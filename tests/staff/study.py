"""A small study made straight in both databases, with planted secrets that no staff page may show."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

from panel.models import Bridge, Contact, ContactAttempt, ContactPlan, ContactStep, Job, Member
from panel.models.attempt import AttemptState
from panel.models.contact_plan import StepKind
from panel.models.job import JobKind, JobState
from panel.models.member import MemberState
from surveys.instrument.model import Choice, ChoiceList, Disclosure, Group, Instrument, Item, Kind, Page, Preload
from surveys.instrument.problems import Place
from surveys.models import (
    AuditEntry,
    Interview,
    Questionnaire,
    QuestionnaireVersion,
    Record,
    RecruitmentLink,
    Release,
    Respondent,
    Wave,
)
from surveys.models.interview import InterviewState, OutcomeCode
from surveys.models.questionnaire import VersionState

AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
ANSWER = "planted-answer-7f3a"
SEALED = b"planted-ciphertext-91c4"
LINK_HASH = bytes.fromhex("5eed" * 16)
SEED = "planted-seed-b2d8"


@dataclass(frozen=True)
class Study:
    version: QuestionnaireVersion
    draft: QuestionnaireVersion
    wave: Wave
    plan: ContactPlan
    job: Job
    release: Release
    member_id: UUID
    respondent_key: UUID
    interview_id: UUID


def instrument(title: str = "OutRush 2024") -> Instrument:
    country = Item(
        key="country",
        name="country",
        kind=Kind.SELECT_ONE,
        path="/p_place/country",
        parent="/p_place",
        choices="country",
        label={"English (en)": "In which country do you live now?", "Русский (ru)": "В какой стране вы живёте сейчас?"},
        disclosure=Disclosure.QUASI,
        trend="country",
        place=Place("survey", 3),
    )
    story = Item(
        key="story",
        name="story",
        kind=Kind.TEXT,
        path="/p_place/story",
        parent="/p_place",
        label={"English (en)": "Anything else?"},
        relevance="${country} != ''",
        disclosure=Disclosure.OPEN,
        place=Place("survey", 4),
    )
    moved = Item(
        key="moved",
        name="moved",
        kind=Kind.CALCULATE,
        path="/moved",
        calculation="pulldata('w2023', 'country', 'panelist', ${panelist})",
        place=Place("survey", 6),
    )
    page = Group("p_place", "p_place", "/p_place", (country, story), label={"English (en)": "Where you live"})
    return Instrument(
        title=title,
        form_id="outrush",
        version="1",
        languages=("English (en)", "Русский (ru)"),
        default_language="English (en)",
        children=(page, moved),
        choice_lists={"country": ChoiceList("country", (Choice("GEO"), Choice("ARM")))},
        pages=(Page("p_place", ("/p_place",), {"English (en)": "Where you live"}),),
        preloads=(Preload("w2023", "country"),),
    )


def version(questionnaire: Questionnaire, number: int = 1, *, published: bool = True) -> QuestionnaireVersion:
    content = instrument()
    return QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=number,
        state=VersionState.PUBLISHED if published else VersionState.DRAFT,
        title=content.title,
        workbook=b"PK\x03\x04 workbook",
        workbook_sha256=f"{number:064d}",
        content=content.to_json(),
        checksum=content.checksum(),
        findings=[
            {
                "severity": "warning",
                "code": "label.missing",
                "message": "There is no label in Русский (ru).",
                "place": {"sheet": "survey", "row": 4, "column": "label::Русский (ru)"},
                "advice": "Translate it.",
            }
        ],
        n_items=2,
        imported_at=AT,
        published_at=AT if published else None,
        published_by="anna" if published else "",
    )


def interviews(wave: Wave, n: int, state: InterviewState, outcome: str = "") -> None:
    for _ in range(n):
        respondent = Respondent.objects.create(cohort=wave.slug, source="panel")
        Interview.objects.create(
            wave=wave,
            respondent=respondent,
            version=wave.version,
            state=state,
            outcome_code=outcome,
            link_hash=uuid4().bytes + uuid4().bytes,
            seed=1,
            started_on=None if state == InterviewState.NOT_STARTED else date(2024, 3, 2),
        )


def make_study() -> Study:
    """One questionnaire, one open wave with a handful of interviews, a contact plan, a job and a release."""
    questionnaire = Questionnaire.objects.create(slug="w2024", title="OutRush 2024")
    published = version(questionnaire)
    draft = version(questionnaire, 2, published=False)
    wave = Wave.objects.create(
        slug="w2024",
        number=1,
        version=published,
        opens_on=date(2024, 3, 1),
        closes_on=date(2024, 4, 1),
        prior_items=[["w2023", "country"]],
    )
    RecruitmentLink.objects.create(wave=wave, source="telegram", code="abcdefghijklmnopqrstuvwxyz")
    interviews(wave, 12, InterviewState.NOT_STARTED)
    interviews(wave, 1, InterviewState.IN_PROGRESS)
    interviews(wave, 5, InterviewState.ENDED, OutcomeCode.COMPLETE)
    interviews(wave, 1, InterviewState.ENDED, OutcomeCode.BREAK_OFF)
    respondent = Respondent.objects.create(cohort="w2024", source="panel")
    interview = Interview.objects.create(
        wave=wave,
        respondent=respondent,
        version=published,
        state=InterviewState.IN_PROGRESS,
        link_hash=LINK_HASH,
        seed=1,
        answers={"story": ANSWER},
        started_on=date(2024, 3, 2),
    )
    Record.objects.create(
        interview_id=interview.pk,
        wave=wave,
        respondent=respondent,
        version=published,
        outcome_code=OutcomeCode.COMPLETE,
        answers={"story": ANSWER},
        missing={},
    )
    release = Release.objects.create(
        kind="scientific",
        waves=["w2024"],
        recipe={"country": "region"},
        k=5,
        seed=SEED,
        built_at=AT,
        built_by="anna",
        n_rows=120,
        report={"rows": {"kept": 120, "lost": 4}, "steps": [{"item": "country", "recode": "region"}]},
        checksums={"data.csv": "ab" * 32},
    )
    AuditEntry.objects.create(at=AT, by="anna", action="publish_version", subject="w2024@1")
    member = _make_panel()
    plan = _make_plan(member)
    job = Job.objects.create(
        kind=JobKind.OPEN_WAVE,
        arguments={"slug": "w2024", "questionnaire": "w2024@1", "sources": ["telegram"]},
        state=JobState.DONE,
        progress=100,
        counts={"n_interviews": 20},
        asked_by="anna",
        asked_at=AT,
        started_at=AT,
        ended_at=AT,
    )
    return Study(published, draft, wave, plan, job, release, member.pk, respondent.pk, interview.pk)


def _make_panel() -> Member:
    member = Member.objects.create(joined_wave="w2024")
    Contact.objects.create(member=member, sealed=SEALED, blind_index=b"i" * 32, stop_hash=b"s" * 32)
    Bridge.objects.create(member=member, sealed=SEALED)
    for _ in range(3):
        Member.objects.create(state=MemberState.DO_NOT_CONTACT, joined_wave="w2024")
    return member


def _make_plan(member: Member) -> ContactPlan:
    plan = ContactPlan.objects.create(wave="w2024")
    invitation = ContactStep.objects.create(
        plan=plan, number=0, kind=StepKind.INVITATION, on=date(2024, 3, 1), local_time=time(10), n_planned=1
    )
    ContactStep.objects.create(plan=plan, number=1, kind=StepKind.REMINDER, on=date(2024, 3, 8), local_time=time(18))
    ContactAttempt.objects.create(member=member, step=invitation, state=AttemptState.SENT, due_at=AT)
    return plan

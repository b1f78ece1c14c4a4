"""Opening and closing a wave over two databases."""

import io
import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models.expressions import RawSQL

from panel.models import AuditEntry, ContactAttempt, ContactPlan, ContactStep, Member
from panel.services import close_wave as closing
from panel.services import open_wave as opening
from panel.services.close_wave import close_overdue, close_wave, drop_link_keys
from panel.services.keyring import key_folder
from panel.vault.links import hash_link, make_link
from surveys.models import AuditEntry as AnswersAudit
from surveys.models import Interview, QuestionnaireVersion, RecruitmentLink, Respondent, Wave
from surveys.refusals import Refused
from surveys.services.waves import extend_wave
from tests.panel.people import (
    CLOSES,
    INVITED_AT,
    OPENED_AT,
    OPENS,
    REMINDED_AT,
    add,
    add_people,
    address,
    csv_of,
    key_of,
    member_with,
    open_w2023,
    person,
)
from tests.panel.questionnaires import instrument, publish

pytestmark = pytest.mark.usefixtures("w2023")


def everything() -> dict[str, object]:
    """All that opening a wave touches, to see whether it changed."""
    models = [Wave, Interview, Respondent, RecruitmentLink, AnswersAudit]
    ours = [Member, ContactPlan, ContactStep, ContactAttempt, AuditEntry]
    rows = {model._meta.label: sorted(map(repr, model.objects.values_list())) for model in [*models, *ours]}
    keys = {path.name: path.read_text() for path in key_folder().private.rglob("*.key")}
    return {**rows, "keys": keys}


def test_every_active_member_gets_an_interview_and_two_planned_contacts() -> None:
    add_people(30)
    Member.objects.filter(pk__in=Member.objects.values("pk")[:5]).update(state="do_not_contact")
    opened = open_w2023()
    assert (opened.n_members, opened.n_broken) == (25, 0)
    assert [(step.kind, step.on, step.n_planned) for step in opened.steps] == [
        ("invitation", OPENS, 25),
        ("reminder", OPENS + timedelta(days=7), 25),
    ]
    assert Interview.objects.filter(wave__slug="w2023", state="not_started", answers={}).count() == 25
    assert ContactAttempt.objects.filter(state="planned").count() == 50
    assert Member.objects.filter(joined_wave="w2023").count() == 25
    assert not ContactAttempt.objects.filter(member__state="do_not_contact").exists()


def test_interview_and_link_belong_to_the_member_and_only_the_hash_is_stored() -> None:
    add_people(3)
    open_w2023()
    key = key_of(member_with(address(1)))
    letters = make_link(key_folder().link_key("w2023"), "w2023", key, 1)
    interview = Interview.objects.get(link_hash=hash_link(letters))
    assert interview.respondent_id == key
    assert letters not in repr(Interview.objects.filter(pk=interview.pk).values())


def test_a_respondent_row_says_source_language_and_cohort() -> None:
    add(csv_of(["a@planted.example,ru-ru,UTC,GEO,partner-b,", "b@planted.example,kk,UTC,KAZ,,"]))
    open_w2023()
    rows = Respondent.objects.values_list("cohort", "source", "language")
    assert sorted(rows) == [("w2023", "panel", "kk"), ("w2023", "partner-b", "ru-ru")]
    languages = {interview.respondent.language: interview.language for interview in Interview.objects.all()}
    assert languages == {"ru-ru": "Русский (ru)", "kk": ""}


def test_a_later_wave_keeps_the_respondent_and_adds_whoever_is_new() -> None:
    add_people(3)
    open_w2023()
    keys = set(Respondent.objects.values_list("pk", flat=True))
    add_people(5)
    publish("w2024", instrument())
    open_w2023(slug="w2024", questionnaire="w2024")
    assert keys < set(Respondent.objects.values_list("pk", flat=True))
    assert Interview.objects.filter(wave__slug="w2024").count() == 5
    assert sorted(Respondent.objects.values_list("cohort", flat=True)) == ["w2023"] * 3 + ["w2024"] * 2
    assert list(Wave.objects.order_by("number").values_list("slug", "number")) == [("w2023", 1), ("w2024", 2)]
    assert not set(Interview.objects.filter(wave__slug="w2023").values_list("link_hash", flat=True)) & set(
        Interview.objects.filter(wave__slug="w2024").values_list("link_hash", flat=True)
    )


def test_rows_lie_in_an_order_that_joins_nothing() -> None:
    add_people(40)
    open_w2023()
    members = [key_of(member) for member in Member.objects.order_by(RawSQL("ctid", ()))]
    interviews = list(Interview.objects.order_by(RawSQL("ctid", ())).values_list("respondent_id", flat=True))
    respondents = list(Respondent.objects.order_by(RawSQL("ctid", ())).values_list("pk", flat=True))
    attempts = [
        key_of(attempt.member)
        for attempt in ContactAttempt.objects.filter(step__number=0).order_by(RawSQL("panel_contactattempt.ctid", ()))
    ]
    orders = [members, interviews, respondents, attempts]
    assert all(sorted(order) == sorted(members) for order in orders)
    assert len({tuple(order) for order in orders}) == 4


def test_each_is_due_at_the_local_time_of_their_own_zone() -> None:
    zones = {"Asia/Tbilisi": 6, "Europe/Berlin": 9, "America/New_York": 15}  # UTC hours of 10:00 there, in November
    add(csv_of([person(number, timezone=zone) for number, zone in enumerate(zones)]))
    open_w2023()
    for number, hour in enumerate(zones.values()):
        first, second = ContactAttempt.objects.filter(member=member_with(address(number))).order_by("step__number")
        assert first.due_at == INVITED_AT.replace(hour=hour)
        assert second.due_at == REMINDED_AT.replace(hour=hour)


def test_there_is_an_open_link_for_each_source() -> None:
    opened = open_w2023(sources=("telegram", "partner-a"))
    assert [source for source, _ in opened.recruitment] == ["partner-a", "telegram"]
    assert len({code for _, code in opened.recruitment}) == 2
    assert all(len(code) == 26 for _, code in opened.recruitment)


def test_opening_is_audited_on_both_sides_by_counts() -> None:
    add_people(2)
    open_w2023()
    (ours,) = AuditEntry.objects.filter(action="open_wave")
    (theirs,) = AnswersAudit.objects.filter(action="open_wave")
    assert ours.detail == {"version": "w2023@1", "n_members": 2, "n_attempts": 4}
    assert theirs.detail == {"version": "w2023@1", "n_interviews": 2, "sources": ["open"]}


def test_a_second_opening_is_refused_in_one_line_and_changes_nothing() -> None:
    add_people(5)
    open_w2023()
    add_people(8)
    before = everything()
    with pytest.raises(Refused, match=r"Wave w2023 is there already\. Nothing was changed\."):
        open_w2023()
    with pytest.raises(Refused, match="is there already"):
        open_w2023(opens_on=OPENS + timedelta(days=1))
    assert everything() == before


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"slug": "w 2023"}, "slug"),
        ({"slug": "../w"}, "slug"),
        ({"slug": "w" * 51}, "slug"),
        ({"questionnaire": "w1999"}, "There is no published version w1999"),
        ({"questionnaire": "w2023@7"}, "There is no published version w2023@7"),
        ({"questionnaire": "w2023@x"}, "There is no published version w2023@x"),
        ({"questionnaire": "draft@1"}, "draft@1 is not published"),
        ({"questionnaire": "draft"}, "There is no published version draft"),
        ({"closes_on": OPENS - timedelta(days=1)}, "can't close"),
        ({"opens_on": OPENED_AT.date() - timedelta(days=1)}, "can't open in the past"),
        ({"opens_on": date(2020, 1, 1), "closes_on": date(2020, 2, 1)}, "can't open in the past"),
        ({"sources": ("a b",)}, "source"),
        ({"sources": ("panel",)}, "source"),
        ({"sources": ("a", "a")}, "named twice"),
        ({"remind_after": -1}, "reminder"),
        ({"prior": [("w2020", "country")]}, "doesn't ask for the prior answer w2020:country"),
    ],
)
def test_what_cannot_be_opened_is_refused_and_changes_nothing(values: dict[str, object], reason: str) -> None:
    publish("draft", instrument(), is_draft=True)
    add_people(2)
    before = everything()
    with pytest.raises(Refused, match=reason):
        open_w2023(**values)
    assert everything() == before


def test_the_newest_published_version_is_taken_unless_another_is_named() -> None:
    publish("w2023", instrument())
    publish("w2023", instrument(), is_draft=True)
    assert open_w2023().version == "w2023@2"
    assert open_w2023(slug="again", questionnaire="w2023@1").version == "w2023@1"


def test_a_member_whose_seal_is_broken_is_left_out_and_counted() -> None:
    add_people(3)
    broken = Member.objects.first()
    assert broken is not None
    broken.contact.sealed = bytes(broken.contact.sealed)[:-1] + b"x"
    broken.contact.save()
    opened = open_w2023()
    assert (opened.n_members, opened.n_broken) == (2, 1)


def test_an_opening_cut_off_between_the_databases_is_finished_by_the_same_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_people(10)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "_make_plan", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_w2023()
    interviews = set(Interview.objects.values_list("pk", "link_hash"))
    assert len(interviews) == 10
    assert not ContactPlan.objects.exists()
    add_people(12)  # whoever comes meanwhile has no interview and gets no mail
    with pytest.raises(Refused, match="Repeat it as it was: --questionnaire w2023@1 --opens 2026-11-02"):
        open_w2023(closes_on=CLOSES + timedelta(days=1))
    opened = open_w2023()
    assert opened.is_finished
    assert opened.n_members == 10
    assert set(Interview.objects.values_list("pk", "link_hash")) == interviews
    assert ContactAttempt.objects.count() == 20
    with pytest.raises(Refused, match="is there already"):
        open_w2023()


def test_an_opening_that_fails_on_the_answers_side_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    add_people(3)
    before = everything()
    with monkeypatch.context() as patch:
        patch.setattr(AnswersAudit.objects, "create", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_w2023()
    after = everything()
    assert {key: value for key, value in after.items() if key != "keys"} == {
        key: value for key, value in before.items() if key != "keys"
    }
    assert open_w2023().n_members == 3


def test_the_worker_has_the_rights_to_open_send_and_close(as_tier: object) -> None:
    add_people(3)
    with as_tier("worker"):  # type: ignore[operator]
        add_people(5)
        open_w2023()
        close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert Wave.objects.get().closed_on == INVITED_AT.date()


def test_closing_ends_interviews_and_steps_and_a_second_closing_is_refused() -> None:
    add_people(4)
    open_w2023()
    closed = close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert closed.counts["n_not_due"] == 8
    assert set(Interview.objects.values_list("state", "outcome_code")) == {("ended", "3.19")}
    assert set(ContactAttempt.objects.values_list("state", flat=True)) == {"over"}
    with pytest.raises(Refused, match="closed already"):
        close_wave(slug="w2023", by="tests", at=INVITED_AT)
    with pytest.raises(Refused, match="There is no wave w1999"):
        close_wave(slug="w1999", by="tests", at=INVITED_AT)


def test_another_role_than_the_worker_may_neither_open_nor_close(settings: object) -> None:
    open_w2023()
    settings.MAY_UNSEAL = False  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="Only the worker"):
        close_wave(slug="w2023", by="tests", at=INVITED_AT)
    with pytest.raises(Refused, match="Only the worker"):
        open_w2023(slug="other")


def test_a_closing_cut_off_between_the_databases_is_finished_by_the_same_call(monkeypatch: pytest.MonkeyPatch) -> None:
    add_people(2)
    open_w2023()
    with monkeypatch.context() as patch:
        patch.setattr(closing, "_close_plan", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert Wave.objects.get().state == "closed"
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert ContactPlan.objects.get().closed_at == INVITED_AT


def test_a_wave_is_closed_when_its_last_day_and_the_time_of_grace_have_passed() -> None:
    open_w2023()
    last_minute = datetime(2026, 11, 30, 23, 59, tzinfo=OPENED_AT.tzinfo)
    assert close_overdue(now=last_minute) == 0
    assert close_overdue(now=last_minute + timedelta(minutes=119)) == 0
    assert close_overdue(now=last_minute + timedelta(minutes=121)) == 1
    assert Wave.objects.get().closed_on == date(2026, 12, 1)


def test_the_link_key_goes_a_day_after_closing() -> None:
    open_w2023()
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    file = key_folder().private / "links" / "w2023.key"
    assert drop_link_keys(now=INVITED_AT + timedelta(hours=23)) == 0
    assert file.exists()
    assert drop_link_keys(now=INVITED_AT + timedelta(hours=24)) == 1
    assert not file.exists()


def test_an_open_wave_can_be_extended_and_a_closed_one_not() -> None:
    open_w2023()
    wave = Wave.objects.get()
    assert extend_wave(wave=wave, closes_on=date(2026, 12, 24), by="tests", at=INVITED_AT).closes_on.day == 24
    with pytest.raises(Refused, match="can't end before 2026-11-02"):
        extend_wave(wave=wave, closes_on=date(2026, 11, 1), by="tests", at=INVITED_AT)
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    with pytest.raises(Refused, match="closed already"):
        extend_wave(wave=wave, closes_on=date(2026, 12, 31), by="tests", at=INVITED_AT)


def test_the_commands_open_and_close(move_clock: object) -> None:
    move_clock.to(OPENED_AT)  # type: ignore[attr-defined]
    add_people(2)
    shown, told = io.StringIO(), io.StringIO()
    arguments = ["w2023", "--questionnaire", "w2023", "--opens", "2026-11-02", "--closes", "2026-11-30"]
    call_command("open_wave", *arguments, "--invite-at", "18:30", "--sources", "telegram,partner-a", stdout=shown)
    assert "Opened wave w2023 on w2023@1." in shown.getvalue()
    assert "Invitation: 2026-11-02 at 18:30 in each member's zone, 2 planned." in shown.getvalue()
    assert "Open link of the source telegram: http" in shown.getvalue()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("open_wave", *arguments)
    call_command("close_wave", "w2023", "--json", stdout=told)
    assert json.loads(told.getvalue())["slug"] == "w2023"


@pytest.mark.parametrize("wrong", [["--opens", "2.11.2026"], ["--invite-at", "25:00"], ["--prior", "country"]])
def test_the_command_says_what_a_value_must_look_like(wrong: list[str]) -> None:
    arguments = ["w2023", "--questionnaire", "w2023", "--opens", "2026-11-02", "--closes", "2026-11-30", *wrong]
    with pytest.raises(CommandError, match=r"such as|wave:item"):
        call_command("open_wave", *arguments)


def test_local_time_of_the_invitation_can_be_set(panel: Path, w2023: QuestionnaireVersion) -> None:
    add_people(1, timezone="Asia/Kathmandu")
    open_w2023(invite_at=time(9, 0), remind_after=0)
    (attempt,) = ContactAttempt.objects.all()
    assert attempt.due_at == datetime(2026, 11, 2, 3, 15, tzinfo=OPENED_AT.tzinfo)

"""Who declines is written to no more, and the panel's side learns it only when the wave closes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connections

from panel.models import AuditEntry, ContactAttempt, ContactPlan, Member
from panel.services import close_wave as closing
from panel.services.close_wave import close_overdue, close_wave
from panel.services.send_due import send_due
from surveys.models import Interview, Record
from surveys.services.interviews import complete, mark_erasure
from surveys.services.requests import leave_request
from tests.panel.people import (
    CLOSES,
    INVITED_AT,
    OPENS,
    add_people,
    address,
    interview_of,
    key_of,
    member_with,
    open_w2023,
)
from tests.panel.questionnaires import instrument, item, publish
from tests.panel.sink import Sink

pytestmark = pytest.mark.usefixtures("panel")
ACTIVE, STOPPED = "active", "do_not_contact"
AFTER_LAST_DAY = datetime.combine(CLOSES + timedelta(days=2), time(8), tzinfo=UTC)


@pytest.fixture
def _wave(panel: object) -> None:
    asked = replace(item("recontact"), consent="recontact")
    publish("w2023", instrument(item("country"), asked, *(item(f"q{number}") for number in range(8))))
    add_people(5)
    open_w2023()


def answer(number: int, answers: dict[str, str], outcome: str = "") -> None:
    interview = interview_of(address(number))
    complete(interview=interview, answers=answers, outcome=outcome, today=OPENS, now=INVITED_AT)


def states() -> list[str]:
    return [member_with(address(number)).state for number in range(5)]


def panels_side() -> list[object]:
    return [sorted(map(repr, model.objects.values_list())) for model in (Member, ContactAttempt)]


@pytest.mark.usefixtures("_wave")
def test_declining_changes_nothing_on_the_panels_side_until_the_wave_closes(sink: Sink) -> None:
    before = panels_side()
    answer(0, {"country": "GEO", "recontact": "1"})
    answer(1, {"country": "GEO", "recontact": "0"})
    answer(2, {}, outcome="refused")
    answer(3, {}, outcome="out_of_scope")
    assert panels_side() == before
    send_due(now=INVITED_AT)
    assert sink.recipients == {address(4): 1}
    assert states() == [ACTIVE] * 5
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert states() == [ACTIVE, STOPPED, STOPPED, STOPPED, ACTIVE]


@pytest.mark.usefixtures("_wave")
def test_who_declined_is_not_in_the_next_wave() -> None:
    answer(1, {"country": "GEO", "recontact": "0"})
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    publish("w2024", instrument())
    opened = open_w2023(slug="w2024", questionnaire="w2024", opens_on=OPENS, closes_on=CLOSES)
    assert opened.n_members == 4


@pytest.mark.usefixtures("_wave")
@pytest.mark.parametrize(
    ("said", "state"),
    [("1", ACTIVE), ("yes", ACTIVE), ("OK", ACTIVE), ("", ACTIVE), ("0", STOPPED), ("2", STOPPED), ("maybe", STOPPED)],
)
def test_only_an_explicit_yes_or_no_answer_lets_us_write_again(said: str, state: str) -> None:
    answer(0, {"country": "GEO", "recontact": said})
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert states() == [state, *[ACTIVE] * 4]


def leave(number: int, answers: dict[str, str]) -> Interview:
    """Answer some and go away."""
    interview = interview_of(address(number))
    values = {"state": "in_progress", "started_on": OPENS, "page": "p1", "answers": answers}
    Interview.objects.filter(pk=interview.pk).update(**values)
    return interview


@pytest.mark.usefixtures("_wave")
def test_a_no_before_breaking_off_counts_whether_answers_are_kept_or_not() -> None:
    enough = {f"q{number}": "x" for number in range(8)}
    left = [leave(0, {"recontact": "0"}), leave(1, {"recontact": "0", **enough}), leave(2, {"recontact": "1"})]
    left.append(leave(3, {"country": "GEO"}))
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    codes = [Interview.objects.get(pk=interview.pk).outcome_code for interview in left]
    assert codes == ["2.12", "1.2", "2.12", "2.12"]
    assert Record.objects.count() == 1
    assert states() == [STOPPED, STOPPED, ACTIVE, ACTIVE, ACTIVE]


@pytest.mark.usefixtures("_wave")
def test_answers_taken_back_before_the_end_are_a_refusal() -> None:
    mark_erasure(respondent_key=leave(0, {"country": "GEO"}).respondent_id)
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert states() == [STOPPED, *[ACTIVE] * 4]


@pytest.mark.usefixtures("_wave")
def test_a_closing_cut_off_between_the_databases_is_finished_by_a_later_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(0, {}, outcome="refused")
    with monkeypatch.context() as patch:
        patch.setattr(closing, "stop_alike", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            close_overdue(now=AFTER_LAST_DAY)
    assert ContactPlan.objects.get().closed_at is None
    assert states() == [ACTIVE] * 5
    assert close_overdue(now=AFTER_LAST_DAY + timedelta(minutes=1)) == 1
    assert states() == [STOPPED, *[ACTIVE] * 4]
    assert ContactPlan.objects.get().closed_at is not None
    assert close_overdue(now=AFTER_LAST_DAY + timedelta(minutes=2)) == 0
    assert AuditEntry.objects.filter(action="close_wave").count() == 1


@pytest.mark.usefixtures("_wave")
def test_who_asked_for_no_mail_and_who_declined_cannot_be_told_apart_after_closing(sink: Sink) -> None:
    def written_by() -> list[tuple[str, str]]:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT DISTINCT state, xmin::text FROM panel_member WHERE state = %s", [STOPPED])
            return cursor.fetchall()

    answer(0, {}, outcome="refused")
    answer(1, {}, outcome="out_of_scope")
    for number in (2, 3):
        leave_request(kind="stop", respondent_key=key_of(member_with(address(number))))
        send_due(now=INVITED_AT)
    assert len(written_by()) == 2  # until now their rows do tell: each was written by a transaction of its own
    before = set(Member.objects.values_list("pk", "joined_wave"))
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert states() == [STOPPED] * 4 + [ACTIVE]
    assert len(written_by()) == 1
    assert set(Member.objects.values_list("pk", "joined_wave")) == before
    connections["default"].check_constraints()


@pytest.mark.usefixtures("_wave")
def test_rows_of_those_who_get_no_mail_lie_in_a_new_order_after_each_closing() -> None:
    def places() -> list[object]:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT id FROM panel_member WHERE state = %s ORDER BY ctid", [STOPPED])
            return cursor.fetchall()

    add_people(60)
    Member.objects.update(state=STOPPED)
    before = places()
    close_wave(slug="w2023", by="tests", at=INVITED_AT)
    assert len(before) == 60
    assert places() != before

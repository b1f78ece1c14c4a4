"""The end of a step: all its attempts alike, in an order that tells nothing, and only counts left."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models.expressions import RawSQL

from panel.models import ContactAttempt, ContactStep
from panel.services.end_steps import end_steps
from panel.services.send_due import send_due
from panel.tasks import tick
from tests.panel.people import (
    INVITED_AT,
    REMINDED_AT,
    add,
    add_people,
    address,
    csv_of,
    end_interview_of,
    open_w2023,
    person,
)
from tests.panel.sink import Sink

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("w2023")

DAY = timedelta(hours=24)


@pytest.fixture
def sent(sink: Sink) -> Sink:
    """40 members, of whom 15 had answered before the invitation, one address is dead and one mail put off."""
    add_people(40)
    open_w2023()
    for number in range(15):
        end_interview_of(address(number))
    refusals = {address(20): "550 no such user", address(21): "450 not now"}
    sink.on_recipient = refusals.get
    send_due(now=INVITED_AT)
    sink.on_recipient = lambda _: None
    send_due(now=INVITED_AT + timedelta(minutes=30))
    return sink


def test_a_step_ends_a_day_after_it_was_due_and_keeps_its_counts(sent: Sink) -> None:
    assert end_steps(now=INVITED_AT + DAY - timedelta(minutes=1))["n_steps"] == 0
    counts = end_steps(now=INVITED_AT + DAY)
    assert counts == {"n_steps": 1, "n_sent": 24, "n_not_due": 15, "n_unknown": 0, "n_failed": 1}
    step = ContactStep.objects.get(number=0)
    assert (step.n_planned, step.n_sent, step.n_not_due, step.n_failed) == (40, 24, 15, 1)
    assert step.ended_at == INVITED_AT + DAY
    assert end_steps(now=INVITED_AT + DAY)["n_steps"] == 0


def test_afterwards_no_row_tells_who_got_a_mail(sent: Sink) -> None:
    before = set(ContactAttempt.objects.filter(step__number=0).values_list("pk", "member_id"))
    different = ContactAttempt.objects.filter(step__number=0).values_list("state", "claimed_at", "n_tries", "retry_at")
    assert len(set(different)) > 1  # until now they do tell
    end_steps(now=INVITED_AT + DAY)
    assert set(different.all()) == {("over", None, 0, None)}
    assert set(ContactAttempt.objects.filter(step__number=0).values_list("pk", "member_id")) == before


def test_afterwards_no_row_tells_in_which_time_zone_its_member_lives(sink: Sink) -> None:
    zones = ["Asia/Tbilisi", "Europe/Belgrade", "UTC", "America/New_York"]
    add(csv_of([person(number, timezone=zone) for number, zone in enumerate(zones)]))
    open_w2023()
    moments = ContactAttempt.objects.filter(step__number=0).values_list("due_at", flat=True)
    assert len(set(moments)) == len(zones)  # until now they do tell
    latest = max(moments)
    end_steps(now=latest + DAY)
    assert list(moments.all()) == [latest] * len(zones)


def test_rows_lie_in_a_new_order_written_by_one_transaction(sent: Sink) -> None:
    written_by = RawSQL("panel_contactattempt.xmin::text", ())
    rows = ContactAttempt.objects.filter(step__number=0).order_by(RawSQL("panel_contactattempt.ctid", ()))
    before = list(rows.values_list("pk", flat=True))
    assert len(set(rows.annotate(xmin=written_by).values_list("xmin", flat=True))) > 1
    end_steps(now=INVITED_AT + DAY)
    assert list(rows.values_list("pk", flat=True)) != before
    assert len(set(rows.annotate(xmin=written_by).values_list("xmin", flat=True))) == 1


def test_the_reminder_runs_on_while_the_invitation_is_over(sent: Sink) -> None:
    end_steps(now=INVITED_AT + DAY)
    sent.recipients.clear()
    assert send_due(now=REMINDED_AT).n_sent == 24
    assert address(20) not in sent.recipients
    assert address(0) not in sent.recipients


def test_a_step_with_a_mail_in_flight_waits_for_the_sweep(sent: Sink) -> None:
    attempt = ContactAttempt.objects.filter(step__number=0, state="planned").first()
    assert attempt is not None
    over = INVITED_AT + DAY
    ContactAttempt.objects.filter(pk=attempt.pk).update(state="sending", claimed_at=over - timedelta(minutes=1))
    assert end_steps(now=over)["n_steps"] == 0
    send_due(now=over + timedelta(minutes=10))
    assert end_steps(now=over + timedelta(minutes=10))["n_unknown"] == 1


def test_nothing_is_sent_for_a_step_that_is_over(sink: Sink) -> None:
    add_people(3)
    open_w2023()
    end_steps(now=INVITED_AT + DAY)
    assert send_due(now=INVITED_AT + DAY).n_sent == 0
    assert not sink.mails


def test_after_an_outage_of_days_mails_come_late_and_only_then_the_step_ends(
    sink: Sink, move_clock: "Clock", settings: "Settings"
) -> None:
    """The worker was away for two days, and in its first minutes the mail server takes nothing."""
    add_people(3)
    open_w2023()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1  # nobody listens there
    move_clock.to(INVITED_AT + 2 * DAY)
    tick()
    assert ContactStep.objects.get(number=0).ended_at is None
    settings.EMAIL_PORT = port
    tick()
    assert sink.recipients == {address(number): 1 for number in range(3)}
    step = ContactStep.objects.get(number=0)
    assert step.ended_at is not None
    assert (step.n_sent, step.n_not_due) == (3, 0)

"""Who gets a mail, when, and that nobody gets two, whatever breaks."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections

from panel.contactplan.tries import BARRED_FOR
from panel.models import ContactAttempt, ContactPlan, Member
from panel.services import claims
from panel.services import send_due as sending
from panel.services.post import Post
from panel.services.send_due import SendCounts, send_due
from panel.vault.links import hash_link
from surveys.models import Interview, Wave
from surveys.refusals import Refused
from surveys.services.requests import leave_request
from tests.panel.people import (
    INVITED_AT,
    REMINDED_AT,
    add,
    add_people,
    address,
    address_of,
    csv_of,
    end_interview_of,
    interview_of,
    key_of,
    member_with,
    open_w2023,
    person,
)
from tests.panel.questionnaires import instrument, publish
from tests.panel.sink import Sink

pytestmark = pytest.mark.usefixtures("w2023")

MINUTE = timedelta(minutes=1)


def states() -> dict[str, int]:
    return dict(Counter(ContactAttempt.objects.filter(step__number=0).values_list("state", flat=True)))


def everyone(n: int) -> Counter[str]:
    return Counter({address(number): 1 for number in range(n)})


class Killed(BaseException):
    """Stands for kill -9: nothing in the code under test catches it."""


def test_everyone_is_invited_exactly_once(sink: Sink) -> None:
    add_people(250)
    open_w2023()
    assert send_due(now=INVITED_AT - MINUTE).n_sent == 0
    assert send_due(now=INVITED_AT).n_sent == 250
    assert send_due(now=INVITED_AT + MINUTE).n_sent == 0
    assert sink.recipients == everyone(250)
    assert states() == {"sent": 250}


def test_each_link_is_that_of_the_recipients_own_interview(sink: Sink) -> None:
    add_people(5)
    open_w2023()
    send_due(now=INVITED_AT)
    for mail in sink.mails:
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        letters = next(word for word in text.split() if "/w/" in word).rpartition("/")[2]
        assert Interview.objects.get(link_hash=hash_link(letters)).pk == interview_of(mail["To"]).pk


def test_each_is_invited_when_it_is_time_where_they_are(sink: Sink) -> None:
    add(csv_of([person(0, timezone="Asia/Tbilisi"), person(1, timezone="America/New_York")]))
    open_w2023()
    send_due(now=INVITED_AT.replace(hour=6))
    assert list(sink.recipients) == [address(0)]
    send_due(now=INVITED_AT.replace(hour=14, minute=59))
    assert list(sink.recipients) == [address(0)]
    send_due(now=INVITED_AT.replace(hour=15))
    assert list(sink.recipients) == [address(0), address(1)]


def test_a_reminder_goes_only_to_those_who_have_not_completed(sink: Sink) -> None:
    add_people(6)
    open_w2023()
    send_due(now=INVITED_AT)
    sink.recipients.clear()
    end_interview_of(address(0))
    end_interview_of(address(1), "4.1")
    Interview.objects.filter(pk=interview_of(address(2)).pk).update(state="in_progress")
    send_due(now=REMINDED_AT)
    assert sink.recipients == Counter([address(number) for number in (2, 3, 4, 5)])


def test_nothing_on_this_side_changes_for_someone_who_is_no_longer_due(sink: Sink) -> None:
    add_people(3)
    open_w2023()
    end_interview_of(address(1))
    member = member_with(address(1))
    before = sorted(map(repr, ContactAttempt.objects.filter(member=member).values_list()))
    versions = "SELECT xmin, xmax FROM panel_contactattempt WHERE member_id = %s ORDER BY id"
    with connections["default"].cursor() as cursor:
        cursor.execute(versions, [member.pk])
        rows = cursor.fetchall()
        send_due(now=INVITED_AT)
        cursor.execute(versions, [member.pk])
        assert cursor.fetchall() == rows  # not even locked
    assert sorted(map(repr, ContactAttempt.objects.filter(member=member).values_list())) == before
    assert address(1) not in sink.recipients
    assert sink.recipients.total() == 2


@pytest.mark.parametrize("state", ["do_not_contact", "unreachable"])
def test_whoever_may_not_be_written_to_is_not(state: str, sink: Sink) -> None:
    add_people(2)
    open_w2023()
    Member.objects.filter(pk=member_with(address(0)).pk).update(state=state)
    send_due(now=INVITED_AT)
    assert list(sink.recipients) == [address(1)]


def test_a_stop_that_waits_in_the_inbox_is_taken_before_the_claim(sink: Sink) -> None:
    add_people(2)
    open_w2023()
    leave_request(kind="stop", respondent_key=key_of(member_with(address(0))))
    counts = send_due(now=INVITED_AT)
    assert counts.requests.n_stopped == 1
    assert list(sink.recipients) == [address(1)]


def test_a_stop_after_the_claim_still_keeps_the_mail_back(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    add_people(1)
    open_w2023()
    written = sending._written

    def stopped_meanwhile(*arguments: object) -> object:
        Member.objects.update(state="do_not_contact")
        return written(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "_written", stopped_meanwhile)
    assert send_due(now=INVITED_AT).n_sent == 0
    assert not sink.mails


def test_a_paused_plan_and_a_closed_wave_send_nothing(sink: Sink) -> None:
    add_people(1)
    open_w2023()
    ContactPlan.objects.update(is_paused=True)
    assert send_due(now=INVITED_AT).n_sent == 0
    ContactPlan.objects.update(is_paused=False)
    Wave.objects.update(state="closed", closed_on=INVITED_AT.date())
    assert send_due(now=INVITED_AT).n_sent == 0
    assert states() == {"planned": 1}


def test_without_the_link_key_nothing_is_sent_and_the_queue_stays(sink: Sink, panel: object, caplog: object) -> None:
    add_people(1)
    open_w2023()
    (panel / "vault" / "links" / "w2023.key").unlink()  # type: ignore[operator]
    assert send_due(now=INVITED_AT).n_sent == 0
    assert "no mail can be sent for wave w2023" in caplog.text  # type: ignore[attr-defined]
    assert states() == {"planned": 1}


def test_an_address_that_does_not_exist_makes_its_member_unreachable(sink: Sink) -> None:
    add_people(3)
    open_w2023()
    sink.on_recipient = lambda to: "550 5.1.1 no such user" if to == address(1) else None
    counts = send_due(now=INVITED_AT)
    assert (counts.n_sent, counts.n_failed) == (2, 1)
    assert member_with(address(1)).state == "unreachable"
    assert states() == {"sent": 2, "failed": 1}


@pytest.mark.parametrize("refusal", ["552 5.2.2 mailbox full", "550 5.4.1 no route", "501 what"])
def test_a_recipient_refused_for_another_reason_fails_this_mail_and_stays_in_the_panel(
    refusal: str, sink: Sink
) -> None:
    add_people(3)
    open_w2023()
    sink.on_recipient = lambda to: refusal if to == address(1) else None
    counts = send_due(now=INVITED_AT)
    assert (counts.n_sent, counts.n_failed) == (2, 1)
    assert member_with(address(1)).state == "active"


def test_a_server_that_passes_on_nobodys_mail_costs_nobody_a_try_or_their_place(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    add_people(30)
    open_w2023()
    sink.on_recipient = lambda _: "554 5.7.1 Relay access denied"
    for minute in range(5):
        assert send_due(now=INVITED_AT + minute * MINUTE).is_stopped
    assert "refuses by policy" in caplog.text
    assert "SMTPRecipientsRefused 554 5.7.1" in caplog.text
    assert states() == {"planned": 30}
    assert not ContactAttempt.objects.exclude(n_tries=0, claimed_at=None).exists()
    assert not Member.objects.exclude(state="active").exists()
    sink.on_recipient = lambda _: None
    assert send_due(now=INVITED_AT + 30 * MINUTE).n_sent == 30


def test_one_address_barred_for_good_holds_up_no_other(sink: Sink) -> None:
    add_people(30)
    open_w2023()
    barred = {address(number) for number in range(5)}
    sink.on_recipient = lambda to: "550 5.7.1 not from you" if to in barred else None
    for n_runs in range(6):
        send_due(now=INVITED_AT + n_runs * (BARRED_FOR + MINUTE))  # each time all of them are in the queue again
    assert sink.recipients == everyone(30) - Counter(barred)
    assert states() == {"sent": 25, "planned": 5}


@pytest.mark.parametrize("refusal", ["550 5.1.1 no such user", "553 who"])
def test_of_many_dead_addresses_in_a_row_none_is_believed(
    refusal: str, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    add_people(30)
    open_w2023()
    asked: list[str] = []
    sink.on_recipient = lambda to: asked.append(to) or refusal
    counts = send_due(now=INVITED_AT)
    assert (counts.is_stopped, counts.n_failed, len(asked)) == (True, 0, 5)
    assert "5 addresses in a row dead" in caplog.text
    assert states() == {"planned": 30}
    assert not Member.objects.exclude(state="active").exists()
    sink.on_recipient = lambda _: None
    assert send_due(now=INVITED_AT + 30 * MINUTE).n_sent == 30


def test_dead_addresses_between_good_ones_are_believed_however_many_they_are(sink: Sink) -> None:
    add_people(24)
    open_w2023()
    asked: list[str] = []
    sink.on_recipient = lambda to: "550 5.1.1 no such user" if asked.append(to) or len(asked) % 3 else None
    counts = send_due(now=INVITED_AT)
    assert (counts.n_sent, counts.n_failed, counts.is_stopped) == (8, 16, False)
    assert states() == {"sent": 8, "failed": 16}
    assert Member.objects.filter(state="unreachable").count() == 16


@pytest.mark.parametrize("name", ["bridge", "contact"])
def test_with_another_key_in_place_nothing_is_sent_and_nothing_fails(name: str, sink: Sink, panel: Path) -> None:
    add_people(3)
    open_w2023()
    file = panel / "vault" / f"{name}.key"
    right = file.read_text()
    file.write_text("ab" * 32 + "\n")
    with pytest.raises(Refused, match=rf"{name}\.key is not the key"):
        send_due(now=INVITED_AT)
    assert not ContactAttempt.objects.exclude(state__in=["planned", "claimed"]).exists()
    assert not Member.objects.exclude(state="active").exists()
    file.write_text(right)
    send_due(now=INVITED_AT + 11 * MINUTE)
    assert sink.recipients == everyone(3)


def test_a_mail_that_is_refused_for_its_content_leaves_its_member_reachable(sink: Sink) -> None:
    add_people(1)
    open_w2023()
    sink.on_content = lambda _: "554 looks like spam"
    assert send_due(now=INVITED_AT).n_failed == 1
    assert member_with(address(0)).state == "active"
    assert states() == {"failed": 1}


def test_a_greylisted_mail_is_tried_again_later_and_goes_out_once(sink: Sink) -> None:
    add_people(2)
    open_w2023()
    sink.on_recipient = lambda to: "450 4.2.0 greylisted" if to == address(0) else None
    assert send_due(now=INVITED_AT).n_put_off == 1
    sink.on_recipient = lambda _: None
    assert send_due(now=INVITED_AT + MINUTE).n_sent == 0
    assert send_due(now=INVITED_AT + 6 * MINUTE).n_sent == 1
    assert sink.recipients == everyone(2)


def test_after_five_tries_a_mail_has_failed_and_the_others_have_gone_out(sink: Sink) -> None:
    add_people(2)
    open_w2023()
    asked: list[str] = []

    def refuse(to: str) -> str | None:
        asked.append(to)
        return "450 4.2.0 not now" if to == address(0) else None

    sink.on_recipient = refuse
    for hours in range(24):
        send_due(now=INVITED_AT + timedelta(hours=hours, minutes=hours))
    assert Counter(asked) == {address(0): 5, address(1): 1}
    assert states() == {"sent": 1, "failed": 1}


@pytest.mark.parametrize("refusal", ["421 come back later", "550 we don't know you"])
def test_when_the_server_takes_nobodys_mail_the_run_stops_and_nobodys_tries_are_counted(
    refusal: str, sink: Sink
) -> None:
    add_people(5)
    open_w2023()
    asked: list[str] = []
    sink.on_sender = lambda sender: asked.append(sender) or refusal
    counts = send_due(now=INVITED_AT)
    assert counts.is_stopped
    assert len(asked) == 1
    assert states() == {"planned": 5}
    assert not ContactAttempt.objects.exclude(n_tries=0, claimed_at=None).exists()
    sink.on_sender = lambda _: None
    assert send_due(now=INVITED_AT + MINUTE).n_sent == 5
    assert sink.recipients == everyone(5)


def test_a_server_that_is_away_for_hours_loses_nobody(sink: Sink, settings: object, caplog: object) -> None:
    add_people(3)
    open_w2023()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # type: ignore[attr-defined]
    for minute in range(5):
        assert send_due(now=INVITED_AT + minute * MINUTE).is_stopped
    assert states() == {"planned": 3}
    assert "the mail server can't be reached: ConnectionRefusedError" in caplog.text  # type: ignore[attr-defined]
    settings.EMAIL_PORT = port  # type: ignore[attr-defined]
    assert send_due(now=INVITED_AT + timedelta(hours=5)).n_sent == 3


def test_a_connection_lost_before_the_answer_leaves_one_unknown_that_is_never_sent_again(sink: Sink) -> None:
    add_people(4)
    open_w2023()
    once = iter([True])
    sink.hang_up_after = lambda _: next(once, False)
    counts = send_due(now=INVITED_AT)
    assert (counts.n_unknown, counts.n_sent, counts.is_stopped) == (1, 0, True)
    for minute in range(1, 30):
        send_due(now=INVITED_AT + minute * MINUTE)
    assert sink.recipients == everyone(4)
    assert states() == {"unknown": 1, "sent": 3}


def test_a_batch_takes_one_connection(sink: Sink) -> None:
    add_people(20)
    open_w2023()
    send_due(now=INVITED_AT)
    assert sink.n_connections == 1


@pytest.mark.parametrize("place", ["before sending", "while sending", "after sending"])
def test_a_worker_killed_at_any_place_leaves_nobody_with_two(
    place: str, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_people(20)
    open_w2023()
    _run_until_killed(place, after=7, monkeypatch=monkeypatch)
    in_between = states()
    send_due(now=INVITED_AT + MINUTE)  # another worker, at once
    send_due(now=INVITED_AT + 11 * MINUTE)  # and once the dead one's claims have run out
    send_due(now=INVITED_AT + 12 * MINUTE)
    assert max(sink.recipients.values()) == 1
    final = states()
    if place == "before sending":
        assert in_between["claimed"] == 13
        assert final == {"sent": 20}
    else:
        assert in_between["sending"] == 1
        assert final == {"sent": 19, "unknown": 1}
        assert sink.recipients.total() == (20 if place == "after sending" else 19)


def _run_until_killed(place: str, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    count = iter(range(100))

    def kill_late(act: Callable[..., object]) -> Callable[..., object]:
        def maybe(*arguments: object) -> object:
            if next(count) == after:
                raise Killed
            return act(*arguments)

        return maybe

    with monkeypatch.context() as patch:
        if place == "before sending":
            patch.setattr(claims, "begin_sending", kill_late(claims.begin_sending))
        elif place == "while sending":
            patch.setattr(Post, "hand_over", kill_late(Post.hand_over))
        else:
            patch.setattr(claims, "mark_sent", kill_late(claims.mark_sent))
        with pytest.raises(Killed):
            send_due(now=INVITED_AT)


def test_a_worker_that_wakes_up_after_its_claims_ran_out_does_no_harm(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_people(6)
    open_w2023()
    written = sending._written
    others: list[SendCounts] = []

    def slowly(*arguments: object) -> object:
        if not others:  # this one stalls over its first mail, while another worker reclaims and sends everything
            others.append(SendCounts())
            others[0] = send_due(now=INVITED_AT + 11 * MINUTE)
        return written(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "_written", slowly)
    counts = send_due(now=INVITED_AT)
    assert (others[0].n_reclaimed, others[0].n_sent, counts.n_sent) == (6, 6, 0)
    assert sink.recipients == everyone(6)
    assert states() == {"sent": 6}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_everything_once(sink: Sink) -> None:
    add_people(120)
    open_w2023()
    results: list[SendCounts] = []
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        results.append(send_due(now=INVITED_AT))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 3
    assert sum(counts.n_sent for counts in results) == 120
    assert sink.recipients == everyone(120)
    assert states() == {"sent": 120}


@pytest.mark.django_db(transaction=True)
def test_each_state_is_committed_before_the_next_act(sink: Sink) -> None:
    add_people(2)
    open_w2023()
    seen: list[str] = []

    def look(to: str) -> str | None:
        member = next(member for member in Member.objects.all() if address_of(member) == to)
        seen.append(ContactAttempt.objects.get(member=member, step__number=0).state)
        connections.close_all()
        return None

    sink.on_recipient = lambda to: _in_thread(look, to)  # the server's own connection sees only what is committed
    send_due(now=INVITED_AT)
    assert seen == ["sending", "sending"]


def _in_thread(act: Callable[[str], str | None], argument: str) -> str | None:
    answers: list[str | None] = []
    thread = threading.Thread(target=lambda: answers.append(act(argument)))
    thread.start()
    thread.join()
    return answers[0]


def test_one_seal_that_is_broken_and_one_mail_that_cannot_be_written_do_not_stop_the_others(
    sink: Sink, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add_people(5)
    open_w2023()
    broken = [member_with(address(0)).contact, member_with(address(1)).bridge]
    for row in broken:
        row.sealed = bytes(row.sealed)[:-1]
        row.save()
    composed = sending.compose

    def poisoned(letter: object) -> object:
        if letter.address == address(2):  # type: ignore[attr-defined]
            raise ValueError(letter.address)  # type: ignore[attr-defined]
        return composed(letter)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "compose", poisoned)
    counts = send_due(now=INVITED_AT)
    assert (counts.n_sent, counts.n_failed, counts.n_put_off) == (2, 2, 1)
    assert "a mail could not be written: ValueError" in caplog.text
    assert address(2) not in caplog.text


def test_waves_never_touch_each_other(sink: Sink) -> None:
    add_people(3)
    open_w2023()
    publish("w2024", instrument())
    open_w2023(slug="w2024", questionnaire="w2024")
    ContactPlan.objects.filter(wave="w2024").update(is_paused=True)
    end_interview_of(address(0))
    send_due(now=INVITED_AT)
    ContactPlan.objects.filter(wave="w2024").update(is_paused=False)
    assert sink.recipients.total() == 2
    send_due(now=INVITED_AT + MINUTE)
    assert sink.recipients == Counter({address(0): 1, address(1): 2, address(2): 2})

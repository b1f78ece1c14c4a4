"""Opting in: sealed, taken in company, asked once by mail, and a member only after a yes from that mailbox."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from panel.contactplan.tries import MAX_TRIES
from panel.models import Bridge, Confirmation, Contact, Member, SuppressedAddress
from panel.services import claims
from panel.services.close_wave import close_wave
from panel.services.keyring import open_vault
from panel.services.opting_in import MOST_ASKED, forget_unconfirmed
from panel.services.post import Post
from panel.services.send_due import send_due
from panel.services.take_requests import ENOUGH_OPT_INS, RequestCounts, take_requests
from panel.tasks import tick
from panel.vault.seals import unseal_contact
from surveys.models import Interview, Respondent, SealedRequest
from surveys.models.interview import OutcomeCode
from surveys.sealing import ExitMark
from surveys.services.exits import leave
from surveys.services.requests import leave_confirmation, leave_opt_in, leave_request
from tests.panel.people import OPENED_AT, add, add_people, address, address_of, csv_of, key_of, open_w2023
from tests.panel.people import member_with as member_at
from tests.panel.questionnaires import instrument, publish
from tests.panel.sink import Sink

pytestmark = pytest.mark.usefixtures("w2023")

NIGHT = OPENED_AT + timedelta(hours=19)
MINUTE = timedelta(minutes=1)
CONFIRM = re.compile(r"/c/([a-z2-7]{26})\b")
STOP = re.compile(r"/u/([a-z2-7]{26})\b")


def opt_in(email: str, key: UUID | None = None, language: str = "ru", after: ExitMark | None = None) -> UUID:
    """Somebody who came by an open link opts in; their respondent_key."""
    key = key or uuid4()
    Respondent.objects.get_or_create(respondent_key=key, defaults={"cohort": "w2023", "source": "open"})
    ended = Interview(respondent_id=key, outcome_code=OutcomeCode.COMPLETE)
    assert leave_opt_in(interview=ended, email=email, language=language, after=after)
    return key


def take(at: datetime = NIGHT, *, however_few: bool = True) -> RequestCounts:
    return take_requests(vault=open_vault(), at=at, however_few=however_few)


def asked(sink: Sink) -> dict[str, Any]:
    """The mails that ask for a yes, by recipient."""
    return {str(mail["To"]): mail for mail in sink.mails if CONFIRM.search(text_of(mail))}


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def say_yes(sink: Sink, email: str, at: datetime = NIGHT + timedelta(hours=1)) -> RequestCounts:
    leave_confirmation(confirm_token=CONFIRM.search(text_of(asked(sink)[email]))[1])  # type: ignore[index]
    return take(at, however_few=False)


def join(sink: Sink, *emails: str) -> list[UUID]:
    """All of them opt in and say yes."""
    keys = [opt_in(email) for email in emails]
    take()
    send_due(now=NIGHT)
    for email in emails:
        say_yes(sink, email)
    return keys


def states() -> Counter[str]:
    return Counter(Member.objects.values_list("state", flat=True))


def states_of_mails() -> Counter[str]:
    return Counter(Confirmation.objects.values_list("state", flat=True))


def test_fewer_than_ten_wait_for_company_or_for_the_night() -> None:
    for number in range(ENOUGH_OPT_INS - 1):
        opt_in(address(number))
    for _ in range(3):
        assert take(however_few=False) == RequestCounts(n_waiting=ENOUGH_OPT_INS - 1)
    assert not Member.objects.exists()
    opt_in(address(ENOUGH_OPT_INS))
    assert take(however_few=False) == RequestCounts(n_asked=ENOUGH_OPT_INS)
    assert not SealedRequest.objects.exists()


def test_the_night_takes_them_however_few_and_the_worker_asks_them(sink: Sink, move_clock: Any) -> None:
    opt_in("anna@planted.example")
    move_clock.to(OPENED_AT.replace(hour=4))
    tick()  # of the last night
    opt_in("boris@planted.example")
    for hour in (5, 23):
        move_clock.to(OPENED_AT.replace(hour=hour))
        tick()
    assert set(asked(sink)) == {"anna@planted.example"}
    move_clock.to(OPENED_AT.replace(hour=3, minute=1) + timedelta(days=1))
    tick()
    tick()
    assert sink.recipients == {"anna@planted.example": 1, "boris@planted.example": 1}


def test_they_are_stored_in_an_order_that_tells_nothing() -> None:
    numbers = list(range(40))
    for number in numbers:
        opt_in(address(number))
    take()
    vault = open_vault()
    rows = Contact.objects.raw("SELECT * FROM panel_contact ORDER BY ctid")
    stored = [unseal_contact(vault.contact, row.pk, bytes(row.sealed)).email for row in rows]
    assert sorted(stored) == [address(number) for number in numbers]
    assert stored != [address(number) for number in numbers]


def test_what_was_entered_is_sealed_with_the_key_of_the_one_who_entered_it() -> None:
    key = opt_in("anna@planted.example", language="ru")
    take()
    (member,) = Member.objects.all()
    details = unseal_contact(open_vault().contact, member.pk, bytes(Contact.objects.get().sealed))
    assert (details.email, details.language, details.timezone) == ("anna@planted.example", "ru", "UTC")
    assert (details.country, details.source, details.external_id) == ("", "", "")
    assert key_of(member) == key
    assert member.state == "unconfirmed"


def test_the_mail_asks_in_their_language_and_can_be_stopped_with_one_click(sink: Sink) -> None:
    opt_in("anna@planted.example", language="ru")
    take()
    assert send_due(now=NIGHT).n_sent == 1
    (mail,) = sink.mails
    text = text_of(mail)
    assert "Подтвердите" in str(mail["Subject"])
    assert len(CONFIRM.findall(text)) == 1
    assert "/w/" not in text
    stop = STOP.search(text)
    assert stop
    assert mail["List-Unsubscribe"].strip() == f"<http://127.0.0.1:8000{stop[0]}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_who_says_yes_is_invited_to_the_next_wave_under_the_same_key(sink: Sink) -> None:
    open_w2023()
    (key,) = join(sink, "anna@planted.example")
    assert states() == {"active": 1}
    assert not Confirmation.objects.exists()
    close_wave(slug="w2023", by="tests", at=NIGHT)
    publish("w2024", instrument())
    days = {"opens_on": date(2026, 12, 1), "closes_on": date(2026, 12, 20)}
    assert open_w2023(slug="w2024", questionnaire="w2024", **days).n_members == 1
    interview = Interview.objects.get(wave__slug="w2024")
    assert interview.respondent_id == key
    assert interview.link_hash is not None
    send_due(now=datetime(2026, 12, 1, 10, 30, tzinfo=NIGHT.tzinfo))
    assert sink.recipients["anna@planted.example"] == 2
    assert "/w/" in text_of(sink.mails[-1])


def test_who_says_nothing_is_invited_to_nothing_and_forgotten_in_time(sink: Sink, settings: Any) -> None:
    settings.CONFIRM_DAYS = 14
    opt_in("anna@planted.example")
    take()
    send_due(now=NIGHT)
    assert open_w2023().n_members == 0
    assert forget_unconfirmed(at=NIGHT + timedelta(days=14)) == 0
    assert forget_unconfirmed(at=NIGHT + timedelta(days=15)) == 1
    for model in (Member, Contact, Bridge, Confirmation, SuppressedAddress):
        assert not model._default_manager.exists()
    assert say_yes(sink, "anna@planted.example", NIGHT + timedelta(days=15)) == RequestCounts()
    assert not Member.objects.exists()
    opt_in("anna@planted.example")
    assert take().n_asked == 1  # who was slow may try again


def test_a_yes_said_twice_or_made_up_changes_nothing(sink: Sink) -> None:
    join(sink, "anna@planted.example")
    assert say_yes(sink, "anna@planted.example") == RequestCounts()
    leave_confirmation(confirm_token="a" * 26)
    assert take() == RequestCounts()
    assert states() == {"active": 1}


def test_the_letters_of_a_stop_link_confirm_nothing_and_the_other_way_round(sink: Sink) -> None:
    opt_in("anna@planted.example")
    take()
    send_due(now=NIGHT)
    text = text_of(sink.mails[0])
    stop, confirm = STOP.search(text)[1], CONFIRM.search(text)[1]  # type: ignore[index]
    leave_confirmation(confirm_token=stop)
    leave_request(kind="stop", stop_token=confirm)
    assert take() == RequestCounts(n_unmatched=1)
    assert states() == {"unconfirmed": 1}


@pytest.mark.parametrize("spelling", ["anna@planted.example", "ANNA@Planted.EXAMPLE"])
def test_an_address_of_the_panel_gets_no_second_membership_and_no_mail(spelling: str, sink: Sink) -> None:
    add(csv_of(["anna@planted.example,en,UTC,,,"]))
    opt_in(spelling)
    assert take() == RequestCounts()
    send_due(now=NIGHT)
    assert not sink.mails
    assert states() == {"active": 1}


def test_an_address_that_was_erased_or_stopped_stays_out_whoever_enters_it(sink: Sink) -> None:
    add_people(2)
    erased, stopped = (key_of(member_at(address(number))) for number in (0, 1))
    leave_request(kind="erase", respondent_key=erased)
    leave_request(kind="stop", respondent_key=stopped)
    take()
    for number in (0, 1):
        opt_in(address(number))
    assert take() == RequestCounts()
    send_due(now=NIGHT)
    assert not sink.mails
    assert states() == {"do_not_contact": 1}


def test_a_stranger_who_stops_is_forgotten_and_never_asked_again(sink: Sink) -> None:
    opt_in("stranger@planted.example")
    take()
    send_due(now=NIGHT)
    leave_request(kind="stop", stop_token=STOP.search(text_of(sink.mails[0]))[1])  # type: ignore[index]
    assert take().n_erased == 1
    assert not Contact.objects.exists()
    assert SuppressedAddress.objects.count() == 1
    opt_in("stranger@planted.example")
    take()
    send_due(now=NIGHT + timedelta(days=1))
    assert sink.recipients == {"stranger@planted.example": 1}


@pytest.mark.parametrize("kind", ["stop", "erase_contact", "erase"])
def test_nobody_can_shut_out_an_address_by_entering_it_and_leaving(kind: Any, sink: Sink) -> None:
    key = opt_in("anna@planted.example")
    take()
    leave_request(kind=kind, respondent_key=key)
    assert take().n_erased == 1
    assert not SuppressedAddress.objects.exists()
    opt_in("anna@planted.example")
    assert take().n_asked == 1


@pytest.mark.parametrize("kind", ["stop", "erase_contact", "erase"])
def test_nobody_who_entered_an_address_can_undo_what_was_asked_from_that_mailbox(kind: Any, sink: Sink) -> None:
    key = opt_in("stranger@planted.example")
    take()
    send_due(now=NIGHT)
    leave_request(kind="stop", stop_token=STOP.search(text_of(sink.mails[0]))[1])  # type: ignore[index]
    leave_request(kind=kind, respondent_key=key)
    assert take().n_erased == 1
    assert SuppressedAddress.objects.count() == 1


@pytest.mark.parametrize("kind", ["stop", "erase_contact", "erase"])
def test_who_leaves_while_the_wish_waits_does_not_come_in_later(kind: Any, sink: Sink) -> None:
    key = opt_in("anna@planted.example")
    opt_in("boris@planted.example")
    leave_request(kind=kind, respondent_key=key)
    assert take(however_few=False) == RequestCounts(n_withdrawn=1, n_unmatched=1, n_waiting=1)
    assert take().n_asked == 1
    assert address_of(Member.objects.get()) == "boris@planted.example"


@pytest.mark.parametrize("kind", ["stop", "erase_contact"])
def test_an_address_entered_after_an_exit_is_asked_even_where_both_wait(kind: Any, sink: Sink) -> None:
    key = opt_in("ana@planted.example")
    mark = leave(kind=kind, respondent_key=key)
    opt_in("anna@planted.example", key, after=mark)
    assert take() == RequestCounts(n_withdrawn=1, n_unmatched=1, n_asked=1)
    assert address_of(Member.objects.get()) == "anna@planted.example"


def test_a_later_exit_takes_along_what_was_entered_after_an_earlier_one(sink: Sink) -> None:
    key = opt_in("ana@planted.example")
    first = leave(kind="erase_contact", respondent_key=key)
    opt_in("anna@planted.example", key, after=first)
    second = leave(kind="erase_contact", respondent_key=key, before=first)
    opt_in("anne@planted.example", key, after=second)
    assert take() == RequestCounts(n_withdrawn=2, n_unmatched=2, n_asked=1)
    assert address_of(Member.objects.get()) == "anne@planted.example"


def test_an_exit_from_elsewhere_takes_along_every_address(sink: Sink) -> None:
    key = uuid4()
    mark = leave(kind="erase_contact", respondent_key=key)
    opt_in("anna@planted.example", key, after=mark)
    leave(kind="erase", respondent_key=key)
    assert take() == RequestCounts(n_withdrawn=1, n_unmatched=2)


def test_after_a_slip_another_address_may_be_entered_and_the_confirmed_one_counts(sink: Sink) -> None:
    key = opt_in("ana@planted.example")
    opt_in("anna@planted.example", key)
    assert take().n_asked == 2
    send_due(now=NIGHT)
    assert say_yes(sink, "anna@planted.example").n_confirmed == 1
    assert [address_of(member) for member in Member.objects.all()] == ["anna@planted.example"]
    assert say_yes(sink, "ana@planted.example") == RequestCounts()
    assert states() == {"active": 1}


def test_two_addresses_confirmed_at_once_are_one_member(sink: Sink) -> None:
    key = opt_in("one@planted.example")
    opt_in("two@planted.example", key)
    take()
    send_due(now=NIGHT)
    for email in ("one@planted.example", "two@planted.example"):
        leave_confirmation(confirm_token=CONFIRM.search(text_of(asked(sink)[email]))[1])  # type: ignore[index]
    take()
    assert states() == {"active": 1}
    assert open_w2023().n_members == 1


def test_one_respondent_cannot_have_us_write_to_many_strangers(sink: Sink) -> None:
    key = uuid4()
    for number in range(50):
        opt_in(address(number), key)
    for _ in range(3):
        take()
        opt_in(address(77), key)
    send_due(now=NIGHT)
    assert len(sink.mails) == MOST_ASKED


def test_who_gets_our_mail_already_cannot_turn_it_to_another_address(sink: Sink) -> None:
    (key,) = join(sink, "anna@planted.example")
    opt_in("other@planted.example", key)
    assert take() == RequestCounts()
    assert address_of(Member.objects.get()) == "anna@planted.example"


def test_who_had_stopped_mail_and_wants_it_again_gives_another_address(sink: Sink) -> None:
    (key,) = join(sink, "anna@planted.example")
    leave_request(kind="stop", respondent_key=key)
    take()
    opt_in("new@planted.example", key)
    take()
    send_due(now=NIGHT + timedelta(days=1))
    say_yes(sink, "new@planted.example")
    assert [(address_of(member), member.state) for member in Member.objects.all()] == [
        ("new@planted.example", "active")
    ]
    opt_in("anna@planted.example")
    assert take() == RequestCounts()  # the old one keeps its promise


def test_a_taken_over_public_process_brings_in_nothing_that_is_no_address(sink: Sink) -> None:
    for email in ("", "anna", "a@b.de\nBcc: x@y.de", "a@b.de,c@d.de", "a" * 300 + "@b.de"):
        opt_in(email[:300])
    opt_in("anna@planted.example", language="ru\nX: y")
    assert take() == RequestCounts()
    assert not Member.objects.exists()
    assert not SealedRequest.objects.exists()


def test_with_another_key_in_place_wishes_stay_until_the_right_one_is_back(panel: Any) -> None:
    opt_in("anna@planted.example")
    file = panel / "vault" / "request.key"
    right = file.read_text()
    file.write_text("ab" * 32 + "\n")
    assert take() == RequestCounts(n_left=1)
    file.write_text(right)
    assert take() == RequestCounts(n_asked=1)


def test_taking_that_is_cut_off_is_done_again_without_harm(monkeypatch: pytest.MonkeyPatch, sink: Sink) -> None:
    from panel.services import take_requests as module  # noqa: PLC0415

    opt_in("anna@planted.example")
    with monkeypatch.context() as patch:
        patch.setattr(module, "remove_requests", lambda *, ids: len(ids) and 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take()
    take()
    send_due(now=NIGHT)
    assert sink.recipients == {"anna@planted.example": 1}


def test_wishes_have_one_size_however_long_the_address() -> None:
    for email in ("a@b.de", "a" * 64 + "@" + "b" * 60 + ".example.org"):
        opt_in(email)
    assert len({len(body) for body in SealedRequest.objects.values_list("body", flat=True)}) == 1


class KilledError(BaseException):
    """Stands for kill -9: nothing in the code under test catches it."""


@pytest.mark.parametrize("place", ["before sending", "while sending", "after sending"])
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_place_asks_nobody_twice(
    place: str, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    emails = [address(number) for number in range(12)]
    for email in emails:
        opt_in(email)
    take()
    acts: dict[str, tuple[Any, str]] = {
        "before sending": (claims, "begin_sending"),
        "while sending": (Post, "hand_over"),
        "after sending": (claims, "mark_sent"),
    }
    owner, name = acts[place]
    real, done = getattr(owner, name), iter(range(100))

    def killed_at_the_fifth(*arguments: object) -> object:
        if next(done) == 4:
            raise KilledError
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed_at_the_fifth)
        with pytest.raises(KilledError):
            send_due(now=NIGHT)
    for minute in (1, 11, 12):
        send_due(now=NIGHT + minute * MINUTE)
    assert max(sink.recipients.values()) == 1
    expected = {"sent": 12} if place == "before sending" else {"sent": 11, "unknown": 1}
    assert states_of_mails() == expected


def test_an_address_that_does_not_exist_is_asked_once_and_forgotten(sink: Sink) -> None:
    opt_in("nobody@planted.example")
    take()
    sink.on_recipient = lambda _: "550 5.1.1 no such user"
    assert send_due(now=NIGHT).n_failed == 1
    sink.on_recipient = lambda _: None
    send_due(now=NIGHT + timedelta(days=1))
    assert not sink.mails
    assert states() == {"unconfirmed": 1}


def test_dead_addresses_that_strangers_typed_are_tried_once_however_many_they_are(sink: Sink) -> None:
    for number in range(12):
        opt_in(address(number))
    take()
    tried: list[str] = []
    sink.on_recipient = lambda to: tried.append(to) or "550 5.1.1 no such user"
    assert send_due(now=NIGHT).n_failed == 12
    for hour in range(1, 6):
        send_due(now=NIGHT + timedelta(hours=hour))
    assert sorted(tried) == sorted(address(number) for number in range(12))


def test_an_address_refused_by_policy_is_asked_five_times_at_most_and_holds_up_no_other(sink: Sink) -> None:
    opt_in("barred@planted.example")
    opt_in("anna@planted.example")
    take()
    tried: list[str] = []
    sink.on_recipient = lambda to: (tried.append(to) or "550 5.7.1 not you") if "barred" in to else None
    for hour in range(0, 60, 5):
        send_due(now=NIGHT + timedelta(hours=hour))
    assert len(tried) == MAX_TRIES
    assert states_of_mails() == {"failed": 1, "sent": 1}


def test_no_more_than_so_many_are_asked_a_day_and_the_others_the_day_after(sink: Sink, settings: Any) -> None:
    settings.CONFIRM_MAILS = 5
    for number in range(8):
        opt_in(address(number))
    take()
    for minute in range(3):
        send_due(now=NIGHT + minute * MINUTE)
    assert len(sink.mails) == 5
    for minute in range(3):
        send_due(now=NIGHT + timedelta(days=1) + minute * MINUTE)
    assert sink.recipients == {address(number): 1 for number in range(8)}


def test_leaving_and_entering_an_address_again_does_not_raise_the_ceiling(sink: Sink, settings: Any) -> None:
    settings.CONFIRM_MAILS = 5
    for number in range(8):
        key = opt_in("stranger@planted.example")
        take()
        send_due(now=NIGHT + number * MINUTE)
        leave_request(kind="erase", respondent_key=key)
        take()
    assert sink.recipients == {"stranger@planted.example": 5}


def test_who_is_asked_and_leaves_before_the_mail_goes_out_gets_none(sink: Sink) -> None:
    key = opt_in("anna@planted.example")
    take()
    leave_request(kind="erase_contact", respondent_key=key)
    send_due(now=NIGHT)
    assert not sink.mails
    assert not Member.objects.exists()

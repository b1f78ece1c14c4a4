"""Stop and erase: taken from the inbox, done, and gone."""

import secrets
from pathlib import Path

import pytest

from panel.models import Bridge, Contact, ContactAttempt, Member, SuppressedAddress
from panel.services.keyring import open_vault
from panel.services.send_due import send_due
from panel.services.take_requests import RequestCounts, take_requests
from panel.vault.blind_index import blind_index
from panel.vault.links import make_stop_link
from surveys.models import Interview, Respondent, SealedRequest
from surveys.refusals import Refused
from surveys.sealing import REQUEST_INFO, REQUEST_SIZES, read_public_key, seal
from surveys.services.requests import leave_request
from tests.panel.people import OPENED_AT, add_people, address, address_of, key_of, member_with, open_w2023
from tests.panel.sink import Sink

pytestmark = pytest.mark.usefixtures("w2023")


def take() -> RequestCounts:
    return take_requests(vault=open_vault(), at=OPENED_AT)


def stop_link_of(member: Member) -> str:
    return make_stop_link(open_vault().stop, member.pk)


def test_a_stop_by_link_ends_all_mail_and_keeps_the_contact() -> None:
    add_people(3)
    leave_request(kind="stop", stop_token=stop_link_of(member_with(address(1))))
    assert take() == RequestCounts(n_stopped=1)
    assert member_with(address(1)).state == "do_not_contact"
    assert Contact.objects.count() == 3
    assert Member.objects.filter(state="active").count() == 2


def test_a_stop_by_respondent_key_finds_the_member_through_the_bridges() -> None:
    add_people(3)
    leave_request(kind="stop", respondent_key=key_of(member_with(address(2))))
    assert take() == RequestCounts(n_stopped=1)
    assert member_with(address(2)).state == "do_not_contact"


def test_an_erasure_removes_everything_on_this_side_and_nothing_on_the_other() -> None:
    add_people(3)
    open_w2023()
    member = member_with(address(1))
    key = key_of(member)
    leave_request(kind="erase", respondent_key=key)
    assert take() == RequestCounts(n_erased=1)
    for model in (Contact, Bridge, ContactAttempt):
        assert not model.objects.filter(member_id=member.pk).exists()  # type: ignore[attr-defined]
    assert not Member.objects.filter(pk=member.pk).exists()
    assert Respondent.objects.filter(pk=key).exists()
    assert Interview.objects.filter(respondent_id=key).exists()


def test_whoever_was_erased_is_not_added_again_and_no_import_tells_them_from_members() -> None:
    add_people(3)
    for number in (0, 2):
        leave_request(kind="erase", respondent_key=key_of(member_with(address(number))))
    take()
    report = add_people(4)
    assert (report.n_added, report.n_in_panel, report.refused, report.duplicates) == (1, 3, (), ())
    assert sorted(address_of(member) for member in Member.objects.all()) == [address(1), address(3)]
    assert SuppressedAddress.objects.count() == 2
    leave_request(kind="erase", respondent_key=key_of(member_with(address(3))))
    assert take().n_erased == 1
    assert add_people(4).n_added == 0


def test_of_an_erased_address_only_its_keyed_digest_stays() -> None:
    add_people(1)
    leave_request(kind="erase", respondent_key=key_of(member_with(address(0))))
    take()
    assert list(SuppressedAddress.objects.values()) == [{"blind_index": blind_index(open_vault().index, address(0))}]


def test_with_another_key_in_place_requests_stay_until_the_right_one_is_back(
    panel: Path, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    add_people(3)
    open_w2023()
    for number in (0, 1):
        leave_request(kind="erase", respondent_key=key_of(member_with(address(number))))
    SealedRequest.objects.create(body=b"garbage")
    file = panel / "vault" / "request.key"
    right = file.read_text()
    file.write_text("ab" * 32 + "\n")
    assert take() == RequestCounts(n_dropped=1, n_left=2)
    assert SealedRequest.objects.count() == 2
    assert send_due(now=OPENED_AT).requests == RequestCounts(n_left=2)
    assert [record.getMessage() for record in caplog.records] == [
        "2 requests stay in the inbox: request.key is not the key they were sealed to"
    ]
    file.write_text(right)
    assert take() == RequestCounts(n_erased=2)
    assert not SealedRequest.objects.exists()


def test_with_another_bridge_key_in_place_no_request_is_lost(panel: Path) -> None:
    add_people(1)
    leave_request(kind="stop", respondent_key=key_of(member_with(address(0))))
    file = panel / "vault" / "bridge.key"
    right = file.read_text()
    file.write_text("ab" * 32 + "\n")
    with pytest.raises(Refused, match=r"bridge\.key is not the key"):
        take()
    file.write_text(right)
    assert take() == RequestCounts(n_stopped=1)


def test_whoever_wants_no_mail_is_not_added_again_by_the_same_file() -> None:
    add_people(1)
    leave_request(kind="stop", respondent_key=key_of(member_with(address(0))))
    take()
    assert add_people(1).n_added == 0
    assert member_with(address(0)).state == "do_not_contact"


def test_stop_and_erase_of_one_person_together_erase() -> None:
    add_people(1)
    member = member_with(address(0))
    leave_request(kind="stop", stop_token=stop_link_of(member))
    leave_request(kind="erase", respondent_key=key_of(member))
    assert take() == RequestCounts(n_erased=1)
    assert not Member.objects.exists()


def test_the_inbox_is_empty_afterwards_and_repeating_does_nothing() -> None:
    add_people(1)
    token = stop_link_of(member_with(address(0)))
    for _ in range(3):
        leave_request(kind="stop", stop_token=token)
    assert take().n_stopped == 1
    assert not SealedRequest.objects.exists()
    leave_request(kind="stop", stop_token=token)
    assert take() == RequestCounts()


def test_a_request_cut_off_before_it_left_the_inbox_is_done_again_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    from panel.services import take_requests as module  # noqa: PLC0415

    add_people(2)
    leave_request(kind="erase", respondent_key=key_of(member_with(address(0))))
    with monkeypatch.context() as patch:
        patch.setattr(module, "remove_requests", lambda *, ids: len(ids) and 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take()
    assert SealedRequest.objects.count() == 1
    assert take() == RequestCounts(n_unmatched=1)
    assert Member.objects.count() == 1


def test_requests_that_match_nobody_or_say_nothing_are_dropped_and_counted(panel: object) -> None:
    add_people(1)
    public_key = read_public_key(panel / "public" / "request.pub")  # type: ignore[operator]
    leave_request(kind="stop", stop_token="a" * 26)
    bodies = [b"", b"garbage" * 30, b"\x00" + secrets.token_bytes(300)]
    bodies += [
        seal(public_key, document, info=REQUEST_INFO, pad_to=REQUEST_SIZES)
        for document in (b"", b"[]", b"{}", b'{"kind": "promote"}', b'{"kind": "stop", "respondent_key": "x"}', b"\xff")
    ]
    good = SealedRequest.objects.get()
    bodies.append(bytes(good.body)[:-1])
    for body in bodies:
        SealedRequest.objects.create(body=body)
    assert take() == RequestCounts(n_unmatched=1, n_dropped=len(bodies))
    assert not SealedRequest.objects.exists()
    assert Member.objects.get().state == "active"


def test_requests_of_all_kinds_have_one_size() -> None:
    add_people(1)
    member = member_with(address(0))
    leave_request(kind="stop", stop_token=stop_link_of(member))
    leave_request(kind="stop", respondent_key=key_of(member))
    leave_request(kind="erase", respondent_key=key_of(member))
    assert len({len(body) for body in SealedRequest.objects.values_list("body", flat=True)}) == 1

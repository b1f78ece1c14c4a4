"""Opting in on the last page: the address is sealed at once, and nobody learns from a page who is in the panel."""

from collections.abc import Callable
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connections

from outrush_site import clock
from panel.vault.seals import Request
from surveys.models import Interview, RecruitmentLink, SealedRequest
from surveys.respondent import limits
from surveys.respondent.limits import Limiter
from surveys.services import exits
from surveys.services.interviews import complete
from surveys.services.requests import leave_opt_in
from surveys.services.returning import give_phrase
from tests.byte_sweep import Straw, of_database, of_folder, sweep
from tests.respondent.browsing import Shown, Visitor
from tests.respondent.conftest import CODE, LINK, rows
from tests.respondent.test_answering import WALK, walk

Inbox = Callable[[], list[Request]]
ADDRESS = "anna@canary-5e1d.example"


@pytest.fixture
def newcomer(open_link: RecruitmentLink, visitor: Callable[..., Visitor], key_folder: Any) -> Visitor:
    """Somebody who came by an open link, said that we may write, and is on the last page."""
    return at_the_end(visitor())


def at_the_end(someone: Visitor, recontact: str = "1") -> Visitor:
    """Through an open link to the last page, with all the pages between them saved at once."""
    someone.get(f"/r/{CODE}")
    someone.post(f"/r/{CODE}", someone.page.form().values)
    interview = Interview.objects.get(state="in_progress")
    complete(
        interview=interview, answers={"consent": "1", "recontact": recontact}, today=clock.today(), now=clock.now()
    )
    assert someone.get("/i/").path == "/i/done/"
    return someone


def enter(someone: Visitor, address: str) -> Shown:
    return someone.send(someone.page.form("/i/opt-in#opt-in"), {"-email": address})


def test_who_came_by_an_open_link_may_leave_an_address(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone = visitor()
    someone.get(f"/r/{CODE}")
    someone.post(f"/r/{CODE}", someone.page.form().values)
    walk(someone, until="p_recontact")
    someone.finish({"recontact": "1"})
    assert "A copy of my answers" in someone.page.html
    assert "take it first" in someone.page.html
    assert "Only if you like" in someone.page.html
    assert enter(someone, f"  {ADDRESS} ").path == "/i/opted-in"
    (request,) = requests_left()
    assert (request.kind, request.email, request.language) == ("opt_in", ADDRESS, "en")
    assert request.respondent_key == Interview.objects.get().respondent_id


def test_the_language_of_the_interview_goes_with_it(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone = at_the_end(visitor("ru"))
    assert "Можно ли написать вам" in someone.page.html
    enter(someone, ADDRESS)
    assert requests_left()[0].language == "ru"


def test_an_address_in_any_script_is_kept_as_mail_servers_write_it(newcomer: Visitor, requests_left: Inbox) -> None:
    enter(newcomer, "anna@ПРИМЕР.рф")
    assert requests_left()[0].email == "anna@xn--e1afmkfd.xn--p1ai"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Please write a mail address"),
        ("anna", "Please write a mail address"),
        ("анна@example.org", "only be Latin letters"),
        ("an na@example.org", "part before the @"),
        ("anna@example", "part after the @"),
        ("anna@-.org", "part after the @"),
        ("a@" + "b." * 130 + "org", "too long"),
        ('"><script>@x', "before the @"),
    ],
)
def test_what_is_no_address_is_told_kindly_and_nothing_typed_is_lost(
    newcomer: Visitor, requests_left: Inbox, typed: str, said: str
) -> None:
    page = enter(newcomer, typed)
    assert said in page.html
    assert page.form("/i/opt-in#opt-in").values["-email"] == [typed]
    assert "<script>" not in page.html
    assert not requests_left()
    assert enter(newcomer, ADDRESS).path == "/i/opted-in"


def test_the_page_that_follows_is_the_same_for_everyone_and_names_nobody(newcomer: Visitor) -> None:
    pages = []
    for address in (ADDRESS, ADDRESS, "other@example.org"):
        newcomer.get("/i/done/")
        pages.append(enter(newcomer, address))
    assert len({page.html for page in pages}) == 1
    assert ADDRESS not in pages[0].html
    assert ADDRESS not in newcomer.get("/i/done/").html


@pytest.mark.parametrize("recontact", ["2", "0"])
def test_who_said_no_to_mail_is_not_asked_for_an_address(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor], requests_left: Inbox, recontact: str
) -> None:
    someone = at_the_end(visitor(), recontact)
    assert "/i/opt-in" not in someone.page.html
    token = someone.page.form("/i/erase").values["-token"]
    assert someone.post("/i/opt-in", {"-token": token, "-email": ADDRESS}).path == "/i/done/"
    assert not requests_left()


def test_who_was_invited_by_mail_is_not_asked_for_an_address(respondent: Visitor, requests_left: Inbox) -> None:
    walk(respondent, until="p_recontact")
    respondent.finish({"recontact": "1"})
    assert "/i/opt-in" not in respondent.page.html


def test_nobody_is_asked_before_the_end(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone = visitor()
    someone.get(f"/r/{CODE}")
    someone.post(f"/r/{CODE}", someone.page.form().values)
    token = someone.page.form().values["-token"]
    assert someone.post("/i/opt-in", {"-token": token, "-email": ADDRESS}).path == "/i/p_consent/"
    assert someone.get("/i/opt-in").path == "/i/p_consent/"
    assert not requests_left()


def test_without_the_sitting_or_its_token_nothing_is_taken(
    newcomer: Visitor, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    form = newcomer.page.form("/i/opt-in#opt-in")
    filled = {**form.values, "-email": ADDRESS}
    assert visitor().post("/i/opt-in", filled).status == 403
    assert newcomer.post("/i/opt-in", {**filled, "-token": "0" * 32}).status == 403
    assert newcomer.client.post("/i/opt-in", filled, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert not requests_left()


def test_a_network_cannot_have_us_write_to_a_crowd(
    newcomer: Visitor, monkeypatch: pytest.MonkeyPatch, requests_left: Inbox
) -> None:
    monkeypatch.setattr(limits, "strict_limiter", Limiter(2))
    form = newcomer.page.form("/i/opt-in#opt-in")
    answers = [newcomer.client.post("/i/opt-in", {**form.values, "-email": ADDRESS}).status_code for _ in range(4)]
    assert answers == [303, 303, 429, 429]
    refused = newcomer.send(form, {"-email": ADDRESS})
    assert (refused.status, refused.form("/i/opt-in").values["-email"]) == (429, [ADDRESS])
    assert len(requests_left()) == 2


def test_it_works_with_the_rights_of_the_public_role(newcomer: Visitor, as_tier: Any) -> None:
    with as_tier("public"):
        assert enter(newcomer, ADDRESS).path == "/i/opted-in"
    assert SealedRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_address_stands_in_the_posted_body_and_afterwards_nowhere(newcomer: Visitor, settings: Any) -> None:
    form = newcomer.page.form("/i/opt-in#opt-in")
    body = urlencode({**form.values, "-email": ADDRESS}, doseq=True).encode()
    assert {found.place for found in sweep([Straw("the posted body", body)], [ADDRESS])} == {"the posted body"}
    enter(newcomer, ADDRESS)
    assert SealedRequest.objects.count() == 1
    for alias in ("answers", "default"):
        connections[alias].ensure_connection()
    places = [of_database(connections[alias].connection) for alias in ("answers", "default")]
    assert sweep(chain(*places, of_folder(settings.VAR_DIR / "log")), [ADDRESS, "canary-5e1d"]) == []


# The mail's confirmation link


def test_opening_a_confirmation_link_changes_nothing_and_its_button_says_yes(
    db: None, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone, letters = visitor(), "m" * 26
    before = rows()
    for _ in range(20):
        assert someone.get(f"/c/{letters}").status == 200
        someone.client.head(f"/c/{letters}")
    assert rows() == before
    assert not someone.client.cookies
    assert letters not in someone.page.html
    assert "OutRush" not in someone.page.html
    assert "<h1>Done</h1>" in someone.send(someone.page.form()).html
    assert "If this link was still good" in someone.page.html  # nobody looks whether it is
    (request,) = requests_left()
    assert (request.kind, request.confirm_token) == ("confirm", letters)


def test_a_wrong_confirmation_link_looks_the_same(
    db: None, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone = visitor()
    pages = []
    for letters in ("m" * 26, "short", "M" * 26):
        asked = someone.get(f"/c/{letters}")
        token = asked.form().values["-token"][0]
        pages.append((asked.html.replace(token, ""), someone.send(asked.form()).html))
    assert len(set(pages)) == 1
    assert len(requests_left()) == 1


def test_a_confirmation_needs_the_token_of_its_page(
    db: None, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone = visitor()
    assert someone.post(f"/c/{'m' * 26}", {}).status == 403
    form = someone.get(f"/c/{'m' * 26}").form()
    assert someone.post(f"/c/{'n' * 26}", form.values).status == 403
    assert someone.post(f"/c/{'m' * 26}", form.values, HTTP_ORIGIN="https://evil.example").status == 403
    assert not requests_left()


# Ways out, from every page in two steps


@pytest.mark.parametrize("page", ["start", "not open", "p_consent", "p_politics", "review", "the end"])
def test_every_exit_is_at_most_two_steps_away(interview: Interview, visitor: Callable[..., Visitor], page: str) -> None:
    """One step opens "leave for good" (a <details>), the other presses the button in it."""
    someone = visitor()
    someone.get(f"/w/{LINK if page != 'not open' else 'z' * 26}")
    if page not in {"start", "not open"}:
        someone.take_part(LINK)
        walk(someone, until="done" if page == "the end" else page)
    leaving = someone.page.html.partition('<details class="leave">')[2]
    buttons = ["Stop mail", "Erase my contact", "Erase my answers too"]
    assert [button for button in buttons if f">{button}</button>" in leaving] == buttons
    if page in {"p_consent", "p_politics", "review"}:
        assert ">Download my answers as text</button>" in someone.page.html
        assert "Pause, or leave for good" in someone.page.html


def test_a_copy_can_be_taken_in_the_middle(respondent: Visitor) -> None:
    walk(respondent, until="p_politics")
    copy = respondent.send(respondent.page.form("/i/copy"))
    assert copy.response["Content-Disposition"] == 'attachment; filename="answers.txt"'
    assert "Georgia" in copy.html


def test_erasing_the_contact_keeps_answers_and_link(
    interview: Interview, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone = visitor()
    someone.take_part(LINK)
    walk(someone, until="p_politics")
    page = someone.send(someone.page.form("/i/erase-contact"))
    assert "contact details of yours, they are being erased" in page.html
    (request,) = requests_left()
    assert (request.kind, request.respondent_key) == ("erase_contact", interview.respondent_id)
    someone.take_part(LINK)
    assert someone.page.path == "/i/p_politics/"
    assert set(WALK["p_place"]) & {"country"} <= set(Interview.objects.get().answers)


def test_after_opting_in_the_last_page_takes_the_address_back(newcomer: Visitor, requests_left: Inbox) -> None:
    enter(newcomer, ADDRESS)
    newcomer.get("/i/done/")
    newcomer.send(newcomer.page.form("/i/erase-contact"))
    assert {request.kind for request in requests_left()} == {"opt_in", "erase_contact"}
    assert len({request.respondent_key for request in requests_left()}) == 1


def test_what_is_entered_after_an_exit_goes_with_its_mark(newcomer: Visitor, requests_left: Inbox) -> None:
    for address in ("ana@example.org", "anna@example.org", "anne@example.org"):
        newcomer.get("/i/done/")
        enter(newcomer, address)
        newcomer.get("/i/done/")
        newcomer.send(newcomer.page.form("/i/erase-contact"))
    requests = requests_left()
    exits = sorted((one.mark.number, one.mark.sitting) for one in requests if one.mark and one.kind != "opt_in")
    assert [number for number, _ in exits] == [1, 2, 3]
    assert len({sitting for _, sitting in exits}) == 1
    marks = {one.email: one.mark and one.mark.number for one in requests if one.kind == "opt_in"}
    assert marks == {"ana@example.org": None, "anna@example.org": 1, "anne@example.org": 2}


def test_nobody_opts_in_or_gets_words_past_the_pages(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    at_the_end(visitor(), recontact="2")
    unwilling = Interview.objects.get()
    assert not leave_opt_in(interview=unwilling, email=ADDRESS, language="en")
    unwilling.link_hash = b"x" * 32
    unwilling.wants_no_mail = False
    assert give_phrase(interview=unwilling, language="en") is None
    assert not SealedRequest.objects.exists()


def test_an_exit_that_is_cut_off_has_not_happened(
    newcomer: Visitor, monkeypatch: pytest.MonkeyPatch, requests_left: Inbox
) -> None:
    monkeypatch.setattr(exits, "mark_erasure", lambda **_: 1 / 0)
    key = Interview.objects.get().respondent_id
    with pytest.raises(ZeroDivisionError):
        exits.leave(kind="erase", respondent_key=key)
    assert not requests_left()

"""While the database can't be used, or the operator works on the site: a calm page, and what was typed comes back."""

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connections
from django.test import Client, RequestFactory

from outrush_site.routers import ANSWERS
from panel.vault.seals import Request
from surveys.models import Interview
from surveys.respondent.pages import ask_for_link
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK, reloaded
from tests.respondent.test_answering import walk

SECRET = "connection to server at 203.0.113.9 failed"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`away()` makes the database refuse whatever the pages ask of it; `away(False)` ends that."""

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError(SECRET)

    def change(is_away: bool = True) -> None:
        if is_away:
            monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        else:
            monkeypatch.undo()

    return change


@pytest.mark.parametrize(("language", "words"), [("en", "We will be back shortly"), ("ru", "Скоро всё снова")])
def test_a_page_says_so_in_the_visitors_language(
    interview: Interview, visitor: Callable[..., Visitor], away: Callable[..., None], language: str, words: str
) -> None:
    someone = visitor(language)
    away()
    for path in (f"/w/{LINK}", f"/w/{'z' * 26}", f"/w/{LINK}?lang=ar"):
        page = someone.get(path)
        assert page.status == 503, path
        assert page.response["Retry-After"] == "60"
        assert words in page.html
        assert "Traceback" not in page.html
        assert "203.0.113.9" not in page.html


def test_a_good_link_and_a_wrong_one_look_the_same_meanwhile(
    interview: Interview, visitor: Callable[..., Visitor], away: Callable[..., None]
) -> None:
    someone = visitor()
    away()
    pages = [someone.get(f"/w/{letters}").html.replace(letters, "") for letters in (LINK, "z" * 26)]
    assert pages[0] == pages[1]


def test_what_was_typed_comes_back_and_can_be_sent_again(
    respondent: Visitor, interview: Interview, away: Callable[..., None]
) -> None:
    walk(respondent, until="p_you")
    form = respondent.page.form()
    away()
    respondent.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next"))
    assert respondent.page.status == 503
    away(False)
    assert "birth_year" not in reloaded(interview.pk).answers
    respondent.send(respondent.page.form())
    assert respondent.page.path == "/i/p_end/"
    assert reloaded(interview.pk).answers["birth_year"] == "1985"


@pytest.mark.django_db(transaction=True, databases=["default", "answers"])
def test_a_database_that_may_only_be_read_is_away_too(respondent: Visitor, interview: Interview) -> None:
    """As a standby is until it takes over."""
    walk(respondent, until="p_you")
    form = respondent.page.form()
    with connections[ANSWERS].cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        assert respondent.get("/i/p_you/").status == 200
        respondent.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next"))
    finally:
        with connections[ANSWERS].cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
    assert respondent.page.status == 503
    respondent.send(respondent.page.form())
    assert reloaded(interview.pk).answers["birth_year"] == "1985"


@pytest.mark.parametrize(("path", "control"), [("/return", "-phrase"), ("/i/opt-in", "-email")])
def test_what_is_typed_into_a_control_of_our_own_comes_back_too(
    visitor: Callable[..., Visitor], settings: Any, path: str, control: str
) -> None:
    settings.IS_UNDER_MAINTENANCE = True
    page = visitor().post(path, {"-token": "x", control: "typed before"})
    assert page.status == 503
    assert page.form(path).values == {"-token": ["x"], control: ["typed before"]}


@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example", "/%5Cevil.example/x", "/%09/evil.example"])
@pytest.mark.parametrize("is_closed", [True, False])
def test_no_address_leads_to_another_site(
    visitor: Callable[..., Visitor], settings: Any, path: str, is_closed: bool
) -> None:
    settings.IS_UNDER_MAINTENANCE = is_closed
    someone = visitor()
    shown = someone.client.get("http://testserver" + path).content.decode()
    request = RequestFactory().post("http://testserver" + path, {"typed": "1"})
    shown += ask_for_link(request).content.decode()
    found = re.findall(r'(?:href|action)="([^"]*evil[^"]*)"', shown)
    assert len(found) == 1 + is_closed
    for address in found:
        # As browsers read it: without tabs, and with a backslash for a slash.
        assert not address.replace("\t", "").replace("\\", "/").startswith("//")


def test_what_another_site_posts_does_not_come_back(respondent: Visitor, away: Callable[..., None]) -> None:
    away()
    page = respondent.post("/i/p_you/", {"birth_year": "1666"}, HTTP_ORIGIN="https://evil.example")
    assert "1666" not in page.html


def test_the_script_is_told_to_try_again(respondent: Visitor, away: Callable[..., None]) -> None:
    form = respondent.page.form()
    away()
    answer = respondent.client.post(form.action, form.values, HTTP_X_PART="questions")
    assert (answer.status_code, answer.content) == (503, b"")


def test_the_log_says_what_kind_of_trouble_it_is_and_no_more(
    interview: Interview, away: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    away()
    with caplog.at_level(logging.ERROR):
        Client().get(f"/w/{LINK}")
    assert "The database could not be used: OperationalError." in caplog.text
    assert LINK not in caplog.text
    assert "203.0.113.9" not in caplog.text


def test_a_lost_connection_is_such_trouble_and_a_mistake_of_ours_is_not(
    interview: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    for error, status in ((InterfaceError("closed"), 503), (ValueError("ours"), 500)):

        def broken(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("surveys.respondent.views.start.interview_by_link", broken)
        assert client.get(f"/w/{LINK}").status_code == status


def test_the_operator_can_close_all_pages_for_work(
    interview: Interview, visitor: Callable[..., Visitor], settings: Any
) -> None:
    someone = visitor()
    assert someone.get(f"/w/{LINK}").status == 200
    settings.IS_UNDER_MAINTENANCE = True
    for path in ("/", f"/w/{LINK}", "/nowhere", "/i/"):
        assert someone.get(path).status == 503
    assert someone.client.get("/static/respondent/pages.css").status_code == 200
    settings.IS_UNDER_MAINTENANCE = False
    assert someone.take_part(LINK).path == "/i/p_consent/"


def test_a_mail_is_stopped_with_one_click_even_while_the_pages_are_closed_for_work(
    db: None, requests_left: Callable[[], list[Request]], away: Callable[..., None], settings: Any
) -> None:
    settings.IS_UNDER_MAINTENANCE = True
    stop, one_click = f"/u/{'s' * 26}", {"List-Unsubscribe": "One-Click"}
    assert Client().post(stop, one_click).status_code == 200
    assert [request.stop_token for request in requests_left()] == ["s" * 26]
    away()
    assert Client().post(stop, one_click).status_code == 503

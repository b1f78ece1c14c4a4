"""Two tabs, two devices, double clicks: no save is overwritten by someone who hasn't seen it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from surveys.models import Interview, Record
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK, example, invite, open_wave, reloaded
from tests.respondent.test_answering import walk


@pytest.fixture
def tabs(respondent: Visitor, visitor: Callable[..., Visitor]) -> tuple[Visitor, Visitor]:
    """Two tabs of one respondent on the same page."""
    walk(respondent, until="p_you")
    other = visitor()
    other.client.cookies = respondent.client.cookies
    other.get("/i/p_you/")
    return respondent, other


def test_a_save_from_a_page_that_was_overtaken_shows_both_and_overwrites_nothing(
    tabs: tuple[Visitor, Visitor], interview: Interview
) -> None:
    first, second = tabs
    first.answer({"birth_year": "1985", "gender": "1"})
    second.answer({"birth_year": "1990", "gender": "1"})
    assert second.page.status == 409
    assert "Saved: <b>1985</b>" in second.page.html
    assert "Entered here: <b>1990</b>" in second.page.html
    assert "Your gender</dt>" not in second.page.html
    assert reloaded(interview.pk).answers["birth_year"] == "1985"


def test_leaving_quickly_comes_before_what_the_notice_shows(tabs: tuple[Visitor, Visitor]) -> None:
    first, second = tabs
    first.answer({"birth_year": "1985", "gender": "1"})
    second.answer({"birth_year": "1990", "gender": "1"})
    assert second.page.html.count("Leave quickly") == 1
    assert second.page.html.index("Leave quickly") < second.page.html.index("Saved: <b>1985</b>")


def test_the_respondent_may_take_what_they_entered(tabs: tuple[Visitor, Visitor], interview: Interview) -> None:
    first, second = tabs
    first.answer({"birth_year": "1985", "gender": "1"})
    second.answer({"birth_year": "1990", "gender": "2"})
    mine = second.page.forms[0]
    second.send(mine, button=mine.buttons[0])
    assert second.page.path == "/i/p_end/"
    answers = reloaded(interview.pk).answers
    assert (answers["birth_year"], answers["gender"]) == ("1990", "2")


def test_the_respondent_may_keep_what_is_saved(tabs: tuple[Visitor, Visitor], interview: Interview) -> None:
    first, second = tabs
    first.answer({"birth_year": "1985", "gender": "1"})
    second.answer({"birth_year": "1990", "gender": "2"})
    saved = second.page.forms[1]
    assert saved.values["birth_year"] == ["1985"]
    second.send(saved, button=("-move", "next"))
    assert second.page.path == "/i/p_end/"
    assert reloaded(interview.pk).answers["birth_year"] == "1985"


def test_the_same_page_sent_twice_is_harmless(tabs: tuple[Visitor, Visitor], interview: Interview) -> None:
    first, _ = tabs
    form = first.page.form()
    for _ in range(5):
        first.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next"))
        assert first.page.path == "/i/p_end/"
    assert reloaded(interview.pk).answers["birth_year"] == "1985"


def test_another_page_saved_meanwhile_is_no_conflict(tabs: tuple[Visitor, Visitor], interview: Interview) -> None:
    first, second = tabs
    first.get("/i/p_plans/")
    first.answer({"plan_move": "0"})
    second.answer({"birth_year": "1990"})
    assert second.page.path == "/i/p_end/"
    answers = reloaded(interview.pk).answers
    assert (answers["plan_move"], answers["birth_year"]) == ("0", "1990")


def test_a_stamp_that_is_no_stamp_never_overwrites(tabs: tuple[Visitor, Visitor], interview: Interview) -> None:
    first, second = tabs
    first.answer({"birth_year": "1985"})
    for stamp in ("", "x", "0.", "99999999999999999999", "-1.0", "\x00"):
        questions = [form for form in second.page.forms if form.action == "/i/p_you/"][-1]
        second.send(questions, {"-stamp": stamp, "birth_year": "1991"}, ("-move", "next"))
        assert second.page.status == 409
    assert reloaded(interview.pk).answers["birth_year"] == "1985"


def test_the_end_pressed_in_two_tabs_makes_one_record(respondent: Visitor, visitor: Callable[..., Visitor]) -> None:
    walk(respondent, until="p_recontact")
    other = visitor()
    other.client.cookies = respondent.client.cookies
    other.get("/i/p_recontact/")
    for tab in (respondent, other):
        tab.answer({"recontact": "2"})
        if tab.page.path == "/i/review":
            tab.finish()
        assert tab.page.path == "/i/done/"
    assert Record.objects.count() == 1


def test_a_page_of_one_interview_cannot_be_sent_into_another(
    respondent: Visitor, visitor: Callable[..., Visitor], interview: Interview
) -> None:
    link = LINK[::-1]
    another = invite(interview.wave, link)
    form = respondent.page.form()
    respondent.take_part(link)
    respondent.send(form, {"consent": "1"}, ("-move", "next"))
    assert respondent.page.status == 403
    assert "Nothing has been changed" in respondent.page.html
    assert reloaded(another.pk).answers == {}
    assert reloaded(interview.pk).answers == {}


def test_the_end_pressed_many_times_at_once_makes_one_record(
    transactional_db: None, visitor: Callable[..., Visitor]
) -> None:
    invite(open_wave(example("w2024"), "w2024", 2))
    someone = visitor()
    someone.take_part(LINK)
    walk(someone, until="p_recontact")
    someone.answer({"recontact": "2"})
    form = someone.page.form()

    def press(_: int) -> str:
        client = Client()
        client.cookies = someone.client.cookies
        try:
            answer = client.post(form.action, {**form.values, "-move": "finish"})
            return f"{answer.status_code} {form.action}"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(press, range(18)))
    assert set(answers) == {"200 /i/done/"}
    assert Record.objects.count() == 1

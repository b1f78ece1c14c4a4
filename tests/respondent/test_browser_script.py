"""What the script adds: answers saved as they are given, questions that follow at once, nothing lost offline."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import Interview, Record
from tests.conftest import Clock
from tests.respondent import every_type
from tests.respondent.conftest import LINK, example, invite, open_wave

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
SAVED, OFFLINE = re.compile("^Saved$"), re.compile("^No connection")


@pytest.fixture
def interview(live_server: LiveServer) -> Interview:
    return invite(open_wave(every_type.every_type(), "every", 1))


@pytest.fixture
def page(interview: Interview, live_server: LiveServer, open_page: OpenPage) -> Page:
    """The questionnaire with every type, begun, with a script."""
    page = open_page(phone=True)
    page.goto(f"{live_server.url}/w/{LINK}")
    page.locator("button.main").click()
    page.wait_for_url("**/i/p_choose/")
    return page


def go(page: Page, name: str) -> None:
    page.goto(re.sub(r"/i/.*", f"/i/{name}/", page.url))


def stored(interview: Interview) -> dict[str, object]:
    return dict(Interview.objects.get(pk=interview.pk).answers)


def test_an_answer_is_saved_as_soon_as_it_is_given(page: Page, interview: Interview) -> None:
    every_type.check(page, "take", "1")
    expect(page.get_by_role("status")).to_have_text(SAVED)
    assert stored(interview)["take"] == "1"
    go(page, "p_words")
    page.locator("#q-story").press_sequentially("Half a sent")
    expect(page.get_by_role("status")).to_have_text(SAVED)
    assert stored(interview)["story"] == "Half a sent"


def test_questions_follow_at_once_and_focus_and_typing_stay(page: Page, interview: Interview) -> None:
    go(page, "p_follow")
    every_type.check(page, "works", "1")
    job = page.locator("#q-job")
    job.click()
    job.press_sequentially("Ba")
    page.locator("[name=region][value=north]").evaluate("one => one.click()")
    expect(page.locator("[name=town][value=bodo]")).to_be_visible()
    expect(job).to_be_focused()
    job.press_sequentially("ker")
    expect(page.locator(".note")).to_have_text("You do: Baker")
    every_type.check(page, "town", "bodo")
    every_type.check(page, "region", "south")
    expect(page.locator("[name=town][value=bodo]")).to_have_count(0)
    expect(page.locator("[name=town][value=faro]")).not_to_be_checked()
    every_type.check(page, "works", "0")
    expect(job).to_have_count(0)
    every_type.check(page, "works", "1")
    expect(page.locator("#q-job")).to_have_value("Baker")
    assert page.url.endswith("/i/p_follow/")


def test_whoever_goes_on_before_a_question_has_come_up_is_shown_it(page: Page, interview: Interview) -> None:
    go(page, "p_follow")
    page.route("**/i/p_follow/", _slowly)
    every_type.check(page, "works", "1")
    page.locator("button.main").click()
    expect(page.locator("#q-job")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("One more question")
    page.locator("button.main").click()
    page.wait_for_url("**/i/homes/")


def _slowly(route: Route) -> None:
    route.request.frame.page.wait_for_timeout(300)
    route.continue_()


def test_half_an_hour_without_a_network_everything_waits_and_goes_out_when_it_is_back(
    page: Page, interview: Interview, move_clock: Clock
) -> None:
    go(page, "p_words")
    page.context.set_offline(True)
    page.locator("#q-name").fill("Kolibri")
    page.locator("#q-story").fill("A long story")
    page.locator("#q-story").blur()
    expect(page.get_by_role("status")).to_have_text(OFFLINE)
    page.locator("button.main").click()
    page.wait_for_timeout(1500)
    expect(page.locator("#q-story")).to_have_value("A long story")
    assert "story" not in stored(interview)
    move_clock(timedelta(minutes=30))
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choosing")  # where a required answer is missing
    assert stored(interview)["story"] == "A long story"


def test_a_server_in_trouble_is_asked_again_until_it_has_saved(page: Page, interview: Interview) -> None:
    go(page, "p_words")
    tries = []

    def trouble(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) < 3:
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route("**/i/p_words/", trouble)
    page.locator("#q-story").fill("Patience")
    page.locator("#q-story").blur()
    expect(page.get_by_role("status")).to_have_text(SAVED, timeout=10_000)
    assert len(tries) == 3
    assert stored(interview)["story"] == "Patience"


def test_leaving_a_page_warns_only_while_something_typed_is_not_saved(page: Page, interview: Interview) -> None:
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    go(page, "p_words")
    page.locator("#q-story").press_sequentially("x")
    expect(page.get_by_role("status")).to_have_text(SAVED)
    page.reload()
    assert warned == []
    page.context.set_offline(True)
    page.locator("#q-story").press_sequentially("y")
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_timeout(500)
    assert warned == ["beforeunload"]


def test_a_page_overtaken_elsewhere_says_so_and_shows_both(page: Page, interview: Interview) -> None:
    go(page, "p_words")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#q-story").fill("first")
    other.locator("#q-story").blur()
    expect(other.get_by_role("status")).to_have_text(SAVED)
    page.locator("#q-story").fill("second")
    page.locator("#q-story").blur()
    expect(page.get_by_role("status")).to_have_text(re.compile("can’t be saved just now"))
    page.locator("button.main").click()
    expect(page.get_by_role("alert")).to_contain_text("another window")
    expect(page.locator("dl")).to_contain_text("first")
    expect(page.locator("dl")).to_contain_text("second")


def test_what_was_wrong_goes_away_as_it_is_put_right(page: Page, interview: Interview) -> None:
    go(page, "p_number")
    page.locator("#q-age").fill("7")
    page.locator("#q-income").fill("much")
    page.locator("button.main").click()
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(2)
    page.locator("#q-age").fill("40")
    page.locator("#q-age").blur()
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_count(1)
    expect(page.locator("#q-income")).to_have_value("much")
    page.locator("#q-income").fill("3")
    page.locator("#q-income").blur()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_nothing_is_kept_in_the_browser(page: Page, interview: Interview) -> None:
    every_type.check(page, "take", "1")
    expect(page.get_by_role("status")).to_have_text(SAVED)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("javascript", [True, False])
def test_leaving_quickly_takes_the_page_and_the_cookie_away(
    interview: Interview,
    live_server: LiveServer,
    open_page: OpenPage,
    javascript: bool,
    settings: Any,
) -> None:
    settings.LEAVE_URL = f"{live_server.url}/"
    page = open_page(javascript=javascript)
    page.goto(f"{live_server.url}/w/{LINK}")
    page.locator("button.main").click()
    page.wait_for_url("**/i/p_choose/")
    page.get_by_role("button", name="Leave quickly").click()
    page.wait_for_url(f"{live_server.url}/")
    page.wait_for_timeout(300)
    assert page.context.cookies() == []
    page.go_back()
    assert "Choosing" not in page.content()


def test_a_whole_questionnaire_can_be_answered_with_the_keyboard(live_server: LiveServer, open_page: OpenPage) -> None:
    invite(open_wave(example("w2024"), "w2024", 2))
    page = open_page()
    page.goto(f"{live_server.url}/w/{LINK}?lang=en")
    _tab_to(page, "button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/i/p_consent/")
    for _ in range(14):
        name = every_type.name_of(page)
        if name == "done":
            break
        _answer_by_keyboard(page, name)
        _tab_to(page, "button.main")
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
    assert every_type.name_of(page) == "done", page.inner_text("main")
    answers = Record.objects.get().answers
    assert (answers["consent"], answers["birth_year"]) == ("1", "1985")
    assert answers["country"]


def _answer_by_keyboard(page: Page, name: str) -> None:
    """What is required: an agreement, a place, a year, and whether to be invited again."""
    if name == "p_consent":
        _tab_to(page, "[name=consent]")
        page.keyboard.press("Space")
    elif name == "p_place":
        _tab_to(page, "[name=region]")
        page.keyboard.press("Space")
        expect(page.locator("[name=country]").first).to_be_visible()
        _tab_to(page, "[name=country]")
        page.keyboard.press("ArrowDown")
    elif name == "p_you":
        _tab_to(page, "[name=birth_year]")
        page.keyboard.type("1985")
    elif name == "p_recontact":
        _tab_to(page, "[name=recontact]")
        page.keyboard.press("Space")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(120):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector} on {page.url}")

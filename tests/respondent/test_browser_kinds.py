"""Every kind of page that can come up beside a questionnaire's own, at the width of a small phone, by light and dark.

The questions themselves, the review and the last page are looked over in test_browser_modes.py.
"""

from collections.abc import Callable

import pytest
from django.db import OperationalError
from playwright.sync_api import Page, Route
from pytest_django.live_server_helper import LiveServer

from surveys.models import Interview, RecruitmentLink, Wave
from surveys.respondent import limits
from surveys.respondent.limits import Limiter
from tests.respondent import every_type
from tests.respondent.conftest import CODE, LINK, invite, open_wave, yesterday
from tests.respondent.looking import SIZES, look_over

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
OTHER = LINK[::-1]
WRONG = "z" * 26


@pytest.fixture
def wave(live_server: LiveServer) -> Wave:
    wave = open_wave(every_type.every_type(), "every", 1)
    invite(wave)
    RecruitmentLink.objects.create(wave=wave, source="telegram", code=CODE)
    return wave


@pytest.fixture
def page(wave: Wave, live_server: LiveServer, open_page: OpenPage) -> Page:
    page = open_page()
    page.set_viewport_size(SIZES["narrow"])
    page.goto(live_server.url)
    return page


def go(page: Page, path: str) -> None:
    page.goto("/".join(page.url.split("/")[:3]) + path)


def press(page: Page, selector: str = "button.main") -> None:
    with page.expect_navigation(wait_until="load"):
        page.locator(selector).first.click()


def take_part(page: Page) -> None:
    go(page, f"/w/{LINK}?lang=en")
    press(page)


def start_over(page: Page) -> None:
    """Forget the sitting, as a browser does that was closed."""
    page.context.clear_cookies()


def test_pages_around_links(page: Page, key_folder: object) -> None:
    look_over(page, "home")
    go(page, f"/w/{WRONG}")
    page.locator("details.leave summary").click()
    look_over(page, "not-open")
    go(page, f"/r/{WRONG}")
    look_over(page, "not-open-link")
    go(page, f"/r/{CODE}")
    look_over(page, "start-open")
    press(page)
    go(page, f"/r/{CODE}")
    look_over(page, "start-open-again")
    go(page, f"/u/{WRONG}")
    look_over(page, "stop-mail")
    press(page)
    look_over(page, "left-stop")
    take_part(page)
    go(page, f"/w/{LINK}")
    page.locator("details.leave summary").click()
    look_over(page, "start-again")
    press(page, "button.danger")
    look_over(page, "left-erase")


def test_pages_that_a_post_may_get(page: Page, wave: Wave, monkeypatch: pytest.MonkeyPatch) -> None:
    go(page, "/i/")
    look_over(page, "ask-for-link")
    take_part(page)
    go(page, "/i/nowhere/")
    look_over(page, "no-such-page")
    go(page, "/i/p_number/")
    page.evaluate("document.querySelector('[name=-token]').value = 'x'")
    press(page)
    look_over(page, "refused")
    go(page, "/i/p_number/")
    page.locator("#q-age").fill("7")
    page.locator("#q-income").fill("much")
    press(page)
    look_over(page, "problems")
    _overtake(page)
    look_over(page, "overtaken")
    _type_into_words(page)
    page.evaluate("document.querySelector('[name=-token]').value = 'x'")
    start_over(page)
    press(page)
    look_over(page, "ask-for-link-typed")
    take_part(page)
    _type_into_words(page)
    with monkeypatch.context() as patch:
        patch.setattr("surveys.respondent.views.interview.record_page", _is_away)
        press(page)
    look_over(page, "unavailable-typed")


def _type_into_words(page: Page) -> None:
    """Something typed that the script has not saved yet, and the form sends by itself."""
    go(page, "/i/p_words/")
    page.evaluate("document.querySelector('#q-story').value = 'Бабочка '.repeat(20)")


def _overtake(page: Page) -> None:
    go(page, "/i/p_words/")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#q-story").fill("First of all, there was an answer. " * 3)
    other.locator("button.main").click()
    other.wait_for_url("**/i/p_*/")
    other.close()
    page.evaluate("document.querySelector('#q-story').value = 'Second'")
    press(page)


def _is_away(**_: object) -> None:
    raise OperationalError("could not connect")


def test_reviews_and_ends(page: Page, wave: Wave) -> None:
    take_part(page)
    Interview.objects.update(progress=100, page="p_words")
    go(page, "/i/review")
    look_over(page, "review-wrong")
    Interview.objects.update(revision=99)
    press(page)
    look_over(page, "review-changed")
    go(page, "/i/homes/")
    look_over(page, "repeat-empty")
    Wave.objects.update(opens_on=yesterday().replace(year=2020), closes_on=yesterday().replace(year=2020))
    go(page, "/i/done/")
    look_over(page, "last-closed")
    Interview.objects.update(state="ended", outcome_code="2.11")
    go(page, "/i/done/")
    look_over(page, "last-refusal")


def test_pages_when_something_is_wrong(page: Page, wave: Wave, monkeypatch: pytest.MonkeyPatch) -> None:
    go(page, "/nowhere")
    look_over(page, "404")
    with monkeypatch.context() as patch:
        patch.setattr(limits, "limiter", Limiter(0))
        go(page, f"/w/{LINK}")
        look_over(page, "too-often")
    with monkeypatch.context() as patch:
        patch.setattr("surveys.respondent.views.start.interview_by_link", lambda *_, **__: 1 / 0)
        go(page, f"/w/{LINK}")
        look_over(page, "500")
        patch.setattr("surveys.respondent.views.start.interview_by_link", lambda *_, **__: _is_away())
        go(page, f"/w/{LINK}")
        look_over(page, "unavailable")
    go(page, f"/w/{LINK}")
    page.evaluate(
        """() => { for (let n = 0; n < 2100; n++) {
             const one = document.createElement("input"); one.type = "hidden"; one.name = `f${n}`;
             document.querySelector("form[method=post]:not([id])").append(one); } }"""
    )
    press(page)
    look_over(page, "400")
    go(page, f"/w/{LINK}")
    page.route("**/leave", _without_going_on)
    page.evaluate("document.getElementById('leave-now').submit()")
    page.wait_for_url("**/leave")
    look_over(page, "away")


def _without_going_on(route: Route) -> None:
    """The page that is shown for a moment before the browser goes to the address of LEAVE_URL."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "refresh"}
    route.fulfill(response=answer, headers=headers)

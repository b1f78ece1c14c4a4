"""Pictures and sounds in a real browser, on a small phone, with and without a script."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import QuestionnaireVersion
from tests.conftest import DESK
from tests.questionnaires.conftest import compiled_here  # noqa: F401  (imports are compiled in this process)
from tests.respondent import pictured
from tests.respondent.conftest import LINK
from tests.respondent.looking import picture

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("compiled_here")]

OpenPage = Callable[..., Page]
NARROW = {"width": 360, "height": 780}


@pytest.fixture
def version(live_server: LiveServer) -> QuestionnaireVersion:
    version = pictured.imported("pictured")
    pictured.fielded(version, 1)
    return version


def begin(page: Page, live_server: LiveServer) -> Page:
    page.set_viewport_size(NARROW)
    page.goto(f"{live_server.url}/w/{LINK}?lang=en")
    page.locator("button.main").click()
    page.wait_for_url("**/i/farm/")
    return page


def widths(page: Page) -> list[tuple[int, int]]:
    """Of every picture that is drawn: how wide it is in its file, and on the page. It loads when it comes into view."""
    for image in page.locator("img.picture:visible").all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
    drawn = "all => all.map(one => [one.naturalWidth, Math.round(one.getBoundingClientRect().width)])"
    return [tuple(pair) for pair in page.locator("img.picture:visible").evaluate_all(drawn)]


@pytest.mark.parametrize("javascript", [True, False])
def test_pictures_are_seen_and_none_is_wider_than_its_column(
    version: QuestionnaireVersion, live_server: LiveServer, open_page: OpenPage, javascript: bool
) -> None:
    page = begin(open_page(javascript=javascript, phone=True), live_server)
    # The photo is turned: as its file says it is 40 pixels wide.
    assert widths(page) == [(20, 20), (1200, 328), *[(40, 40)] * 9]
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    picture(page, f"pictures{'' if javascript else '-plain'}")
    page.goto(f"{live_server.url}/i/table/")
    assert [natural for natural, _ in widths(page)] == [40] * 5
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.set_viewport_size({"width": 1280, "height": 900})
    shown = page.locator(".matrix-head img, .matrix-row legend img")
    assert shown.evaluate_all("all => all.map(one => one.getBoundingClientRect().width)") == [40, 40, 40]


def test_the_page_keeps_their_place_before_they_are_there(
    version: QuestionnaireVersion, live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(phone=True)
    page.route("**/m/*", lambda route: route.abort())
    begin(page, live_server)
    box = page.locator(".note img").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (328, 82)


def test_a_picture_is_pressed_to_choose_and_stays_while_answers_are_saved(
    version: QuestionnaireVersion, live_server: LiveServer, open_page: OpenPage
) -> None:
    page = begin(open_page(phone=True), live_server)
    widths(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("img.picture").evaluate_all("all => all.forEach((one, n) => { one.mark = n; })")
    page.locator("#q-pet .with-sound img").click()
    expect(page.locator("[name=pet][value=dog]")).to_be_checked()
    expect(page.get_by_role("status")).to_have_text(re.compile("Saved|One more question"))
    expect(page.locator("#q-why")).to_be_visible()
    marks = page.locator("img.picture").evaluate_all("all => all.map(one => one.mark)")
    assert marks == list(range(len(marks)))
    assert any(url.endswith("/i/farm/") for url in asked)
    assert not [url for url in asked if "/m/" in url], "none was fetched again"


def test_sounds_are_fetched_when_they_are_played_and_not_before(
    version: QuestionnaireVersion, live_server: LiveServer, open_page: OpenPage
) -> None:
    page = open_page(phone=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    begin(page, live_server)
    widths(page)
    assert not [url for url in asked if url.endswith((".ogg", ".wav"))]
    length = """one => new Promise((go) => {
        one.onloadedmetadata = () => go(one.duration);
        one.onerror = () => go(0);
        one.load();
    })"""
    for name, seconds in (("which.ogg", 0.2), ("bark.wav", 0.1)):
        sound = page.locator(f'audio[src="{pictured.address(version, name)}"]').first
        sound.evaluate("one => { one.preload = 'auto'; }")
        assert sound.evaluate(length) == pytest.approx(seconds, abs=0.01)
    expect(page.locator("[name=pet]:checked")).to_have_count(0)


def test_nothing_is_wrong_for_those_who_cannot_see_them(
    version: QuestionnaireVersion, live_server: LiveServer, open_page: OpenPage
) -> None:
    page = begin(open_page(phone=True), live_server)
    expect(page.get_by_role("group", name="which one")).to_be_visible()
    expect(page.locator("#q-pet").get_by_role("radio", name="a dog")).to_have_count(1)
    expect(page.locator("#q-pet").get_by_role("radio", name="Cat", exact=True)).to_have_count(1)
    for path, viewport in (("farm", NARROW), ("table", NARROW), ("table", DESK)):
        page.set_viewport_size(viewport)
        page.goto(f"{live_server.url}/i/{path}/")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

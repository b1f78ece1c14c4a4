"""A hub in a real browser, at the width of a small phone, by keyboard alone, with and without the script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import Interview, Record
from tests.respondent.conftest import LINK, invite, open_wave
from tests.respondent.every_type import has_script
from tests.respondent.test_browser_modes import SIZES, look_over
from tests.respondent.test_hubs import trips

pytestmark = pytest.mark.browser


@pytest.fixture
def interview(live_server: LiveServer) -> Interview:
    return invite(open_wave(trips(), "trips", 1))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this is focused."""
    for _ in range(60):
        if page.evaluate("one => document.activeElement?.matches(one) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} can't be reached with the keyboard on {page.url}")


def press(page: Page, selector: str, *, leads_to: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/i/{leads_to}/")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_entries_are_added_edited_and_removed_by_keyboard(
    javascript: bool, interview: Interview, live_server: LiveServer, open_page: Callable[..., Page]
) -> None:
    page = open_page(javascript=javascript)
    page.set_viewport_size(SIZES["narrow"])
    page.goto(f"{live_server.url}/w/{LINK}?lang=en")
    assert has_script(page) is javascript
    press(page, "button.main", leads_to="first")
    press(page, "button.main", leads_to="trip")
    look_over(page, f"hub-empty-{javascript}")

    for land, lead in (("GEO", 0), ("ARM", 1)):
        press(page, "button[value='add:trip']", leads_to="land/*")
        look_over(page, f"hub-entry-{javascript}")
        tab_to(page, "[name$='.land']")
        for _ in range(lead):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        expect(page.locator(f"[name$='.land'][value={land}]")).to_be_checked()
        press(page, "button.main", leads_to="stay/*")
        press(page, "button.main", leads_to="trip")
    expect(page.locator("section.entry")).to_have_count(2)

    press(page, "section.entry:last-of-type a", leads_to="land/*")
    press(page, "button.main", leads_to="stay/*")
    tab_to(page, "[name$='.n']")
    page.keyboard.type("1")
    press(page, "button.main", leads_to="person/*")
    press(page, "button.main", leads_to="name/*")
    expect(page.locator("h1")).to_contain_text("Trips – Entry 2")
    expect(page.locator("h1")).to_contain_text("People – Entry 1")
    press(page, "button[value=back]", leads_to="person/*")
    press(page, "button.main", leads_to="name/*")
    tab_to(page, "[name$='.name']")
    page.keyboard.type("Anna")
    press(page, "button.main", leads_to="person/*")
    expect(page.locator("section.entry")).to_contain_text("Anna")
    press(page, "button.main", leads_to="trip")

    tab_to(page, "section.entry:first-of-type summary")
    page.keyboard.press("Enter")
    button = page.locator("section.entry:first-of-type details button")
    expect(button).to_be_visible()
    look_over(page, f"hub-remove-{javascript}")
    page.keyboard.press("Tab")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")
    expect(page.locator("section.entry")).to_have_count(1)
    expect(page.locator("section.entry")).to_contain_text("Armenia")
    look_over(page, f"hub-{javascript}")

    press(page, "button.main", leads_to="last")
    with page.expect_navigation(wait_until="load"):
        page.locator("button.main").click()
    look_over(page, f"hub-review-{javascript}")
    with page.expect_navigation(wait_until="load"):
        page.locator("button.main").click()
    (trip,) = Record.objects.get().answers["trip"]
    assert (trip["land"], [one["name"] for one in trip["person"]]) == ("ARM", ["Anna"])

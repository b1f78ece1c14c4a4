"""Looking a page over in a browser: whether it fits its screen, whether axe finds anything, and pictures of it."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.respondent import every_type

SIZES = {"narrow": {"width": 360, "height": 780}, "wide": {"width": 1280, "height": 900}}
#: Where pictures of the pages go, to be looked at; none are taken without it.
PICTURES = os.environ.get("OUTRUSH_TEST_PICTURES", "")


def look_over(page: Page, name: str) -> None:
    """Nothing hangs over the edge, by normal or double text; fingers find everything; axe finds nothing wrong."""
    picture(page, name)
    fits_at_double_text_too(page)
    touchable(page)
    if every_type.has_script(page):
        _axe(page)
        page.emulate_media(color_scheme="dark")
        picture(page, f"{name}-dark")
        _axe(page, {"runOnly": ["color-contrast"]})
        page.emulate_media(color_scheme="light")


def _axe(page: Page, options: dict[str, Any] | None = None) -> None:
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def fits_at_double_text_too(page: Page, _name: str = "") -> None:
    fits(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    fits(page)
    page.evaluate("document.documentElement.style.fontSize = ''")


def touchable(page: Page) -> None:
    """Whatever is to be touched is as high as a fingertip. Links inside a sentence may be lower."""
    low = page.evaluate(
        """[...document.querySelectorAll("button, a.button, summary, select, input[type=text], textarea, .choice, "
             + ".languages a, .answers-head a")]
           .filter((one) => !one.closest(".unseen") && one.checkVisibility() && one.getBoundingClientRect().height < 44)
           .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert low == [], f"too low for a finger at {page.url}: {low}"


def fits(page: Page) -> None:
    """The page isn't wider than the screen, and no text is cut off by its box."""
    assert page.viewport_size is not None
    wide = page.evaluate(
        """(width) => document.documentElement.scrollWidth <= width ? []
           : [...document.querySelectorAll("main *")]
             .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1 && clientWidth > 1)
             .map((one) => one.outerHTML.slice(0, 80))""",
        page.viewport_size["width"],
    )
    assert wide == [], f"over the edge at {page.url}: {wide}"
    cut = page.evaluate(
        """[...document.querySelectorAll("button, a, label, legend, dt, dd, h1, h2, p, summary")]
           .filter((one) => !one.closest(".unseen") && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
           .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert cut == [], f"cut off at {page.url}: {cut}"

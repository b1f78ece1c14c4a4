"""Forms filled in with and without the script, narrow and wide, in two directions: one set of stored answers.

All forms in all modes are tried by tests/benchmarks/browser_modes.py, which takes minutes.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from outrush_site import clock
from surveys.instrument.evaluation import Environment, compile_program
from surveys.models import Interview, Record
from tests.respondent import every_type
from tests.respondent.conftest import LINK, example, invite, open_wave
from tests.respondent.filling import Filling, kept_of, longest_walk
from tests.respondent.looking import SIZES, look_over

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]


@pytest.fixture
def interview(live_server: LiveServer) -> Interview:
    return invite(open_wave(every_type.every_type(), "every", 1))


@pytest.fixture(params=["script", "plain"])
def scripting(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "script")


@pytest.fixture(params=list(SIZES))
def browser_page(
    request: pytest.FixtureRequest, scripting: bool, live_server: LiveServer, open_page: OpenPage
) -> Iterator[Page]:
    page = open_page(javascript=scripting)
    page.set_viewport_size(SIZES[request.param])
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_item_type_is_stored_alike(
    browser_page: Page, interview: Interview, live_server: LiveServer, language: str, request: pytest.FixtureRequest
) -> None:
    page, mode = browser_page, request.node.callspec.id
    page.goto(f"{live_server.url}/w/{LINK}?lang={language}")
    look_over(page, f"{mode}-start")
    press(page)
    assert page.locator("html").get_attribute("dir") == {"en": "ltr", "ar": "rtl"}[language]
    progress = []
    while (name := every_type.name_of(page)) in every_type.FILL:
        every_type.FILL[name](page)
        look_over(page, f"{mode}-{name}")
        progress.append(float(page.locator("progress").get_attribute("value") or 0))
        press(page)
        if name == "p_words":
            expect(page.get_by_role("alert")).to_be_visible()
            look_over(page, f"{mode}-{name}-soft")
            press(page)
    assert progress == sorted(progress)
    assert name == "review"
    look_over(page, f"{mode}-review")
    press(page)
    expect(page).to_have_url(f"{live_server.url}/i/done/")
    page.locator("details.copy summary").click()
    look_over(page, f"{mode}-last")
    answers = Record.objects.get().answers
    assert answers["moment"].startswith("2024-05-31T14:30")
    assert every_type.without_ids(answers) == every_type.ANSWERS


def test_w2024_is_stored_alike_by_script_on_a_desk_and_without_on_a_phone(
    live_server: LiveServer, open_page: OpenPage
) -> None:
    """In Russian, by one simulated respondent, as the engine says without any browser."""
    wave = open_wave(example("w2024"), "w2024", 2)
    program = compile_program(example("w2024"))
    environment = Environment(now=clock.now(), today=clock.today(), seed=7)
    walk = longest_walk(program, environment, seed=1)
    for size, has_script, link in (("wide", True, LINK), ("narrow", False, LINK[::-1])):
        interview = invite(wave, link)
        page = open_page(javascript=has_script)
        page.set_viewport_size(SIZES[size])
        page.goto(f"{live_server.url}/w/{link}?lang=ru")
        filling = Filling(page, program.instrument, walk.answers, look_over)
        filling.to_the_end()
        assert Record.objects.get(interview_id=interview.pk).answers == kept_of(program, environment, walk.answers)
        assert len(filling.names) >= 10


def press(page: Page) -> None:
    with page.expect_navigation(wait_until="load"):
        page.locator("button.main").click()

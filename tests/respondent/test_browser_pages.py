"""The pages in a real browser, at the width of a small phone, with and without JavaScript."""

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from surveys.models import Interview, Record, Wave
from tests.respondent.conftest import LINK, example, invite, open_wave

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 780}
HEADERS = 1_000  # bytes, more than any answer's headers
OpenPage = Callable[..., Page]


class Watched:
    """A page of which every request and complaint is kept."""

    def __init__(self, page: Page, host: str) -> None:
        self.page, self.host = page, host
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._request)
        page.on("console", self._console)

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "favicon" not in str(message.location):
            self.complaints.append(message.text)

    def start(self, language: str) -> None:
        self.page.goto(f"{self.host}/w/{LINK}?lang={language}")
        self.next()

    def next(self) -> None:
        self.fits()
        # The click alone returns before the next page is there, and keys or "back" would meet the old one.
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator("button.main").click()

    def press(self, button: str | re.Pattern[str]) -> None:
        with self.page.expect_navigation(wait_until="load"):
            self.page.get_by_role("button", name=button).click()

    def bring_up(self) -> None:
        """The questions that follow from an answer: without a script they come after a press of the button."""
        if not self.has_script:
            self.next()
            expect(self.page.get_by_role("alert")).to_contain_text(re.compile("Ещё один вопрос|One more question"))

    def show_choices(self) -> None:
        if not self.has_script:
            self.page.get_by_role("button", name="Show the choices").click()

    def finish(self) -> None:
        """Look the answers over and press the last button."""
        assert self.page.url.endswith("/i/review")
        self.next()

    @property
    def has_script(self) -> bool:
        return bool(self.page.evaluate("matchMedia('(scripting: enabled)').matches"))

    def fits(self) -> None:
        """Nothing hangs over the edge of the screen."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], self.page.url

    @property
    def name(self) -> str:
        return self.page.url.split("/")[-2]


@pytest.fixture(params=[False, True], ids=["without-script", "with-script"])
def phone(request: pytest.FixtureRequest, live_server: LiveServer, open_page: OpenPage) -> Iterator[Watched]:
    page = open_page(javascript=request.param, phone=True, language="ru")
    page.set_viewport_size(NARROW)
    watched = Watched(page, live_server.url)
    yield watched
    assert watched.complaints == []
    assert {url.split("/")[2] for url in watched.requests} == {live_server.url.split("/")[2]}


@pytest.fixture
def desk(live_server: LiveServer, open_page: OpenPage) -> Watched:
    return Watched(open_page(), live_server.url)


@pytest.fixture
def invited_2024(live_server: LiveServer) -> Interview:
    wave: Wave = open_wave(example("w2024"), "w2024", 2)
    return invite(wave, prior={"w2023": {"country": "GEO"}})


@pytest.fixture
def invited_2023(live_server: LiveServer) -> Interview:
    return invite(open_wave(example("w2023"), "w2023", 1))


def test_w2024_is_filled_in_to_the_end_in_russian_on_a_phone(phone: Watched, invited_2024: Interview) -> None:
    page = phone.page
    phone.start("ru")
    page.get_by_role("group", name="Вы согласны принять участие?").get_by_label("Я согласен(на) участвовать").check()
    phone.next()
    page.get_by_label("Южный Кавказ").check()
    phone.bring_up()
    page.get_by_label("В какой стране вы сейчас живёте?").select_option("Армения")
    when = page.get_by_role("group", name=re.compile("Когда вы туда приехали"))
    when.get_by_label("Месяц").select_option("Март")
    when.get_by_label("Год").fill("2022")
    phone.next()
    expect(page.locator(".note")).to_contain_text("В прошлой волне вы жили в стране: Грузия.")
    page.get_by_role("group", name="Вы всё ещё там живёте?").get_by_label("Нет").check()
    phone.bring_up()
    page.get_by_label("Бюрократия").check()
    phone.next()
    phone.next()
    page.get_by_role("group", name="писали письма политзаключённым").get_by_label("Иногда").check()
    phone.next()
    page.get_by_role("group", name=re.compile("насколько вы довольны жизнью")).get_by_label("7", exact=True).check()
    phone.next()
    page.get_by_label(re.compile("месячный доход")).fill("1500")
    page.get_by_label(re.compile("месячный доход")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("2024 год")
    page.get_by_label(re.compile("Насколько вероятны")).select_option("15")
    phone.next()
    phone.next()
    expect(page.locator("#q-birth_year-problem")).to_contain_text("Пожалуйста, ответьте на этот вопрос.")
    page.get_by_label(re.compile("В каком году вы родились")).fill("1985")
    phone.next()
    page.get_by_label("Хотите что-нибудь добавить?").fill("Всё хорошо.\nСпасибо!")
    phone.next()
    page.get_by_label("Да, пригласите меня по почте").check()
    phone.next()
    expect(page.get_by_text("Пройдено: 100")).to_be_visible()
    phone.finish()
    expect(page.get_by_role("heading", level=1)).to_have_text("Спасибо")
    answers = Record.objects.get().answers
    assert answers == {
        **{"consent": "1", "region": "caucasus", "country": "ARM", "arrived": "2022-03-01", "same_country": "0"},
        **{"moved_reasons": ["bureau"], "act_letters": "3", "life_satisfaction": "7", "income_usd": "1500"},
        **{"reform_likely": "15", "birth_year": "1985", "age": "39", "comment": "Всё хорошо.\nСпасибо!"},
        **{"recontact": "1", "prior_country": "GEO", "prior_country_label": "Грузия", "mobility": "moved_on"},
    }


def test_w2023_is_filled_in_to_the_end_in_english_with_entries_added_and_removed(
    phone: Watched, invited_2023: Interview
) -> None:
    page = phone.page
    phone.start("en")
    page.get_by_label("I agree to take part").check()
    phone.next()
    page.get_by_label(re.compile("In which year were you born")).fill("1990")
    phone.next()
    page.get_by_label("Month").select_option("March")
    page.get_by_label("Year").fill("2022")
    phone.next()
    for country in ("Georgia", "Turkey", "Serbia"):
        phone.press(re.compile("^Add"))
        page.get_by_label("Country", exact=True).last.select_option(country)
    expect(page.locator("fieldset.group").last).to_be_in_viewport()
    page.get_by_text("Remove entry 2", exact=True).click()
    page.get_by_role("group", name="Entry 1").get_by_label(re.compile("How many months")).fill("7")
    page.get_by_text("Remove entry 3", exact=True).click()
    if phone.has_script:
        expect(page.get_by_role("status")).to_have_text("Saved")
    expect(page.locator("fieldset.group")).to_have_count(3)
    phone.press("Yes, remove entry 2")
    phone.next()
    page.get_by_label("South Caucasus").check()
    phone.show_choices()
    page.get_by_label("In which country do you live now?").select_option("Armenia")
    while phone.name != "p_recontact":
        phone.next()
    page.get_by_label("Yes, but I will come back").check()
    phone.next()
    phone.finish()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    moves = [
        {key: value for key, value in move.items() if key != "_id"} for move in Record.objects.get().answers["moves"]
    ]
    assert moves == [{"move_country": "GEO", "move_months": "7"}, {"move_country": "SRB"}]


def test_the_first_page_is_three_requests_at_most_and_small(phone: Watched, invited_2024: Interview) -> None:
    bodies: list[bytes] = []
    phone.page.on("response", lambda response: bodies.append(response.body()))
    phone.page.goto(f"{phone.host}/w/{LINK}")
    phone.page.wait_for_load_state("networkidle")
    assert len(bodies) == len(phone.requests) <= 3
    # Both the pages and the static files go out compressed; the browser hands them over unpacked.
    assert sum(len(gzip.compress(body)) + HEADERS for body in bodies) <= 15_000
    assert "Принять участие" in phone.page.content()


def test_a_link_in_the_list_of_problems_leads_to_its_field(phone: Watched, invited_2024: Interview) -> None:
    phone.start("en")
    phone.next()
    page = phone.page
    assert page.title().startswith("Please check")
    page.get_by_role("alert").get_by_role("link").click()
    assert page.url.endswith("#q-consent")
    expect(page.locator("#q-consent")).to_be_in_viewport()


def test_a_matrix_is_a_table_on_a_wide_screen_and_questions_on_a_narrow_one(
    desk: Watched, invited_2024: Interview
) -> None:
    page = desk.page
    desk.start("en")
    _to_politics(desk)
    row = page.get_by_role("group", name="donated to an organisation")
    circles = [row.get_by_label(label).bounding_box() for label in ("Never", "Prefer not to answer")]
    assert circles[0] is not None
    assert circles[1] is not None
    assert circles[0]["y"] == circles[1]["y"]
    expect(page.locator(".matrix-head")).to_be_visible()
    page.set_viewport_size(NARROW)
    desk.fits()
    expect(page.locator(".matrix-head")).to_be_hidden()
    tops = [box["y"] for choice in row.locator(".choice").all() if (box := choice.bounding_box())]
    assert tops == sorted(set(tops))
    row.get_by_text("Rarely").click()
    desk.next()
    assert Interview.objects.get().answers["act_donate"] == "2"


def test_a_whole_page_can_be_answered_with_the_keyboard(desk: Watched, invited_2024: Interview) -> None:
    page = desk.page
    desk.start("en")
    focused: Callable[[], Any] = lambda: page.evaluate("document.activeElement.value || document.activeElement.tagName")  # noqa: E731
    order = []
    for _ in range(5):
        page.keyboard.press("Tab")
        order.append(focused())
    assert order == ["language:English (en)", "language:Русский (ru)", "BUTTON", "1", "next"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/i/p_place/")


def test_the_browser_s_own_back_button_leads_to_saved_answers(phone: Watched, invited_2024: Interview) -> None:
    page = phone.page
    phone.start("ru")
    page.get_by_label("Я согласен(на) участвовать").check()
    phone.next()
    page.go_back()
    expect(page.get_by_label("Я согласен(на) участвовать")).to_be_checked()
    page.get_by_label("Я не согласен(на)").check()
    if phone.has_script:
        expect(page.get_by_role("status")).to_have_text("Сохранено")
    else:
        page.go_forward()
    assert Interview.objects.get().answers == {"consent": "0" if phone.has_script else "1"}


def _to_politics(desk: Watched) -> None:
    page = desk.page
    page.get_by_label("I agree to take part").check()
    desk.next()
    page.get_by_label("Russia", exact=True).check()
    desk.show_choices()
    page.get_by_label("In which country do you live now?").select_option("Russia")
    while desk.name != "p_politics":
        desk.next()

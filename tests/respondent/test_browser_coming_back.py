"""Opting in and coming back in a real browser on a small phone, with and without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from outrush_site import clock
from surveys.models import Interview, RecruitmentLink, SealedRequest
from surveys.services.interviews import complete
from tests.respondent.conftest import CODE, example, open_wave

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 780}


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("javascript", [True, False])
def test_an_address_is_left_and_six_words_lead_back(
    live_server: LiveServer, open_page: Callable[..., Page], key_folder: Any, javascript: bool
) -> None:
    wave = open_wave(example("w2024"), "w2024", 2)
    RecruitmentLink.objects.create(wave=wave, source="telegram", code=CODE)
    page = open_page(javascript=javascript, language="ru")
    page.set_viewport_size(NARROW)
    page.goto(f"{live_server.url}/r/{CODE}")
    page.get_by_role("button", name="Принять участие").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Прежде чем начать")
    interview = Interview.objects.get()
    complete(interview=interview, answers={"consent": "1", "recontact": "1"}, today=clock.today(), now=clock.now())
    page.goto(f"{live_server.url}/i/")
    fits(page)
    page.get_by_label("Ваш адрес почты").fill("анна@example.org")
    page.get_by_role("button", name="Напишите мне").click()
    expect(page.get_by_role("alert")).to_contain_text("только латинские буквы")
    fits(page)
    expect(page.get_by_label("Ваш адрес почты")).to_have_value("анна@example.org")
    page.get_by_label("Ваш адрес почты").fill("anna@example.org")
    page.get_by_role("button", name="Напишите мне").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Готово")
    assert SealedRequest.objects.count() == 1
    page.get_by_role("link", name="Назад").click()
    page.get_by_role("button", name="Показать шесть слов").click()
    phrase = page.locator(".phrase").inner_text()
    assert re.fullmatch(r"([а-я]+ ){5}[а-я]+", phrase)
    fits(page)
    Interview.objects.all().delete()
    other = open_page(javascript=javascript, language="ru")
    other.set_viewport_size(NARROW)
    other.goto(live_server.url)
    other.get_by_role("link", name="У меня есть шесть слов").click()
    other.get_by_label("Слова по порядку").fill(phrase.capitalize())
    fits(other)
    other.get_by_role("button", name="Продолжить").click()
    other.get_by_role("button", name="Принять участие").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Прежде чем начать")
    assert phrase not in other.content()

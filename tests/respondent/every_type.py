"""A questionnaire with every item type, in English and Arabic, and someone who answers it in a browser."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from playwright.sync_api import Page, expect

from surveys.instrument.model import Instrument
from tests.builders import compiled, workbook

COLUMNS = (
    *("type", "name", "label::English (en)", "label::العربية (ar)", "hint::English (en)", "appearance", "required"),
    *("soft_required", "relevant", "choice_filter", "parameters", "constraint", "calculation"),
)
QUESTIONS = """
| begin_group | p_choose | Choosing | الاختيار |  |  |  |  |  |  |  |  |  |
| note | welcome | Choose as you like. | اختر كما تشاء. |  |  |  |  |  |  |  |  |  |
| select_one yes_no | take | Do you take part? | هل تشارك؟ | Radio buttons |  | yes |  |  |  |  |  |  |
| select_one lands | land | Which land? | أي بلد؟ |  | autocomplete |  |  |  |  |  |  |  |
| select_one scale | calm | How calm are you? | ما مدى هدوئك؟ |  | likert |  |  |  |  |  |  |  |
| select_multiple fruit | fruit | Which fruit do you eat? | ما الفاكهة التي تأكلها؟ |  |  |  |  |  |  |  |  |  |
| rank fruit | best | Which do you like best? | ما المفضل لديك؟ |  |  |  |  |  |  |  |  |  |
| acknowledge | read | I have read this | لقد قرأت هذا |  |  |  |  |  |  |  |  |  |
| end_group |  |  |  |  |  |  |  |  |  |  |  |  |
| begin_group | p_number | Numbers | أرقام |  |  |  |  |  |  |  |  |  |
| integer | age | How old are you? | كم عمرك؟ |  |  |  |  |  |  |  | . > 17 |  |
| decimal | income | What do you earn? | كم تكسب؟ |  |  |  |  |  |  |  |  |  |
| range | mood | Your mood from 0 to 10 | مزاجك من 0 إلى 10 |  |  |  |  |  |  | start=0 end=10 step=1 |  |  |
| range | share | A share in percent | نسبة مئوية |  |  |  |  |  |  | start=0 end=100 step=5 |  |  |
| calculate | double |  |  |  |  |  |  |  |  |  |  | ${age} * 2 |
| end_group |  |  |  |  |  |  |  |  |  |  |  |  |
| begin_group | p_date | Dates | تواريخ |  |  |  |  |  |  |  |  |  |
| date | day | Which day? | أي يوم؟ |  |  |  |  |  |  |  |  |  |
| date | month | Which month? | أي شهر؟ |  | month-year |  |  |  |  |  |  |  |
| date | since | Since which year? | منذ أي سنة؟ |  | year |  |  |  |  |  |  |  |
| time | hour | At what time? | في أي ساعة؟ |  |  |  |  |  |  |  |  |  |
| dateTime | moment | When exactly? | متى بالضبط؟ |  |  |  |  |  |  |  |  |  |
| end_group |  |  |  |  |  |  |  |  |  |  |  |  |
| begin_group | p_matrix | How often? | كم مرة؟ |  | table-list |  |  |  |  |  |  |  |
| select_one scale | often_a | reading | قراءة |  |  |  |  |  |  |  |  |  |
| select_one scale | often_b | walking | مشي |  |  |  |  |  |  |  |  |  |
| end_group |  |  |  |  |  |  |  |  |  |  |  |  |
| begin_group | p_follow | One thing follows from another | شيء يتبع شيئا |  |  |  |  |  |  |  |  |  |
| select_one region | region | Which region? | أي منطقة؟ |  |  |  |  |  |  |  |  |  |
| select_one town | town | Which town? | أي مدينة؟ |  |  |  |  |  | region = ${region} |  |  |  |
| select_one yes_no | works | Do you work? | هل تعمل؟ |  |  |  |  |  |  |  |  |  |
| text | job | What do you do? | ماذا تعمل؟ |  |  |  |  | ${works} = '1' |  |  |  |  |
| note | echo | You do: ${job} | عملك: ${job} |  |  |  |  | ${job} != '' |  |  |  |  |
| end_group |  |  |  |  |  |  |  |  |  |  |  |  |
| begin_repeat | homes | Homes | منازل |  |  |  |  |  |  |  |  |  |
| text | place | Where was it? | أين كان؟ |  |  |  |  |  |  |  |  |  |
| integer | months | How many months? | كم شهرا؟ |  |  |  |  |  |  |  |  |  |
| end_repeat |  |  |  |  |  |  |  |  |  |  |  |  |
| begin_group | p_words | In your words | بكلماتك |  |  |  |  |  |  |  |  |  |
| text | name | A made-up name | اسم مستعار |  |  |  | yes |  |  |  |  |  |
| text | story | Anything else? | شيء آخر؟ |  | multiline |  |  |  |  |  |  |  |
| end_group |  |  |  |  |  |  |  |  |  |  |  |  |
"""
SURVEY = f"| {' | '.join(COLUMNS)} |{QUESTIONS}"
CHOICES = """
| list_name | name | label::English (en) | label::العربية (ar) | region | missing |
| yes_no | 1 | Yes | نعم |  |  |
| yes_no | 0 | No | لا |  |  |
| yes_no | 99 | Prefer not to answer | أفضل عدم الإجابة |  | refused |
| scale | 1 | Never | أبدا |  |  |
| scale | 2 | Sometimes | أحيانا |  |  |
| scale | 3 | Often | غالبا |  |  |
| fruit | apple | Apple | تفاح |  |  |
| fruit | pear | Pear | كمثرى |  |  |
| fruit | plum | Plum | برقوق |  |  |
| region | north | North | الشمال |  |  |
| region | south | South | الجنوب |  |  |
| town | alta | Alta | ألتا | north |  |
| town | bodo | Bodo | بودو | north |  |
| town | faro | Faro | فارو | south |  |
""" + "".join(f"| lands | l{n} | Land {n} | بلد {n} |  |  |\n" for n in range(1, 16))
SETTINGS = """
| form_title | form_id | default_language | style |
| Every type | every_type | English (en) | pages |
"""
ANSWERS: dict[str, Any] = {
    **{"take": "1", "land": "l12", "calm": "2", "fruit": ["apple", "plum"], "best": ["plum", "pear", "apple"]},
    **{"read": "OK", "age": "40", "income": "1250.5", "mood": "7", "share": "35", "double": "80"},
    **{"day": "2024-02-29", "month": "2022-03-01", "since": "1999-01-01", "hour": "14:30:00"},
    **{"often_a": "3", "often_b": "1", "region": "south", "town": "faro", "works": "1", "job": "Baker"},
    **{"homes": [{"place": "Batumi", "months": "7"}, {"place": "Vilnius"}], "story": "One.\nTwo."},
}


def workbook_bytes() -> bytes:
    return workbook(SURVEY, CHOICES, SETTINGS)


@lru_cache
def every_type() -> Instrument:
    found = compiled(SURVEY, CHOICES, SETTINGS)
    assert found.instrument is not None, [str(problem) for problem in found.errors]
    return found.instrument


def _choose(page: Page) -> None:
    check(page, "take", "1")
    if page.locator("[data-ours]").count():
        page.locator("[data-ours]").fill("12")
        expect(page.locator("#q-land option")).to_have_count(2)
    page.locator("#q-land").select_option("l12")
    check(page, "calm", "2")
    check(page, "fruit", "plum")
    check(page, "fruit", "apple")
    for place, fruit in enumerate(("plum", "pear", "apple")):
        page.locator("select[name=best]").nth(place).select_option(fruit)
    check(page, "read", "OK")


def _number(page: Page) -> None:
    page.locator("#q-age").fill("40")
    page.locator("#q-income").fill("1 250,5")
    check(page, "mood", "7")
    page.locator("#q-share").select_option("35")


def _date(page: Page) -> None:
    page.locator("#q-day").fill("2024-02-29")
    page.locator("[name='month.month']").select_option("3")
    page.locator("[name='month.year']").fill("2022")
    page.locator("#q-since").fill("1999")
    page.locator("#q-hour").fill("14:30")
    page.locator("#q-moment").fill("2024-05-31T14:30")


def _matrix(page: Page) -> None:
    check(page, "often_a", "3")
    check(page, "often_b", "1")


def _follow(page: Page) -> None:
    """With a script the questions appear by themselves; without one a press of the button brings them."""
    check(page, "region", "south")
    check(page, "works", "1")
    if not has_script(page):
        page.locator("button.main").click()
        expect(page.get_by_role("alert")).to_be_visible()
    check(page, "town", "faro")
    page.locator("#q-job").fill("Baker")
    if has_script(page):
        page.locator("#q-job").blur()
    else:
        page.locator("button.main").click()
    expect(page.locator("#note-echo")).to_contain_text("Baker")


def _homes(page: Page) -> None:
    """Each entry has a page of its own, and the hub lists them. Removing one takes two presses."""
    entries = page.locator("section.entry")
    for number, place in enumerate(("Batumi", "nowhere", "Vilnius"), 1):
        page.locator("button[value='add:homes']").click()
        page.wait_for_url("**/i/place/*/")
        page.locator("#questions input").first.fill(place)
        if number == 1:
            page.locator("#questions input").nth(1).fill("7")
        page.locator("button.main").click()
        page.wait_for_url("**/i/homes/")
        expect(entries).to_have_count(number)
    entries.nth(1).locator("summary").click()
    entries.nth(1).get_by_role("button").click()
    expect(entries).to_have_count(2)


def _words(page: Page) -> None:
    page.locator("#q-story").fill("One.\nTwo.")


FILL: dict[str, Callable[[Page], None]] = {
    **{"p_choose": _choose, "p_number": _number, "p_date": _date, "p_matrix": _matrix, "p_follow": _follow},
    **{"homes": _homes, "p_words": _words},
}


def check(page: Page, name: str, value: str) -> None:
    """Choose an option as a finger does: on its label, or on the cell of a matrix."""
    option = page.locator(f"[name='{name}'][value='{value}']")
    option.locator("xpath=ancestor::label").click()
    expect(option).to_be_checked()


def has_script(page: Page) -> bool:
    """Whether this browser runs scripts: `noscript` has children only where it doesn't."""
    return bool(page.evaluate("matchMedia('(scripting: enabled)').matches"))


def without_ids(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers without the ids of entries and without the moment, whose zone is the server's."""
    homes = [{key: value for key, value in home.items() if key != "_id"} for home in answers["homes"]]
    return {key: value for key, value in {**answers, "homes": homes}.items() if key != "moment"}


def name_of(page: Page) -> str:
    found = re.search(r"/i/([^/#?]+)", page.url)
    return found[1] if found else ""

"""Hubs over HTTP, without a script: entries listed in words, added, edited, removed; two tabs; the review."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from outrush_site import clock
from surveys.instrument.authoring import compile_workbook
from surveys.instrument.model import Instrument
from surveys.models import Interview, Record
from surveys.models.interview import OutcomeCode
from surveys.services.interviews import end_of_wave
from tests.builders import workbook
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK, invite, open_wave, reloaded

SURVEY = """
    type | name | label::English (en) | label::Русский (ru) | required | repeat_count | appearance
    text | first | First question | Первый вопрос | | |
    begin_repeat | trip | Trips | Поездки | | |
    select_one lands | land | Where to? | Куда? | yes | |
    date | since | Since when? | С какого дня? | | | month-year
    begin_group | stay | The stay | Пребывание | | | field-list
    text | why | Why there? | Почему туда? | | |
    integer | n | How many came along? | Сколько человек было с вами? | | |
    end_group | | | | | |
    begin_repeat | person | People | Люди | | ${n} |
    text | name | Name? | Имя? | yes | |
    end_repeat | | | | | |
    end_repeat | | | | | |
    text | last | Last question | Последний вопрос | | |
"""
LANDS = """
    list_name | name | label::English (en) | label::Русский (ru)
    lands | GEO | Georgia | Грузия
    lands | ARM | Armenia | Армения
"""
SCRIPT = {"HTTP_X_PART": "questions"}


def trips() -> Instrument:
    found = compile_workbook(workbook(SURVEY, LANDS), "trips.xlsx").instrument
    assert found is not None
    return found


@pytest.fixture
def interview(db: None) -> Interview:
    return invite(open_wave(trips(), "trips", 1))


@pytest.fixture
def respondent(interview: Interview, visitor: Callable[..., Visitor]) -> Visitor:
    """Someone on the hub, with no entry yet."""
    someone = visitor()
    someone.take_part(LINK)
    someone.answer({"first": "x"})
    assert someone.page.path == "/i/trip/"
    return someone


def add(someone: Visitor, land: str, **others: str) -> str:
    """Add an entry from the hub and go through its pages; returns its id."""
    someone.answer(move="add:trip")
    entry = someone.page.path.strip("/").rpartition("/")[2]
    someone.answer({f"trip.{entry}.land": land} | {f"trip.{entry}.{key}": value for key, value in others.items()})
    assert someone.page.path == f"/i/stay/{entry}/"
    someone.answer()
    assert someone.page.path == "/i/trip/"
    return entry


def another(someone: Visitor, visitor: Callable[..., Visitor], path: str) -> Visitor:
    """Another tab of the same respondent."""
    tab = visitor()
    tab.client.cookies = someone.client.cookies
    tab.get(path)
    return tab


def test_entries_are_listed_in_words_with_their_links(respondent: Visitor, interview: Interview) -> None:
    assert "Nothing has been added yet." in respondent.page.html
    assert "Nothing to add, go on" in respondent.page.html
    entry = add(respondent, "GEO", **{"since.month": "3", "since.year": "2022"})

    for words in ("Entry 1", "Georgia", "March 2022", "Complete", "That’s all, go on", "Add another entry"):
        assert words in respondent.page.html, words
    assert f'href="/i/land/{entry}/"' in respondent.page.html
    respondent.get(f"/i/land/{entry}/")
    assert respondent.page.values[f"trip.{entry}.land"] == ["GEO"]
    respondent.send(respondent.page.form(), button=("-move", "language:Русский (ru)"))
    assert respondent.page.path == f"/i/land/{entry}/"
    assert "Поездки – Запись 1" in respondent.page.html
    assert reloaded(interview.pk).answers["trip"] == [{"_id": entry, "land": "GEO", "since": "2022-03-01"}]


def test_an_entry_left_unfinished_is_named_with_a_link_to_what_is_missing(respondent: Visitor) -> None:
    respondent.answer(move="add:trip")
    entry = respondent.page.path.strip("/").rpartition("/")[2]
    respondent.answer(move="back")
    assert respondent.page.path == "/i/trip/"
    assert "One question is still open" in respondent.page.html

    respondent.answer()
    assert respondent.page.path == "/i/trip/"
    assert "Please check" in respondent.page.html
    assert f'<a href="/i/land/{entry}/#q-trip.{entry}.land">Entry 1</a> Something is still missing here.' in (
        respondent.page.html
    )


def test_an_entry_is_removed_in_two_presses(respondent: Visitor, interview: Interview) -> None:
    entries = [add(respondent, land) for land in ("GEO", "ARM")]
    page = respondent.page.html
    closed = page[page.index("<details>") : page.index("</details>")]
    assert f'value="remove:trip:{entries[0]}"' in closed, "the button itself shows only after the first press"

    respondent.answer(move=f"remove:trip:{entries[0]}")
    assert respondent.page.path == "/i/trip/"
    assert [one["land"] for one in reloaded(interview.pk).answers["trip"]] == ["ARM"]
    assert list(reloaded(interview.pk).page_saves) == ["first", f"land/{entries[1]}"]
    assert respondent.get(f"/i/land/{entries[0]}/").status == 404


@pytest.mark.parametrize("path", ["/i/land/zzzz/", "/i/land/", "/i/trip/zzzz/", "/i/land/zzzz/x/"])
def test_a_page_of_no_entry_is_not_part_of_the_questionnaire(respondent: Visitor, path: str) -> None:
    assert respondent.get(path).status == 404
    assert "This page isn't part of your questionnaire" in respondent.page.html.replace("&#x27;", "'")


@pytest.mark.django_db(transaction=True, databases=["default", "answers"])
def test_a_double_click_on_add_makes_one_entry(respondent: Visitor, interview: Interview) -> None:
    data = {**respondent.page.form().values, "-move": "add:trip"}
    cookies = respondent.client.cookies

    def click(_: int) -> str:
        try:
            client = Client()
            client.cookies = cookies
            return str(client.post("/i/trip/", data)["Location"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as pool:
        places = set(pool.map(click, range(4)))
    (entry,) = reloaded(interview.pk).answers["trip"]
    assert places == {f"/i/land/{entry['_id']}/"}


def test_tabs_on_two_entries_do_not_stand_in_each_others_way(
    respondent: Visitor, visitor: Callable[..., Visitor], interview: Interview
) -> None:
    one, two = (add(respondent, land) for land in ("GEO", "ARM"))
    respondent.get(f"/i/stay/{one}/")
    other = another(respondent, visitor, f"/i/stay/{two}/")
    same = another(respondent, visitor, f"/i/stay/{one}/")
    hub = another(respondent, visitor, "/i/trip/")

    respondent.answer({f"trip.{one}.why": "mine"})
    other.answer({f"trip.{two}.why": "other"})
    hub.answer(move="add:trip")
    same.answer({f"trip.{one}.why": "too late"})

    assert [tab.page.status for tab in (respondent, other, hub, same)] == [200, 200, 200, 409]
    assert "Saved: <b>mine</b>" in same.page.html
    assert [one.get("why") for one in reloaded(interview.pk).answers["trip"]] == ["mine", "other", None]
    mine = same.page.forms[0]
    same.send(mine, button=mine.buttons[0])
    assert same.page.path == "/i/trip/"
    assert reloaded(interview.pk).answers["trip"][0]["why"] == "too late"


def test_removing_an_entry_never_takes_unseen_what_another_device_has_saved_in_it(
    respondent: Visitor, visitor: Callable[..., Visitor], interview: Interview
) -> None:
    entry = add(respondent, "GEO")
    other = another(respondent, visitor, f"/i/stay/{entry}/")
    other.answer({f"trip.{entry}.why": "said since"})

    respondent.answer(move=f"remove:trip:{entry}")
    assert respondent.page.status == 409
    for words in ("This entry has been changed in another window since", "Georgia", "said since"):
        assert words in respondent.page.html, words
    (kept,) = reloaded(interview.pk).answers["trip"]
    assert kept["why"] == "said since"
    anyway = respondent.page.forms[0]
    respondent.send(anyway, button=anyway.buttons[0])
    assert (respondent.page.path, respondent.page.status) == ("/i/trip/", 200)
    assert not reloaded(interview.pk).answers.get("trip")


def test_removing_an_entry_takes_what_was_seen_without_a_question(
    respondent: Visitor, visitor: Callable[..., Visitor], interview: Interview
) -> None:
    entries = [add(respondent, land) for land in ("GEO", "ARM")]
    other = another(respondent, visitor, f"/i/stay/{entries[1]}/")
    other.answer({f"trip.{entries[1]}.why": "said since"})
    respondent.answer(move=f"remove:trip:{entries[0]}")
    assert respondent.page.status == 200
    assert [one["_id"] for one in reloaded(interview.pk).answers["trip"]] == [entries[1]]


@pytest.mark.parametrize(("month", "shown"), [("3", "2022-03-01"), ("", "2022")])
def test_what_was_typed_into_an_entry_that_is_gone_is_shown_to_be_copied(
    respondent: Visitor, visitor: Callable[..., Visitor], month: str, shown: str
) -> None:
    entry = add(respondent, "GEO")
    other = another(respondent, visitor, f"/i/land/{entry}/")
    respondent.answer(move=f"remove:trip:{entry}")
    since = {f"trip.{entry}.since.month": month, f"trip.{entry}.since.year": "2022"}
    other.answer({f"trip.{entry}.land": "ARM", **since})
    assert other.page.status == 404
    assert "<dt>Where to?</dt><dd>Armenia</dd>" in other.page.html
    assert f"<dt>Since when?</dt><dd>{shown}</dd>" in other.page.html
    assert "isn't saved" in other.page.html.replace("&#39;", "'")


def test_the_script_saves_a_page_of_an_entry(respondent: Visitor, interview: Interview) -> None:
    respondent.answer(move="add:trip")
    path, form = respondent.page.path, respondent.page.form()
    entry = path.strip("/").rpartition("/")[2]
    data = {**form.values, f"trip.{entry}.land": "ARM", "-move": "stay"}

    part = respondent.client.post(path, data, **SCRIPT)
    assert part.status_code == 200
    assert part.content.decode().strip().startswith("<fieldset")
    assert reloaded(interview.pk).answers["trip"] == [{"_id": entry, "land": "ARM"}]
    assert respondent.client.post("/i/land/zzzz/", data, **SCRIPT).status_code == 409


def test_someone_resumes_on_the_page_of_the_entry_they_left(respondent: Visitor, interview: Interview) -> None:
    add(respondent, "GEO")
    respondent.answer(move="add:trip")
    entry = respondent.page.path.strip("/").rpartition("/")[2]
    respondent.answer({f"trip.{entry}.land": "ARM"})

    assert respondent.get("/i/").path == f"/i/stay/{entry}/"
    respondent.answer()
    assert respondent.get("/i/").path == "/i/trip/"
    respondent.answer()
    assert respondent.get("/i/").path == "/i/last/"


def test_whoever_breaks_off_on_a_hub_has_left_empty_what_is_empty_in_its_entries(
    respondent: Visitor, interview: Interview
) -> None:
    first = add(respondent, "GEO")
    respondent.get(f"/i/stay/{first}/")
    respondent.answer({f"trip.{first}.why": "x"})
    add(respondent, "ARM", **{"since.month": "3", "since.year": "2022"})
    respondent.get(f"/i/stay/{first}/")
    respondent.answer()
    assert reloaded(interview.pk).page == "trip"
    end_of_wave(wave=interview.wave, today=clock.today(), now=clock.now())

    record = Record.objects.get()
    assert record.outcome_code == OutcomeCode.PARTIAL
    assert record.missing["last"] == "not_reached"
    assert [trip["n"] for trip in record.missing["trip"]] == ["left_empty"] * 2, "these pages were gone through"


def test_whoever_breaks_off_on_a_hub_has_not_reached_the_page_behind_it(
    respondent: Visitor, interview: Interview
) -> None:
    entry = add(respondent, "GEO", **{"since.month": "3", "since.year": "2022"})
    respondent.get(f"/i/stay/{entry}/")
    respondent.answer({f"trip.{entry}.why": "x"})
    assert respondent.page.path == "/i/trip/"
    end_of_wave(wave=interview.wave, today=clock.today(), now=clock.now())

    assert Record.objects.get().missing["last"] == "not_reached"


def test_progress_never_goes_back(respondent: Visitor, interview: Interview) -> None:
    def progress() -> int:
        return reloaded(interview.pk).progress

    seen = [progress()]
    for land in ("GEO", "ARM", "GEO"):
        entry = add(respondent, land)
        seen.append(progress())
    respondent.answer(move=f"remove:trip:{entry}")
    respondent.answer()
    seen.append(progress())
    assert seen == sorted(seen)
    respondent.answer()
    assert progress() == 100


def test_the_review_leads_to_each_entry_and_the_copy_holds_them(respondent: Visitor, interview: Interview) -> None:
    entry = add(respondent, "GEO")
    respondent.get(f"/i/stay/{entry}/")
    respondent.answer({f"trip.{entry}.n": "1"})
    assert respondent.page.path == f"/i/person/{entry}/"
    respondent.answer()
    person = respondent.page.path
    respondent.answer({f"person.{person.split('/')[3]}.name": "Anna"})
    assert respondent.page.path == f"/i/person/{entry}/"
    respondent.answer()
    respondent.answer()
    respondent.answer()
    assert respondent.page.path == "/i/review"
    for link in (f"/i/land/{entry}/", f"/i/stay/{entry}/", f"/i/person/{entry}/", person, "/i/trip/"):
        assert f'href="{link}"' in respondent.page.html, link

    copy = respondent.client.post("/i/copy", respondent.page.form("/i/copy").values).content.decode()
    assert "TRIPS – ENTRY 1\n\nWhere to?\n    Georgia" in copy
    assert "TRIPS – ENTRY 1: THE STAY\n\nWhy there?\n    no answer" in copy
    assert "TRIPS – ENTRY 1: PEOPLE – ENTRY 1\n\nName?\n    Anna" in copy

    respondent.get(f"/i/land/{entry}/")
    respondent.answer({f"trip.{entry}.land": "ARM"}, move="review")
    assert respondent.page.path == "/i/review"
    respondent.finish()
    record = Record.objects.get()
    (trip,) = record.answers["trip"]
    assert (trip["land"], trip["person"][0]["name"]) == ("ARM", "Anna")
    assert not any(name in str(record.answers) for name in ("_visited", "_added"))


def test_without_entries_the_review_and_the_copy_say_so(respondent: Visitor) -> None:
    respondent.answer()
    respondent.answer()
    assert respondent.page.path == "/i/review"
    assert "Nothing has been added yet." in respondent.page.html
    copy = respondent.client.post("/i/copy", respondent.page.form("/i/copy").values).content.decode()
    assert "TRIPS\n\nno answer" in copy


def test_the_end_leads_to_the_entry_that_lacks_something(respondent: Visitor, visitor: Callable[..., Visitor]) -> None:
    entry = add(respondent, "GEO")
    respondent.answer()
    other = another(respondent, visitor, f"/i/land/{entry}/")
    other.answer({f"trip.{entry}.land": [""]}, move="back")
    respondent.answer()
    assert respondent.page.form().action == f"/i/land/{entry}/"
    assert "Please answer this question." in respondent.page.html

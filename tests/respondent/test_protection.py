"""What a stranger can't do: post from elsewhere, forge a cookie or a token, break a page, learn a topic."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from surveys.models import Interview, Record, RecruitmentLink
from surveys.respondent import cookie
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import CODE, LINK, reloaded, rows
from tests.respondent.test_answering import walk

FOREIGN = [
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_ORIGIN": "https://testserver"},  # another scheme
    {"HTTP_ORIGIN": "http://testserver.evil.example"},
    {"HTTP_ORIGIN": "http://testserver:81"},
    {"HTTP_ORIGIN": "http://["},  # no address at all
    {"HTTP_ORIGIN": "http://\u2100"},
    {"HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_SEC_FETCH_SITE": "same-site"},
    {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "cross-site"},
]
OWN = [
    {},
    {"HTTP_ORIGIN": "http://testserver"},
    {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"},
]


def posts(someone: Visitor) -> list[tuple[str, dict[str, Any]]]:
    """Every POST that the pages offer, as (path, data)."""
    someone.get(f"/r/{CODE}")
    found = [(f"/r/{CODE}", dict(someone.page.form().values))]
    someone.get(f"/w/{LINK}")
    found += [(form.action or f"/w/{LINK}", dict(form.values)) for form in someone.page.forms]
    someone.take_part(LINK)
    found += [(form.action, {**form.values, "consent": "1"}) for form in someone.page.forms]
    found = [(path, data) for path, data in found if path != "/leave"]  # it changes nothing, so it has no token
    assert len(found) == 10
    return found


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_post_from_another_site_is_refused(
    interview: Interview, open_link: RecruitmentLink, visitor: Callable[..., Visitor], headers: dict[str, str]
) -> None:
    someone = visitor()
    everything = posts(someone)
    before = rows()
    for path, data in everything:
        assert someone.client.post(path, data, **headers).status_code == 403, path
    assert rows() == before


@pytest.mark.parametrize("headers", OWN)
def test_a_post_from_our_own_page_is_taken(
    interview: Interview, visitor: Callable[..., Visitor], headers: dict[str, str]
) -> None:
    someone = visitor()
    someone.take_part(LINK)
    form = someone.page.form()
    assert someone.client.post(form.action, {**form.values, "consent": "1"}, **headers).status_code == 303
    assert reloaded(interview.pk).answers == {"consent": "1"}


@pytest.mark.parametrize("token", [None, "", "0" * 32, "é", "other"])
def test_a_post_without_its_token_is_refused(
    interview: Interview, open_link: RecruitmentLink, visitor: Callable[..., Visitor], token: str | None
) -> None:
    someone = visitor()
    everything = posts(someone)
    tokens = [data["-token"] for _, data in everything]
    before = rows()
    for number, (path, data) in enumerate(everything):
        wrong = next(other for other in tokens if other != tokens[number]) if token == "other" else token
        forged = {**data, "-token": wrong} if wrong is not None else {k: v for k, v in data.items() if k != "-token"}
        assert someone.client.post(path, forged).status_code == 403, path
    assert rows() == before


def test_a_refused_page_says_what_to_do(respondent: Visitor) -> None:
    page = respondent.post(respondent.page.path, {"-token": "x"})
    assert "Nothing has been changed" in page.html
    assert 'href="/i/"' in page.html


def test_a_cookie_that_was_changed_opens_nothing(
    respondent: Visitor, interview: Interview, visitor: Callable[..., Visitor]
) -> None:
    good = respondent.client.cookies["interview"].value
    assert respondent.get("/i/").status == 200
    flipped = ("0" if good[0] != "0" else "1") + good[1:]
    for value in (flipped, good[:-1], good + "A", "", "x", f"{interview.pk}", good.split(":")[0]):
        someone = visitor()
        someone.client.cookies["interview"] = value
        page = someone.get("/i/p_consent/")
        assert page.status == 403
        assert "This browser doesn't know you any more" in page.html.replace("&#39;", "'")


def test_a_sitting_ends_after_two_days_and_the_link_lets_on(
    interview: Interview, visitor: Callable[..., Visitor], move_clock: Callable[[timedelta], None]
) -> None:
    someone = visitor()
    someone.take_part(LINK)
    walk(someone, until="p_plans")
    form = someone.page.form()
    move_clock(cookie.VALID_FOR - timedelta(minutes=1))
    assert someone.get("/i/").status == 200
    move_clock(timedelta(minutes=2))
    assert someone.get("/i/").status == 403
    assert someone.send(form, {"plan_move": "1"}, ("-move", "next")).status == 403
    assert someone.take_part(LINK).path == "/i/p_plans/"


def test_the_cookie_holds_the_interview_and_a_minute_and_no_script_reads_it(
    respondent: Visitor, interview: Interview
) -> None:
    set_cookie = respondent.client.cookies["interview"]
    assert set_cookie["httponly"]
    assert set_cookie["samesite"] == "Lax"
    assert (set_cookie["max-age"], set_cookie["expires"]) == ("", "")
    held, _, _ = set_cookie.value.partition(":")
    identity, _, minute = held.partition(".")
    assert identity == interview.pk.hex
    assert minute.isdecimal()
    assert LINK not in str(set_cookie)


def test_no_page_of_the_interview_carries_the_link(respondent: Visitor) -> None:
    assert LINK in respondent.get(f"/w/{LINK}").html  # the search would find it
    respondent.send(respondent.page.form())
    for _ in range(3):
        assert LINK not in respondent.page.html
        assert LINK not in respondent.page.path
        respondent.answer({"consent": "1", "region": "rus", "country": "RUS"})


@pytest.mark.parametrize(
    "junk",
    [
        {"country": "\x00"},
        {"country": ["a"] * 300},
        {"region": "\ud800".encode("utf-8", "surrogatepass")},
        {"arrived.year": "9" * 5000, "arrived.month": "-1"},
        {"moves.k.x": "1", "_id": "x", "panelist": "1", "state": "ended", "wave": "2", "prior_country": "RUS"},
        {"legal_status": "\u202e\u200b\u0000"},
        {"-move": "remove::::"},
        {"-move": "add:nowhere:x", "consent": {}},
    ],
)
def test_junk_is_ignored_and_never_breaks_a_page(
    respondent: Visitor, interview: Interview, junk: dict[str, Any]
) -> None:
    walk(respondent, until="p_place")
    respondent.answer(junk)
    assert respondent.page.status in {200, 409}
    assert set(reloaded(interview.pk).answers) <= {"consent", "country", "region", "arrived", "legal_status"}
    assert reloaded(interview.pk).state == "in_progress"
    assert respondent.get("/i/").status == 200


def test_a_post_of_more_fields_than_a_page_has_is_refused_kindly(respondent: Visitor) -> None:
    client: Client = respondent.client
    client.raise_request_exception = False
    answer = client.post("/i/p_consent/", {f"f{number}": "1" for number in range(2100)})
    assert answer.status_code == 400
    assert "Nothing has been changed" in answer.content.decode()


def test_a_surprise_gets_a_page_of_ours_without_a_trace(respondent: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def surprise(*_: object, **__: object) -> None:
        raise RuntimeError("planted-detail")

    monkeypatch.setattr("surveys.instrument.advance.show_on_route", surprise)
    respondent.client.raise_request_exception = False
    answer = respondent.client.get("/i/p_consent/")
    assert answer.status_code == 500
    assert "What was saved before is still there" in answer.content.decode()
    assert "planted-detail" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize(
    "path", [f"/w/{LINK}", f"/w/{LINK}/stop", f"/u/{LINK}", "/i/", "/i/p_consent/", "/i/stop", "/"]
)
@pytest.mark.parametrize("method", ["put", "delete", "patch", "trace"])
def test_other_methods_are_refused(respondent: Visitor, path: str, method: str) -> None:
    assert getattr(respondent.client, method)(path).status_code == 405


@pytest.mark.parametrize("path", ["/w/x.css", f"/w/{LINK}/x.css", "/i/p_consent/x.css", "/i/x.js/", "/i", "/admin.php"])
def test_no_address_can_be_dressed_up_as_a_file_for_a_cache(respondent: Visitor, path: str) -> None:
    answer = respondent.client.get(path)
    assert answer.status_code in {301, 404}
    assert answer["Cache-Control"] == "no-store"


def test_pages_have_neutral_titles_and_nothing_from_elsewhere(
    interview: Interview, open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    pages = [someone.get(path) for path in ("/", f"/w/{LINK}", f"/r/{CODE}", f"/w/{LINK[:-1]}", f"/u/{LINK}", "/i/")]
    someone.take_part(LINK)
    pages.append(someone.page)
    walk(someone)
    pages.append(someone.page)
    assert Record.objects.exists()
    for page in pages:
        assert "<title>Questionnaire</title>" in page.html
        assert settings.STUDY_NAME not in page.html.partition("<body>")[0]
        assert page.html.count("<script") == page.html.count('<script type="module" src="/static/respondent/pages')
        for inline in ("<style", " style=", " onclick", "http://", "https://", "<img", "javascript:"):
            assert inline not in page.html, (page.path, inline)
        assert len(page.html.encode()) < 15_000

"""Links and exits: opening changes nothing, and a wrong, expired or closed link tells nobody which it is."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from outrush_site import clock
from panel.vault.seals import Request
from surveys.models import Interview, Record, RecruitmentLink, Respondent, SealedRequest, Wave
from surveys.models.interview import InterviewState, OutcomeCode
from surveys.models.wave import WaveState
from surveys.services.records import purge_marked
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import CODE, LINK, invite, reloaded, rows, yesterday
from tests.respondent.test_answering import walk

WRONG = "z" * 26
TOKEN = re.compile(r'(?<=name="-token" value=")[0-9a-f]{32}')
Inbox = Callable[[], list[Request]]


def closed(wave: Wave) -> None:
    wave.state, wave.closed_on = WaveState.CLOSED, clock.today()


def expired(wave: Wave) -> None:
    wave.opens_on = wave.closes_on = yesterday()


def not_yet_open(wave: Wave) -> None:
    wave.opens_on = clock.today() + timedelta(days=1)


def masked(response: Any, letters: str) -> tuple[int, str, dict[str, str]]:
    """Status, headers and page, without the letters and the token made from them."""
    html = response.content.decode().replace(letters, "LINK").replace("a" * 26, "LINK")
    return response.status_code, TOKEN.sub("", html), dict(response.headers)


@pytest.mark.parametrize("unusable", [closed, expired, not_yet_open])
def test_every_link_that_cannot_be_entered_gets_the_very_same_page(
    interview: Interview, visitor: Callable[..., Visitor], unusable: Callable[[Wave], None]
) -> None:
    client = visitor().client
    assert client.get(f"/w/{LINK}").status_code == 200
    unusable(interview.wave)
    interview.wave.save()
    expected = client.get(f"/w/{WRONG}")
    assert expected.status_code == 404
    flipped = LINK[:-1] + ("a" if LINK[-1] != "a" else "b")
    lookalike = LINK.replace("a", "а", 1)  # Cyrillic
    for letters in (
        LINK,
        flipped,
        LINK[:-1],
        LINK[:5],
        LINK + "a",
        LINK.upper(),
        lookalike,
        "1" * 26,
        "x" * 2000,
        "%00",
    ):
        found = client.get(f"/w/{letters}")
        assert masked(found, letters) == masked(expected, WRONG), letters
        assert len(found.content) == len(expected.content)


def test_a_link_that_cannot_be_entered_cannot_be_posted_to_either(
    interview: Interview, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    someone.get(f"/w/{LINK}")
    form = someone.page.form()
    closed(interview.wave)
    interview.wave.save()
    before = rows()
    assert someone.send(form).status == 404
    assert "interview" not in someone.client.cookies
    assert rows() == before


def test_opening_links_however_often_changes_no_row_and_sets_no_cookie(
    interview: Interview, open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    before = rows()
    interview.language = "Русский (ru)"
    interview.save()
    assert rows() != before  # the comparison sees a change
    before = rows()
    paths = [f"/w/{LINK}", f"/w/{LINK}?lang=ru", f"/w/{LINK}/stop", f"/w/{LINK}/erase", f"/r/{CODE}", f"/u/{WRONG}"]
    for path in [*paths, "/", "/i/", "/i/p_consent/", f"/w/{WRONG}"]:
        for _ in range(50 if path == f"/w/{LINK}" else 5):
            someone.client.get(path)
            someone.client.head(path)
            someone.client.options(path)
    assert rows() == before
    assert not someone.client.cookies
    assert someone.take_part(LINK).path == "/i/p_consent/"


def test_the_language_is_chosen_before_taking_part(interview: Interview, visitor: Callable[..., Visitor]) -> None:
    someone = visitor("en")
    assert "Take part" in someone.get(f"/w/{LINK}").html
    assert "Принять участие" in someone.get(f"/w/{LINK}?lang=ru").html
    someone.send(someone.page.form())
    assert "Прежде чем начать" in someone.page.html
    assert reloaded(interview.pk).language == "Русский (ru)"


@pytest.mark.parametrize("wanted", ["xx", "../../etc", "<b>", "%00", "ru-RU", ""])
def test_any_other_language_parameter_is_harmless(
    interview: Interview, visitor: Callable[..., Visitor], wanted: str
) -> None:
    page = visitor().get(f"/w/{LINK}?lang={wanted}")
    assert page.status == 200
    assert "<b>" not in page.html
    assert ("Принять участие" in page.html) == (wanted == "ru-RU")


def test_an_open_link_makes_a_respondent_and_one_interview_however_often_it_is_clicked(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    form = someone.get(f"/r/{CODE}").form()
    for _ in range(3):
        someone.post(f"/r/{CODE}", form.values)
        assert someone.page.path == "/i/p_consent/"
    interview = Interview.objects.get()
    assert (interview.respondent.source, interview.respondent.cohort) == ("telegram", "w2024")
    assert interview.link_hash is None
    assert Respondent.objects.count() == 1
    walk(someone)
    assert Record.objects.get().respondent == interview.respondent


def test_two_people_on_an_open_link_are_two_respondents(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    for _ in range(2):
        someone = visitor()
        someone.get(f"/r/{CODE}")
        someone.post(f"/r/{CODE}", someone.page.form().values)
    assert Respondent.objects.count() == 2


def test_an_open_link_offers_to_go_on_where_this_browser_left_off(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    someone.get(f"/r/{CODE}")
    someone.post(f"/r/{CODE}", someone.page.form().values)
    someone.answer({"consent": "1"})
    assert "Continue where you left off" in someone.get(f"/r/{CODE}").html
    assert "Continue where you left off" not in visitor().get(f"/r/{CODE}").html
    assert someone.get("/i/").path == "/i/p_place/"


@pytest.mark.parametrize("code", ["wrong", "%00", "ы", "a" * 5000])
def test_a_wrong_open_link_gets_the_same_page_as_a_closed_one(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor], code: str
) -> None:
    client = visitor().client
    assert client.get(f"/r/{CODE}").status_code == 200
    closed(open_link.wave)
    open_link.wave.save()
    expected = client.get(f"/r/{CODE}")
    found = client.get(f"/r/{code}")
    assert (found.status_code, found.content) == (404, expected.content)


@pytest.mark.parametrize("state", ["invited", "begun", "completed", "closed", "wrong"])
@pytest.mark.parametrize("kind", ["stop", "erase"])
def test_an_exit_always_says_done_and_leaves_one_request(
    interview: Interview, visitor: Callable[..., Visitor], requests_left: Inbox, state: str, kind: str
) -> None:
    someone = visitor()
    if state in {"begun", "completed"}:
        someone.take_part(LINK)
        walk(someone, until="p_plans" if state == "begun" else "")
    if state == "closed":
        closed(interview.wave)
        interview.wave.save()
    someone.get(f"/w/{WRONG if state == 'wrong' else LINK}")
    someone.send(someone.page.form(kind))
    assert someone.page.status == 200
    assert "<h1>Done</h1>" in someone.page.html
    (request,) = requests_left()
    assert request.kind == kind
    assert (request.respondent_key == interview.respondent_id) == (state != "wrong")


@pytest.mark.parametrize("path", [f"/w/{LINK}?lang=ru", f"/w/{WRONG}?lang=ru", "/i/"])
def test_an_exit_answers_in_the_language_of_its_page_not_of_the_browser(
    interview: Interview, visitor: Callable[..., Visitor], key_folder: Any, path: str
) -> None:
    someone = visitor("en")
    someone.take_part(LINK, "ru")
    someone.get(path)
    for ending in ("stop", "erase-contact", "erase"):
        page = someone.send(next(form for form in someone.get(path).forms if form.action.endswith(ending)))
        assert (page.status, "<h1>Готово</h1>" in page.html) == (200, True), ending


def test_requests_do_not_differ_in_size(interview: Interview, visitor: Callable[..., Visitor], key_folder: Any) -> None:
    someone = visitor()
    for link, kind in ((LINK, "stop"), (LINK, "erase"), (WRONG, "stop"), (WRONG, "erase")):
        someone.get(f"/w/{link}")
        someone.send(someone.page.form(kind))
    someone.client.post(f"/u/{WRONG}")
    assert SealedRequest.objects.count() == 5
    assert len({len(bytes(row.body)) for row in SealedRequest.objects.all()}) == 1


def test_erasing_drops_what_is_in_progress_and_marks_what_is_complete(
    interview: Interview, w2023: Wave, visitor: Callable[..., Visitor], key_folder: Any
) -> None:
    someone = visitor()
    someone.take_part(LINK)
    walk(someone)
    earlier = Interview.objects.create(
        wave=w2023,
        respondent=interview.respondent,
        version=w2023.version,
        state=InterviewState.IN_PROGRESS,
        seed=1,
        answers={"comment": "secret"},
    )
    assert not Record.objects.get().is_erase_marked
    someone.send(someone.page.form("/i/erase"))
    assert (reloaded(earlier.pk).answers, reloaded(earlier.pk).outcome_code) == ({}, OutcomeCode.REFUSED)
    assert Record.objects.get().is_erase_marked
    assert purge_marked() == 1
    assert not Record.objects.exists()
    assert someone.get("/i/").status == 403  # the sitting is over


def test_erasing_touches_nobody_else(interview: Interview, visitor: Callable[..., Visitor], key_folder: Any) -> None:
    link = LINK[::-1]
    neighbour = invite(interview.wave, link)
    someone, other = visitor(), visitor()
    other.take_part(link)
    walk(other, until="p_plans")
    someone.take_part(LINK)
    someone.send(someone.page.form("/i/erase"))
    assert reloaded(neighbour.pk).answers["country"] == "GEO"
    assert other.get("/i/").path == "/i/p_plans/"


def test_a_stop_link_stops_by_a_bare_post_and_never_by_opening(
    db: None, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    someone = visitor()
    assert someone.get(f"/u/{WRONG}").status == 200
    assert not requests_left()
    for _ in range(2):
        body, kind = "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"
        answer = someone.client.post(f"/u/{WRONG}", body, kind, headers={"Origin": "https://mail.example"})
        assert answer.status_code == 200
    assert [request.stop_token for request in requests_left()] == [WRONG, WRONG]
    assert someone.client.post("/u/short").status_code == 200
    assert len(requests_left()) == 2


def test_the_secret_of_a_stop_link_opens_nothing_else(interview: Interview, visitor: Callable[..., Visitor]) -> None:
    someone = visitor()
    assert [someone.get(path).status for path in (f"/w/{WRONG}", f"/r/{WRONG}", f"/i/{WRONG}/")] == [404, 404, 403]
    page = someone.get(f"/u/{WRONG}").html
    assert "OutRush" not in page
    assert WRONG not in page


def test_completing_leaves_no_request_whatever_the_answer_to_recontact(
    interview: Interview, visitor: Callable[..., Visitor], requests_left: Inbox
) -> None:
    """A request at the moment of completing would tell the panel's side who answered: it learns of a no at closing."""
    someone = visitor()
    someone.take_part(LINK)
    walk(someone, until="p_recontact")
    someone.finish({"recontact": "0"})
    assert Record.objects.get().answers["recontact"] == "0"
    assert not requests_left()

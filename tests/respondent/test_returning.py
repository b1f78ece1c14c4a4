"""Coming back without any contact: six words, shown once, that lead to the wave that is open."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from outrush_site import clock
from panel.vault.seals import Request
from surveys.links import hash_link
from surveys.models import Interview, Record, RecruitmentLink, Respondent, Wave
from surveys.models.interview import InterviewState
from surveys.models.wave import WaveState
from surveys.phrases import normal_form
from surveys.respondent import limits
from surveys.respondent.limits import Limiter
from surveys.selectors.waves import wave_totals
from tests.respondent.browsing import Shown, Visitor
from tests.respondent.conftest import CODE, example, open_wave, rows
from tests.respondent.test_answering import walk
from tests.respondent.test_joining import at_the_end

Inbox = Callable[[], list[Request]]
PHRASE = re.compile(r'<p class="phrase">([^<]+)</p>')
WRONG = "abandon ability able about above absent"


@pytest.fixture
def newcomer(open_link: RecruitmentLink, visitor: Callable[..., Visitor], key_folder: Any) -> Visitor:
    """Somebody who came by an open link, wants no mail, and is on the last page."""
    return at_the_end(visitor(), recontact="2")


def six_words(someone: Visitor) -> str:
    page = someone.send(someone.page.form("/i/phrase"))
    return PHRASE.search(page.html)[1]  # type: ignore[index]


def come_back(someone: Visitor, phrase: str) -> Shown:
    someone.get("/return")
    return someone.send(someone.page.form(), {"-phrase": phrase}, ("-move", "come"))


def close(wave: Wave) -> None:
    wave.state, wave.closed_on = WaveState.CLOSED, clock.today()
    wave.save()


def cells() -> list[list[Any]]:
    return [list(row.values()) for table in rows().values() for row in table]


@pytest.fixture
def next_wave(w2024: Wave) -> Callable[[], Wave]:
    def opened() -> Wave:
        close(w2024)
        return open_wave(example("w2023"), "next", 3)

    return opened


def test_six_words_are_shown_once_and_kept_only_as_a_hash(newcomer: Visitor) -> None:
    phrase = six_words(newcomer)
    assert len(phrase.split()) == 6
    assert "erase all your answers" in newcomer.page.html  # what whoever finds them can do
    assert phrase not in newcomer.get("/i/done/").html
    (kept,) = [bytes(row["return_hash"]) for row in rows()["surveys.Respondent"]]
    assert len(kept) == 32
    everything = repr([[bytes(cell) if isinstance(cell, memoryview) else cell for cell in row] for row in cells()])
    assert repr(kept) in everything  # the search sees what is there
    assert not [secret for secret in (phrase, normal_form(phrase)) if secret in everything]


def test_they_are_in_the_language_of_the_interview(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor], key_folder: Any
) -> None:
    assert re.fullmatch("[а-я ]+", six_words(at_the_end(visitor("ru"), "2")))


def test_they_lead_to_the_next_wave_under_the_same_key(
    newcomer: Visitor, visitor: Callable[..., Visitor], next_wave: Callable[[], Wave]
) -> None:
    phrase = six_words(newcomer)
    wave = next_wave()
    someone = visitor()
    start = come_back(someone, phrase.upper().replace(" ", " - "))
    assert start.path == "/i/welcome"
    assert "Take part" in start.html
    interview = Interview.objects.get(wave=wave)
    assert interview.respondent == Respondent.objects.get()
    assert (interview.state, interview.link_hash, interview.prior) == (InterviewState.NOT_STARTED, None, {})
    assert phrase not in start.html
    someone.get("/i/welcome?lang=ru")
    assert "Принять участие" in someone.page.html
    someone.send(someone.page.form())
    assert someone.page.path.startswith("/i/p_")
    interview.refresh_from_db()
    assert (interview.state, interview.language) == (InterviewState.IN_PROGRESS, "Русский (ru)")


def test_they_lead_to_the_same_interview_however_often_and_from_any_device(
    open_link: RecruitmentLink, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    someone.get(f"/r/{CODE}")
    someone.post(f"/r/{CODE}", someone.page.form().values)
    walk(someone, until="p_politics")
    phrase = six_words(someone)
    for _ in range(3):
        other = visitor()
        start = come_back(other, phrase)
        assert ">Continue</button>" in start.html
        assert other.send(start.form()).path == "/i/p_politics/"
    assert Interview.objects.count() == 1
    walk(other)
    assert Record.objects.count() == 1


def test_who_comes_back_is_counted_like_those_of_open_links(
    newcomer: Visitor, visitor: Callable[..., Visitor], next_wave: Callable[[], Wave]
) -> None:
    phrase = six_words(newcomer)
    wave = next_wave()
    someone = visitor()
    someone.send(come_back(someone, phrase).form())
    totals = wave_totals(wave)
    assert (totals.n_interviews, totals.n_invited, totals.n_recruited, totals.n_started) == (1, 0, 1, 1)


def test_a_visitor_who_has_not_yet_taken_part_is_led_to_the_start(
    newcomer: Visitor, visitor: Callable[..., Visitor], next_wave: Callable[[], Wave]
) -> None:
    phrase = six_words(newcomer)
    next_wave()
    someone = visitor()
    come_back(someone, phrase)
    assert someone.get("/i/").path == "/i/welcome"


def test_only_the_start_begins_an_interview(
    newcomer: Visitor, visitor: Callable[..., Visitor], next_wave: Callable[[], Wave]
) -> None:
    phrase = six_words(newcomer)
    wave = next_wave()
    someone = visitor()
    token = come_back(someone, phrase).form().values["-token"]
    for closes_on in (wave.closes_on, clock.today() - timedelta(days=1)):
        Wave.objects.filter(pk=wave.pk).update(closes_on=closes_on)
        before = rows()
        for path in ("/i/review", "/i/done/", "/i/p_consent/", "/i/copy", "/i/opt-in"):
            for move in ("language:Русский (ru)", "next", "finish"):
                someone.post(path, {"-token": token, "-move": move, "-stamp": "0", "consent": "1"})
        assert rows() == before


def test_wrong_words_and_right_ones_that_lead_nowhere_get_one_page_for_the_same_work(
    newcomer: Visitor, visitor: Callable[..., Visitor], w2024: Wave
) -> None:
    phrase = six_words(newcomer)
    assert come_back(visitor(), phrase).status == 200
    close(w2024)
    found = []
    for typed in (phrase, WRONG, phrase + " more", "", "\x00", "x" * 5000):
        someone = visitor()
        someone.get("/return")
        before = rows()
        with CaptureQueriesContext(connections["answers"]) as queries:
            page = come_back(someone, typed)
        assert page.status == 404
        assert rows() == before
        assert not someone.client.cookies
        (shown,) = page.form().values["-phrase"]
        html = page.html.replace(f">{shown}</textarea>", "></textarea>")
        shapes = tuple(re.sub(r"'[^']*'", "?", query["sql"]) for query in queries.captured_queries)
        found.append((html, len(queries), shapes if "\x00" not in typed else found[0][2]))
    assert len({html for html, _, _ in found}) == 1
    assert len({n for _, n, _ in found}) == 1
    assert len({shapes for _, _, shapes in found}) == 1


def test_what_was_typed_is_there_to_be_put_right(visitor: Callable[..., Visitor], db: None) -> None:
    page = come_back(visitor(), WRONG)
    assert page.form().values["-phrase"] == [WRONG]
    assert "These words open nothing just now" in page.html


def test_a_wave_of_tomorrow_or_yesterday_is_not_entered(
    newcomer: Visitor, visitor: Callable[..., Visitor], w2024: Wave
) -> None:
    phrase = six_words(newcomer)
    for days in (2, -60):
        Wave.objects.update(
            opens_on=clock.today() + timedelta(days=days), closes_on=clock.today() + timedelta(days=days)
        )
        assert come_back(visitor(), phrase).status == 404


def test_words_never_open_an_interview_that_was_sent_a_link(
    newcomer: Visitor, visitor: Callable[..., Visitor], next_wave: Callable[[], Wave]
) -> None:
    """Whoever enters a stranger's address under their own key, and keeps the words, would else read along."""
    phrase = six_words(newcomer)
    wave = next_wave()
    Interview.objects.create(
        wave=wave, respondent=Respondent.objects.get(), version=wave.version, link_hash=hash_link("b" * 26), seed=1
    )
    assert come_back(visitor(), phrase).status == 404


def test_new_words_take_the_place_of_the_old_ones(newcomer: Visitor, visitor: Callable[..., Visitor]) -> None:
    first = six_words(newcomer)
    newcomer.get("/i/done/")
    second = six_words(newcomer)
    assert come_back(visitor(), first).status == 404
    assert come_back(visitor(), second).status == 200


def test_erasing_ones_answers_ends_the_words(newcomer: Visitor, visitor: Callable[..., Visitor]) -> None:
    phrase = six_words(newcomer)
    newcomer.get("/i/done/")
    newcomer.send(newcomer.page.form("/i/erase"))
    assert Respondent.objects.get().return_hash is None
    assert come_back(visitor(), phrase).status == 404


@pytest.mark.parametrize("is_right", [True, False])
def test_answers_can_be_erased_with_the_words_even_after_the_wave_and_it_always_says_done(
    newcomer: Visitor, visitor: Callable[..., Visitor], w2024: Wave, requests_left: Inbox, is_right: bool
) -> None:
    phrase = six_words(newcomer)
    close(w2024)
    someone = visitor()
    someone.get("/return")
    page = someone.send(someone.page.form(), {"-phrase": phrase if is_right else WRONG}, ("-move", "erase"))
    assert "<h1>Done</h1>" in page.html
    assert Record.objects.get().is_erase_marked == is_right
    (request,) = requests_left()
    assert request.kind == "erase"
    assert (request.respondent_key == Respondent.objects.get().respondent_key) == is_right


@pytest.mark.parametrize("recontact", ["1", "2"])
def test_who_was_invited_by_mail_is_offered_words_only_when_wanting_no_mail(
    respondent: Visitor, recontact: str
) -> None:
    walk(respondent, until="p_recontact")
    assert "/i/phrase" not in respondent.page.html
    respondent.finish({"recontact": recontact})
    assert ("/i/phrase" in respondent.page.html) == (recontact == "2")


def test_who_refuses_is_not_asked_to_come_back(open_link: RecruitmentLink, visitor: Callable[..., Visitor]) -> None:
    someone = visitor()
    someone.get(f"/r/{CODE}")
    someone.post(f"/r/{CODE}", someone.page.form().values)
    token = someone.page.form().values["-token"]
    someone.answer({"consent": "0"})
    assert someone.page.path == "/i/done/"
    assert "/i/phrase" not in someone.page.html
    assert someone.post("/i/phrase", {"-token": token}).path == "/i/done/"
    assert Respondent.objects.get().return_hash is None


def test_words_are_given_only_to_a_sitting_and_by_a_post_of_its_own(
    newcomer: Visitor, visitor: Callable[..., Visitor]
) -> None:
    form = newcomer.page.form("/i/phrase")
    assert newcomer.get("/i/phrase").path == "/i/done/"
    assert newcomer.post("/i/phrase", {"-token": "0" * 32}).status == 403
    assert newcomer.post("/i/phrase", form.values, HTTP_ORIGIN="https://evil.example").status == 403
    assert visitor().post("/i/phrase", form.values).status == 403
    assert Respondent.objects.get().return_hash is None


def test_opening_the_page_of_the_words_changes_nothing_and_posting_needs_its_token(
    db: None, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    before = rows()
    someone.get("/return")
    form = someone.page.form()
    assert someone.post("/return", {"-phrase": WRONG}).status == 403
    assert someone.post("/return", {**form.values, "-phrase": WRONG}, HTTP_SEC_FETCH_SITE="cross-site").status == 403
    assert rows() == before
    assert not someone.client.cookies


@pytest.mark.parametrize("move", ["come", "erase"])
def test_the_words_are_taken_only_from_a_browser_that_says_where_it_posts_from(
    newcomer: Visitor, visitor: Callable[..., Visitor], requests_left: Inbox, move: str
) -> None:
    """Their token is the same for everyone, so it holds for no old browser that another site's page makes post."""
    phrase = six_words(newcomer)
    someone = visitor()
    filled = {**someone.get("/return").form().values, "-phrase": phrase, "-move": move}
    assert someone.client.post("/return", filled).status_code == 403
    assert not someone.client.cookies
    assert not requests_left()
    for headers in ({"HTTP_SEC_FETCH_SITE": "same-origin"}, {"HTTP_ORIGIN": "http://testserver"}):
        assert someone.client.post("/return", filled, **headers).status_code in {200, 303, 404}


def test_trying_is_slowed_down_like_links(
    db: None, visitor: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "limiter", Limiter(3))
    someone = visitor()
    form = someone.get("/return").form()
    statuses = [someone.post("/return", {**form.values, "-phrase": WRONG}).status for _ in range(4)]
    assert statuses == [404, 404, 429, 429]


def test_the_way_back_is_named_where_a_link_would_be_asked_for(
    interview: Interview, visitor: Callable[..., Visitor]
) -> None:
    someone = visitor()
    for path in ("/", f"/w/{'z' * 26}", "/r/wrong", "/i/"):
        assert 'href="/return"' in someone.get(path).html, path


def test_all_of_it_works_with_the_rights_of_the_public_role(
    newcomer: Visitor, visitor: Callable[..., Visitor], next_wave: Callable[[], Wave], as_tier: Any
) -> None:
    wave = next_wave()
    with as_tier("public"):
        phrase = six_words(newcomer)
        someone = visitor()
        someone.send(come_back(someone, phrase).form())
        assert someone.page.path.startswith("/i/p_")
        someone.send(someone.page.form("/i/erase"))
    assert Interview.objects.get(wave=wave).outcome_code == "2.112"
    assert Respondent.objects.get().return_hash is None

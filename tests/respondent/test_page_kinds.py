"""What stands beside the questions: soft questions, the review, the copy, progress, the look of a wave, leaving."""

import gzip
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from outrush_site import clock
from surveys.colours import LEGIBLE, PAPER, contrast, legible, mixed
from surveys.models import AuditEntry, Interview, Record, Wave
from surveys.models.wave import validate_accent, validate_logo
from surveys.refusals import Refused
from surveys.respondent.look import stylesheet
from surveys.services.waves import set_look
from tests.builders import compiled
from tests.respondent import every_type
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK, invite, open_wave, reloaded
from tests.respondent.test_answering import WALK, walk

SCRIPT = {"HTTP_X_PART": "questions"}


@pytest.fixture
def reviewing(respondent: Visitor) -> Visitor:
    """Someone who has answered everything and looks it over."""
    walk(respondent, until="p_recontact")
    respondent.answer({"recontact": "2"})
    assert respondent.page.path == "/i/review"
    return respondent


# Soft required


@pytest.fixture
def soft(db: None, visitor: Callable[..., Visitor]) -> Visitor:
    interview = invite(open_wave(every_type.every_type(), "every", 1))
    Interview.objects.filter(pk=interview.pk).update(state="in_progress", language="English (en)")
    someone = visitor()
    someone.take_part(LINK)
    someone.get("/i/p_words/")
    return someone


def test_a_question_left_empty_is_asked_about_once(soft: Visitor) -> None:
    soft.answer({"story": "Hello"})
    assert "You left this empty. Do you want to continue?" in soft.page.html
    assert "Please check" not in soft.page.html
    assert soft.page.form().values["-asked"] == ["name"]
    soft.answer()
    assert soft.page.path != "/i/p_words/" or "You left this empty" not in soft.page.html


def test_a_question_answered_is_not_asked_about(soft: Visitor) -> None:
    soft.answer({"name": "Kolibri"})
    assert "You left this empty" not in soft.page.html


# Review, copy and end


def test_the_review_shows_every_answer_in_words_with_a_way_to_change_it(reviewing: Visitor) -> None:
    page = reviewing.page.html
    for words in ("March 2022", "Georgia", "1250.5", "no answer"):
        assert words in page, words
    assert 'href="/i/p_place/"' in page
    assert "2022-03-01" not in page


def test_nothing_has_ended_before_the_review_is_finished(reviewing: Visitor, interview: Interview) -> None:
    assert reloaded(interview.pk).state == "in_progress"
    assert not Record.objects.exists()
    reviewing.finish()
    assert Record.objects.get().outcome_code == "1.1"


def test_who_changes_an_answer_goes_straight_back_to_the_review(reviewing: Visitor) -> None:
    reviewing.get("/i/p_you/")
    reviewing.answer({"birth_year": "1990"}, move="review")
    assert reviewing.page.path == "/i/review"
    assert "1990" in reviewing.page.html
    reviewing.get("/i/p_you/")
    reviewing.answer({"birth_year": ""}, move="review")
    assert reviewing.page.path == "/i/p_you/"
    assert "Please answer this question." in reviewing.page.html


def test_the_review_cannot_be_had_before_its_time(respondent: Visitor, interview: Interview) -> None:
    respondent.get("/i/review")
    assert respondent.page.path == "/i/p_consent/"
    respondent.answer({"consent": "1", "-stamp": "5"}, move="finish")
    assert reloaded(interview.pk).state == "in_progress"


def test_a_page_saved_elsewhere_is_looked_over_again_before_the_end(
    reviewing: Visitor, visitor: Callable[..., Visitor], interview: Interview
) -> None:
    form = reviewing.page.form()
    other = visitor()
    other.client.cookies = reviewing.client.cookies
    other.get("/i/p_you/")
    other.answer({"birth_year": "1991"})
    for stamp in (form.values["-stamp"][0], "", "x", "9" * 40, "-1"):
        reviewing.send(form, {"-stamp": stamp}, ("-move", "finish"))
        assert reviewing.page.status == 409
        assert "Please look once more" in reviewing.page.html
    assert reloaded(interview.pk).state == "in_progress"
    reviewing.finish_from_here()
    assert Record.objects.get().answers["birth_year"] == "1991"


def test_a_required_answer_taken_back_before_the_end_leads_to_its_page(
    reviewing: Visitor, interview: Interview
) -> None:
    reviewing.get("/i/p_you/")
    reviewing.answer({"birth_year": ""}, move="back")
    reviewing.get("/i/review")
    assert "One question still needs an answer" in reviewing.page.html
    reviewing.finish_from_here()
    assert reviewing.page.path == "/i/p_you/"
    assert not Record.objects.exists()


def test_the_language_can_be_switched_on_the_review(reviewing: Visitor, interview: Interview) -> None:
    reviewing.send(reviewing.page.form("/i/review"), button=("-move", "language:Русский (ru)"))
    assert reviewing.page.path == "/i/review"
    assert "март 2022" in reviewing.page.html.lower()
    assert reloaded(interview.pk).language == "Русский (ru)"


def test_a_copy_is_a_text_file_of_this_sitting(reviewing: Visitor) -> None:
    answer = reviewing.client.post("/i/copy", reviewing.page.form("/i/copy").values)
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    assert "1250.5" in text
    assert "Всё хорошо.\n    Спасибо!" in text
    assert reviewing.client.post("/i/copy", {"-token": "x"}).status_code == 403
    assert reviewing.client.get("/i/copy").status_code == 405


def test_the_copy_is_on_the_last_page_in_that_sitting_alone(reviewing: Visitor) -> None:
    token = reviewing.page.form("/i/copy").values
    reviewing.finish()
    assert "A copy of my answers" in reviewing.page.html
    assert "Всё хорошо." in reviewing.page.html
    assert "Всё хорошо." not in reviewing.get("/i/done/").html
    assert reviewing.client.post("/i/copy", token).status_code == 303


# Progress


def test_progress_never_goes_back(respondent: Visitor, interview: Interview) -> None:
    walk(respondent, until="p_work")
    furthest = reloaded(interview.pk).progress
    assert 0 < furthest < 100
    for _ in range(3):
        respondent.answer(move="back")
        assert f'<progress value="{furthest}"' in respondent.page.html
    walk(respondent, until="p_recontact")
    assert reloaded(interview.pk).progress > furthest


# What the script asks for


def test_the_script_gets_the_questions_alone_once_they_are_saved(respondent: Visitor, interview: Interview) -> None:
    walk(respondent, until="p_place")
    form = respondent.page.form()
    data = {**form.values, "region": "balkans", "-move": "stay"}
    answer = respondent.client.post(form.action, data, **SCRIPT)
    assert answer.status_code == 200
    assert b"<html" not in answer.content
    assert b'value="SRB"' in answer.content
    assert reloaded(interview.pk).answers["region"] == "balkans"


def test_the_script_may_have_what_was_wrong_said_again(respondent: Visitor) -> None:
    walk(respondent, until="p_you")
    form = respondent.page.form()
    answers = [
        respondent.client.post(form.action, {**form.values, "birth_year": year, "-move": "check"}, **SCRIPT)
        for year in ("", "1990")
    ]
    assert "Please answer this question." in answers[0].content.decode()
    assert "Please answer this question." not in answers[1].content.decode()
    assert respondent.get("/i/").path == "/i/p_you/"


def test_the_script_is_told_shortly_where_a_page_is_not_saved(respondent: Visitor, interview: Interview) -> None:
    form = respondent.page.form()
    wrong = respondent.client.post(form.action, {**form.values, "-token": "x"}, **SCRIPT)
    assert (wrong.status_code, wrong.content) == (403, b"")
    gone = respondent.client.post("/i/nowhere/", form.values, **SCRIPT)
    assert (gone.status_code, gone.content) == (409, b"")
    assert reloaded(interview.pk).answers == {}


# The look of a wave


@pytest.mark.parametrize("colour", ["#17595f", "#000000", "#8a1c3b", "#767676"])
def test_a_colour_stays_legible_wherever_it_is_used(colour: str) -> None:
    validate_accent(colour)
    sheet = stylesheet(colour.removeprefix("#"))
    assert sheet is not None
    for ground in (mixed(colour, PAPER, 0.1), "#14191b", "#1c2326"):
        assert contrast(legible(colour, ground), ground) >= LEGIBLE
    assert gzip.decompress(sheet[1]) == sheet[0]


@pytest.mark.parametrize("colour", ["#777777", "#ffffff", "17595f", "#17595F", "red", "#17595f}", "#1759"])
def test_other_colours_are_refused(colour: str) -> None:
    with pytest.raises(ValidationError):
        validate_accent(colour)
    assert stylesheet(colour.removeprefix("#")) is None or colour == "17595f"


@pytest.mark.parametrize("path", ["//evil.example/x.svg", "../x.svg", "/x.svg", "x.html", "a b.png", "https:x.png"])
def test_a_logo_is_one_of_our_own_files(path: str) -> None:
    with pytest.raises(ValidationError):
        validate_logo(path)


def test_a_wave_has_its_own_name_colour_and_logo(
    interview: Interview, w2024: Wave, visitor: Callable[..., Visitor]
) -> None:
    set_look(wave=w2024, study_name="Kolibri", logo="study/logo.svg", accent="#8a1c3b", by="7", at=clock.now())
    someone = visitor()
    page = someone.get(f"/w/{LINK}").html
    assert "<h1>Kolibri</h1>" in page
    assert 'src="/static/study/logo.svg"' in page
    assert 'href="/look/8a1c3b.css"' in page
    assert "Kolibri" not in page.partition("<body>")[0]
    answer = someone.client.get("/look/8a1c3b.css")
    assert answer["Content-Type"].startswith("text/css")
    assert "--accent:#8a1c3b" in answer.content.decode()
    assert someone.client.get("/look/ffffff.css").status_code == 404
    assert AuditEntry.objects.get().action == "set_look"


def test_a_look_that_will_not_do_changes_nothing(w2024: Wave) -> None:
    with pytest.raises(Refused, match="contrast"):
        set_look(wave=w2024, study_name="", logo="", accent="#ffff00", by="7", at=clock.now())
    assert Wave.objects.get(pk=w2024.pk).accent == ""


# Leaving quickly


def test_leaving_quickly_clears_what_a_browser_lets_us_clear(respondent: Visitor, interview: Interview) -> None:
    before = reloaded(interview.pk).answers
    answer = respondent.client.post("/leave")
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert answer["Refresh"] == f"0;url={settings.LEAVE_URL}"
    assert respondent.client.cookies["interview"].value == ""
    assert "Questionnaire" not in answer.content.decode()
    assert reloaded(interview.pk).answers == before
    assert respondent.get("/i/").status == 403


def test_another_site_cannot_make_someone_leave(db: None) -> None:
    answer = Client().post("/leave", HTTP_ORIGIN="https://evil.example")
    assert answer.status_code == 403
    assert "Clear-Site-Data" not in answer
    assert Client().get("/leave").status_code == 405


@pytest.mark.parametrize("path", ["/", f"/w/{LINK}", f"/w/{LINK[::-1]}", f"/u/{LINK}"])
def test_the_button_is_on_every_page(interview: Interview, visitor: Callable[..., Visitor], path: str) -> None:
    assert 'action="/leave"' in visitor().get(path).html


# How much a page weighs


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pages_are_light(interview: Interview, visitor: Callable[..., Visitor], language: str) -> None:
    """The first page with everything it needs, and every later one, for which the browser has the files already."""
    someone = visitor()
    start = weight(someone, f"/w/{LINK}?lang={language}")
    folder = settings.BASE_DIR / "templates" / "static" / "respondent"
    sheet, script = (len(gzip.compress((folder / name).read_bytes())) for name in ("pages.css", "pages.js"))
    assert (folder / "pages.js").stat().st_size < 6_000
    assert start + sheet <= 15_000
    someone.take_part(LINK, language)
    assert weight(someone, someone.page.path) + sheet + script <= 15_000
    weights = {}
    while not someone.page.path.startswith("/i/done"):
        weights[someone.page.path] = weight(someone, someone.page.path)
        name = someone.page.path.split("/")[2]
        someone.finish() if name == "review" else someone.answer(WALK[name])
    weights[someone.page.path] = len(gzip.compress(someone.page.response.content))
    assert max(weights.values()) <= 10_000, weights


def weight(someone: Visitor, path: str) -> int:
    """Bytes of a page as a browser is sent it. Every browser asks for compressed pages."""
    answer = someone.client.get(path, HTTP_ACCEPT_ENCODING="gzip, deflate, br")
    assert answer["Content-Encoding"] == "gzip"
    assert int(answer["Content-Length"]) == len(answer.content)
    return len(answer.content)


def test_what_a_page_says_of_itself_by_its_length_is_blurred(interview: Interview) -> None:
    """Compressed pages are padded at random, so that lengths don't tell what stands beside a guess (BREACH)."""
    headers = {"HTTP_ACCEPT_ENCODING": "gzip"}
    assert len({len(Client().get(f"/w/{LINK}", **headers).content) for _ in range(20)}) > 5


def test_a_browser_that_looks_for_an_icon_gets_nothing(db: None) -> None:
    answer = Client().get("/favicon.ico")
    assert (answer.status_code, answer.content) == (204, b"")


# Ranges


@pytest.mark.parametrize(
    ("parameters", "value", "stored"),
    [
        ("start=0 end=3 step=0.5", "2", "2"),  # as radios
        ("start=1.0 end=20.0 step=0.5", "2", "2"),  # as a list
        ("start=0.00 end=1.00 step=0.25", "0.5", "0.5"),
    ],
)
def test_a_value_of_a_range_is_still_chosen_when_someone_comes_back_to_it(
    visitor: Callable[..., Visitor], parameters: str, value: str, stored: str
) -> None:
    interview, someone = answering_a_range(visitor, parameters)
    someone.answer({"level": value})
    someone.get("/i/level/")
    assert someone.page.values["level"] == [value]
    someone.answer()
    assert reloaded(interview.pk).answers == {"level": stored}


def test_the_default_of_a_range_is_chosen_however_it_is_spelt(visitor: Callable[..., Visitor]) -> None:
    _, someone = answering_a_range(visitor, "start=0 end=3 step=0.5", default="2.0")
    assert someone.page.values["level"] == ["2"]


def answering_a_range(visitor: Callable[..., Visitor], parameters: str, default: str = "") -> tuple[Interview, Visitor]:
    """Someone on a page with one range."""
    survey = f"type | name | label | parameters | default\nrange | level | Level | {parameters} | {default}"
    instrument = compiled(survey).instrument
    assert instrument is not None
    interview = invite(open_wave(instrument, "levels", 1))
    someone = visitor()
    someone.take_part(LINK)
    assert someone.page.path == "/i/level/"
    return interview, someone


# Long names


def test_questions_with_very_long_names_have_pages_that_can_be_saved(visitor: Callable[..., Visitor]) -> None:
    names = [f"{'very_' * 60}{letter}" for letter in "ab"]
    rows = "".join(f"\nbegin group | {name}_g | G\ntext | {name} | Q\nend group | | " for name in names)
    instrument = compiled(f"type | name | label{rows}", settings="form_id | style\nlong | pages").instrument
    assert instrument is not None
    interview = invite(open_wave(instrument, "long", 1))
    someone = visitor()
    someone.take_part(LINK)
    someone.answer({names[0]: "one"})
    someone.answer({names[1]: "two"})
    assert someone.page.path == "/i/review"
    assert reloaded(interview.pk).answers == {names[0]: "one", names[1]: "two"}

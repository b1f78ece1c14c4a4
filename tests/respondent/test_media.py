"""Pictures and sounds on the respondents' pages, and who gets them."""

import hashlib
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from outrush_site.middleware import PUBLIC_POLICY
from surveys.models import Interview, MediaFile, QuestionnaireVersion, Record
from tests import media_files
from tests.questionnaires.conftest import compiled_here  # noqa: F401  (imports are compiled in this process)
from tests.respondent import pictured
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import LINK
from tests.site.test_headers import SNAPSHOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("compiled_here")]

OTHER_LINK = LINK[::-1]
IMG = re.compile(r"<img [^>]*>")


@pytest.fixture
def version(db: None) -> QuestionnaireVersion:
    return pictured.imported("pictured")


@pytest.fixture
def interview(version: QuestionnaireVersion) -> Interview:
    return pictured.fielded(version, 1)


@pytest.fixture
def someone(interview: Interview, visitor: Callable[..., Visitor]) -> Visitor:
    visitor_ = visitor()
    visitor_.take_part(LINK)
    assert visitor_.page.path == "/i/farm/"
    return visitor_


def part(html: str, start: str, end: str) -> str:
    return html.partition(start)[2].partition(end)[0]


# Pages


def test_pictures_and_sounds_stand_with_the_labels_they_go_with(
    someone: Visitor, version: QuestionnaireVersion
) -> None:
    html = someone.page.html
    at = {name: pictured.address(version, name) for name in pictured.FILES}

    assert f'<img class="picture" src="{at["farm.jpg"]}" width="20" height="40" alt="" loading="lazy">' in part(
        html, "<h1>", '<div id="questions">'
    )
    note = part(html, 'id="note-hello" tabindex="-1">', "</div>")
    assert "<p>Look at it</p>" in note
    assert f'src="{at["wide.png"]}" width="1200" height="300" alt=""' in note
    question = part(html, 'id="q-pet"', "</fieldset>")
    legend = part(question, "<legend>", "</legend>")
    assert f'src="{at["which_one.png"]}"' in legend
    assert 'alt="which one"' in legend
    assert "which" not in re.sub("<[^>]*>", "", legend), "the picture says it"
    sound = f'<audio class="sound" src="{at["which.ogg"]}" controls preload="none" aria-label="which one"></audio>'
    assert sound in question.partition("</legend>")[2]


def test_choices_have_pictures_in_their_labels_and_sounds_beside_them(
    someone: Visitor, version: QuestionnaireVersion
) -> None:
    for question in ("q-pet", "q-pets"):
        found = part(someone.page.html, f'id="{question}"', "</fieldset>")
        cat, dog, fox = re.findall(r'<label class="choice">.*?</label>', found)
        assert "Cat<img" in cat
        assert 'alt=""' in cat
        assert 'alt="a dog"' in dog
        assert "<span><img" in dog
        assert "Fox &amp; co &lt;i&gt;</span>" in fox
        assert "<img" not in fox, "its file was not attached"
        assert f'{dog}<audio class="sound" src="{pictured.address(version, "bark.wav")}"' in found


def test_a_drop_down_list_with_pictures_is_drawn_as_a_list_that_has_room_for_them(
    someone: Visitor, version: QuestionnaireVersion
) -> None:
    question = part(someone.page.html, 'id="q-best"', "</fieldset>")
    assert "<select" not in question
    assert re.findall(r'name="best" value="(\w+)"', question) == ["cat", "dog", "fox"]
    assert pictured.address(version, "cat.webp") in question


def test_a_ranking_shows_the_pictures_above_its_lists_of_words(someone: Visitor, version: QuestionnaireVersion) -> None:
    ranking = part(someone.page.html, 'id="q-order"', "</fieldset>")
    cat, dog = re.findall(r"<li>.*?</li>", part(ranking, '<ul class="shown">', "</ul>"))
    assert cat.startswith("<li>Cat<img")
    assert pictured.address(version, "cat.webp") in cat
    assert dog.startswith("<li>a dog<img"), "so that it can be found among the words below"
    assert pictured.address(version, "bark.wav") in dog
    select = part(ranking, "<select", "</select>")
    assert [unescape(text) for text in re.findall(r">([^<]*)</option>", select)] == [
        "—",
        "Cat",
        "a dog",
        "Fox & co <i>",
    ]
    assert "<img" not in select


def test_a_matrix_has_pictures_in_its_rows_and_its_head(someone: Visitor, version: QuestionnaireVersion) -> None:
    someone.get("/i/table/")
    head = part(someone.page.html, '<div class="matrix-head"', "</div>")
    assert pictured.address(version, "cat.webp") in head
    row = part(someone.page.html, 'id="q-here"', "</fieldset>")
    assert pictured.address(version, "here.png") in part(row, "<legend>", "</legend>")


def test_each_language_has_its_own_and_else_that_of_the_default(
    someone: Visitor, version: QuestionnaireVersion
) -> None:
    someone.answer(move="language:Русский (ru)")
    html = someone.page.html
    assert "<h1>Ферма</h1>" in html
    assert pictured.address(version, "какой.png") in html
    assert pictured.address(version, "which_one.png") not in html
    assert 'alt="какой"' in html
    assert pictured.address(version, "farm.jpg") in html


def test_review_and_copy_are_in_words(someone: Visitor) -> None:
    someone.answer({"pet": "dog", "pets": ["cat", "dog"]})
    while someone.page.path != "/i/review":
        someone.answer({"why": "Barks"} if someone.page.path == "/i/farm/" else {})
    assert "which one" in someone.page.html
    assert "a dog" in someone.page.html
    assert not IMG.findall(someone.page.html)
    copy = someone.client.post("/i/copy", someone.page.form("/i/copy").values).content.decode()
    assert "which one\n    a dog" in copy
    someone.finish_from_here()
    assert Record.objects.get().answers["pet"] == "dog"


def test_pictures_cost_the_page_no_query(
    someone: Visitor, django_assert_num_queries: DjangoAssertNumQueries, version: QuestionnaireVersion
) -> None:
    address = pictured.address(version, "cat.webp")
    someone.get("/i/farm/")  # the first time the questionnaire is read, too
    with django_assert_num_queries(1, connection=connections["answers"]):
        assert len(IMG.findall(someone.get("/i/farm/").html)) > 5
    with django_assert_num_queries(1, connection=connections["answers"]):
        assert someone.client.get(address).status_code == 200


# Who gets them


def test_whoever_takes_part_gets_every_file_as_what_it_is(someone: Visitor, version: QuestionnaireVersion) -> None:
    types = {
        **{"farm.jpg": "image/jpeg", "wide.png": "image/png", "cat.webp": "image/webp", "a_dog.gif": "image/gif"},
        **{"which.ogg": "audio/ogg", "bark.wav": "audio/wav"},
    }
    for name, kind in types.items():
        answer = someone.client.get(pictured.address(version, name))
        assert answer.status_code == 200
        assert answer["Content-Type"] == kind
        assert hashlib.sha256(answer.content).hexdigest() == version.content["media"][name]["sha256"]
        headers = {**SNAPSHOT, "Content-Security-Policy": PUBLIC_POLICY}
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert {name: answer[name] for name in headers} == headers


def test_the_address_says_nothing_to_anybody_else(
    someone: Visitor, version: QuestionnaireVersion, visitor: Callable[..., Visitor]
) -> None:
    own = pictured.address(version, "cat.webp")
    elsewhere = pictured.imported("elsewhere", **{"cat.webp": media_files.png(colour=77)})
    pictured.fielded(elsewhere, 2, OTHER_LINK)
    draft = pictured.imported("pictured", publish=False, **{"cat.webp": media_files.png(colour=78)})
    other = visitor()
    other.take_part(OTHER_LINK)
    theirs, drafted = (pictured.address(one, "cat.webp") for one in (elsewhere, draft))
    shared = pictured.address(version, "wide.png")

    assert MediaFile.objects.filter(sha256=drafted[3:67]).exists()
    assert someone.client.get(own).status_code == other.client.get(theirs).status_code == 200
    assert someone.client.get(shared).status_code == other.client.get(shared).status_code == 200
    nothing = Client().get(f"/m/{'0' * 64}.png")
    refused = [
        *(Client().get(own), Client().get(drafted), other.client.get(own), someone.client.get(theirs)),
        *(someone.client.get(drafted), someone.client.get(own.replace(".webp", ".png")), someone.client.get(own[:-5])),
        *(someone.client.get("/m/%00"), someone.client.get("/m/\ufffd"), someone.client.get("/m/x")),
        someone.client.get(f"/m/{'0' * 64}.png"),
    ]
    assert nothing.status_code == 404
    for answer in refused:
        assert (answer.status_code, answer.content, dict(answer.headers)) == (404, b"", dict(nothing.headers))


def test_who_leaves_gets_none_any_more(someone: Visitor, version: QuestionnaireVersion) -> None:
    own = pictured.address(version, "cat.webp")
    assert someone.client.get(own).status_code == 200
    someone.client.post("/leave")
    assert someone.client.get(own).status_code == 404


def test_the_public_role_reads_them_and_can_change_nothing(
    someone: Visitor, version: QuestionnaireVersion, as_tier: Callable[..., Any]
) -> None:
    with as_tier("public"):
        assert someone.client.get(pictured.address(version, "cat.webp")).status_code == 200
        assert someone.get("/i/farm/").status == 200


@pytest.mark.parametrize(
    ("asked", "status", "wanted"),
    [
        ("bytes=0-1", 206, slice(0, 2)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-4", 206, slice(-4, None)),
        ("bytes=5-99999", 206, slice(5, None)),
        ("bytes=99999-", 416, None),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("bytes=5-1", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_a_part_of_a_sound_can_be_had_as_iphones_ask_for_it(
    someone: Visitor, version: QuestionnaireVersion, asked: str, status: int, wanted: slice | None
) -> None:
    address = pictured.address(version, "bark.wav")
    whole = someone.client.get(address)
    answer = someone.client.get(address, headers={"Range": asked})

    assert whole["Accept-Ranges"] == "bytes"
    assert answer.status_code == status
    assert answer.content == (whole.content[wanted] if wanted else b"")
    if status == 206:
        found = range(len(whole.content))[wanted]
        assert answer["Content-Range"] == f"bytes {found.start}-{found.stop - 1}/{len(whole.content)}"
    if status == 416:
        assert answer["Content-Range"] == f"bytes */{len(whole.content)}"

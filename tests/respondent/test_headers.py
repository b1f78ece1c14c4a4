"""Every response there is carries one and the same set of headers: pages, errors, redirects, files, refusals."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from outrush_site.middleware import PUBLIC_POLICY
from surveys.models import Interview, RecruitmentLink
from surveys.respondent import limits
from surveys.respondent.limits import Limiter
from tests.respondent.browsing import Visitor
from tests.respondent.conftest import CODE, LINK
from tests.respondent.test_answering import walk
from tests.site.test_headers import SNAPSHOT

#: What says something about this one response, and nothing about us.
OF_THE_CONTENT = {
    "Content-Type", "Content-Length", "Location", "Allow", "Retry-After", "Set-Cookie", "Content-Disposition",
    "ETag", "Last-Modified", "Accept-Ranges", "Content-Encoding", "Vary", "Clear-Site-Data",
}  # fmt: skip


def everything(someone: Visitor, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """(what it is, response) of every kind of response of the respondents' pages."""
    client: Client = someone.client
    client.raise_request_exception = False
    wrong = "z" * 26
    for path in (
        "/",
        f"/w/{LINK}",
        f"/w/{wrong}",
        f"/r/{CODE}",
        f"/r/{wrong}",
        f"/u/{wrong}",
        f"/w/{LINK}/stop",
        "/i/",
    ):
        yield path, client.get(path)
        yield f"HEAD {path}", client.head(path)
        yield f"PUT {path}", client.put(path)
        yield f"POST {path}", client.post(path)
    for path in (
        "/nowhere",
        "/i/p_you/x.css",
        "/m/x.png",
        "/static/respondent/nowhere.css",
        "/%00",
        "/static/../settings.py",
    ):
        yield path, client.get(path)
    yield "another host", client.get("/", headers={"Host": "evil.example"})
    yield "too many fields", client.post(f"/w/{LINK}", {f"f{number}": "1" for number in range(2100)})
    for file in sorted((settings.BASE_DIR / "templates" / "static" / "respondent").iterdir()):
        yield file.name, client.get(f"/static/respondent/{file.name}")
    someone.take_part(LINK)
    yield "page", someone.page.response
    yield "not in the questionnaire", client.get("/i/nowhere/")
    yield "refused", client.post("/i/p_consent/", {"-token": "x"})
    walk(someone, until="review")
    yield "review", someone.page.response
    walk(someone)
    yield "last", someone.page.response
    with monkeypatch.context() as patch:
        patch.setattr(limits, "limiter", Limiter(0))
        yield "too often", client.get(f"/w/{LINK}")
    with monkeypatch.context() as patch:
        patch.setattr("surveys.respondent.views.start.interview_by_link", lambda *_, **__: 1 / 0)
        yield "broken", client.get(f"/w/{LINK}")
        patch.setattr("surveys.respondent.views.start.interview_by_link", _without_a_database)
        yield "unavailable", client.get(f"/w/{LINK}")


def _without_a_database(*_: object, **__: object) -> None:
    raise OperationalError


def test_every_response_carries_the_same_strict_headers(
    interview: Interview,
    open_link: RecruitmentLink,
    visitor: Callable[..., Visitor],
    monkeypatch: pytest.MonkeyPatch,
    key_folder: Any,
) -> None:
    expected = {**SNAPSHOT, "Content-Security-Policy": PUBLIC_POLICY}
    statuses = set()
    for name, response in everything(visitor(), monkeypatch):
        statuses.add(response.status_code)
        found = {key: value for key, value in response.headers.items() if key not in OF_THE_CONTENT}
        is_file = "." in name and response.status_code == 200 and not name.startswith(("/", "HEAD", "PUT", "POST"))
        if is_file:  # the same for everyone, and nothing secret: alone these may be kept
            assert found.pop("Cache-Control").startswith("max-age="), name
            found["Cache-Control"] = "no-store"
        assert found == expected, name
    assert statuses >= {200, 303, 400, 403, 404, 405, 429, 500, 503}


def test_nothing_inline_and_nothing_from_elsewhere_is_allowed_and_every_page_may_be_framed_by_nobody() -> None:
    assert "unsafe" not in PUBLIC_POLICY
    assert "default-src 'none'" in PUBLIC_POLICY
    assert "frame-ancestors 'none'" in PUBLIC_POLICY
    assert SNAPSHOT["X-Frame-Options"] == "DENY"
    assert SNAPSHOT["Referrer-Policy"] == SNAPSHOT["Cross-Origin-Opener-Policy"] == "same-origin"

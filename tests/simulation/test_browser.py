"""The simulated browser: forms as a browser without scripts sends them, and no machine but this one."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from panel.simulation.browser import Browser, NotLocal, Unreachable, check_local
from panel.simulation.forms import forms_of

PAGE = """
<form action="/elsewhere"><input name="q"></form>
<form method="post" action="/saved">
<input type="hidden" name="-token" value="t">
<input type="radio" name="mood" value="1"><input type="radio" name="mood" value="2" checked>
<input type="checkbox" name="why" value="a" checked><input type="checkbox" name="why" value="b" checked>
<select name="country"><option value="">-</option><option value="GEO" selected>Georgia</option></select>
<select name="year"><option value="">-</option></select>
<textarea name="story">
Once</textarea>
<input name="off" value="x" disabled><button name="-move" value="next">Next</button>
</form>
"""


def test_a_form_holds_what_a_browser_would_send() -> None:
    other, form = forms_of(PAGE)
    assert (other.action, other.values, form.action) == ("/elsewhere", {"q": [""]}, "/saved")
    assert form.values == {
        "-token": ["t"],
        "mood": ["2"],
        "why": ["a", "b"],
        "country": ["GEO"],
        "story": ["Once"],
    }
    assert form.controls == {"-token", "mood", "why", "country", "year", "story"}


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "http://example.org/",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "ftp://localhost/",
        "file:///etc/passwd",
        "//localhost",
        "",
    ],
)
def test_other_machines_are_refused(address: str) -> None:
    with pytest.raises(NotLocal):
        check_local(address)
    with pytest.raises(NotLocal):
        Browser().get(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/w/x", "http://localhost:1", "http://[::1]:80/"])
def test_this_machine_is_not(address: str) -> None:
    check_local(address)


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            return self.answer(303, "", Location="http://example.org/")
        return self.answer(200, PAGE + str(self.headers.get("Cookie")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "mood=3" in body:
            return self.answer(422, "refused")
        self.server.posted = parse_qs(body, keep_blank_values=True)  # type: ignore[attr-defined]
        return self.answer(303, "", Location="/next", **{"Set-Cookie": "interview=abc; Path=/"})

    def answer(self, status: int, body: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address_of(site: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{site.server_address[1]}"


def test_a_form_is_sent_with_its_own_values_and_cookies_are_kept(site: ThreadingHTTPServer) -> None:
    browser = Browser()
    page = browser.get(f"{address_of(site)}/first")
    after = browser.send(page, page.forms[1], {"mood": ["1"], "-move": ["next"], "year": [""]})
    assert site.posted == {  # type: ignore[attr-defined]
        "-token": ["t"],
        "mood": ["1"],
        "why": ["a", "b"],
        "country": ["GEO"],
        "story": ["Once"],
        "-move": ["next"],
        "year": [""],
    }
    assert (after.status, after.path) == (200, "/next")
    assert "interview=abc" in after.html


def test_a_refused_post_is_a_page_too(site: ThreadingHTTPServer) -> None:
    browser = Browser()
    page = browser.get(f"{address_of(site)}/first")
    assert browser.send(page, page.forms[1], {"mood": ["3"]}).status == 422


def test_a_redirect_to_another_machine_is_not_followed(site: ThreadingHTTPServer) -> None:
    with pytest.raises(NotLocal):
        Browser().get(f"{address_of(site)}/away")


def test_where_nobody_answers_no_secret_is_told() -> None:
    with pytest.raises(Unreachable, match="Nobody answers at 127") as error:
        Browser().get("http://127.0.0.1:9/w/secretletters")
    assert "secretletters" not in str(error.value)

"""What no browser sends, over the wire to the real public process: refused calmly, no trace in log or on disk."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from outrush_site.local.surroundings import BASE_DIR
from outrush_site.middleware import PUBLIC_POLICY
from tests.running_site import RunningSite

pytestmark = pytest.mark.processes

READ_SECONDS = 2
LINK = "z" * 26
FORM = "application/x-www-form-urlencoded"
CANARY = "Kolibri7f3a"
#: Python codecs that are no text encodings, or that fail on what is no text of theirs.
CODECS = ["base64", "hex", "idna", "punycode", "rot13", "undefined", "zlib", "unicode_escape", "utf-7"]


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSite]:
    folder = BASE_DIR / "var" / "test" / "sites" / "hostile_requests"
    with RunningSite(folder, OUTRUSH_READ_SECONDS=str(READ_SECONDS)) as site:
        yield site


@contextmanager
def sent(site: RunningSite, method: str, path: str, *, length: int, **headers: str) -> Iterator[HTTPConnection]:
    """A request whose head has been sent; of its body, which is to have that length, nothing."""
    connection = HTTPConnection("127.0.0.1", site.public_port, timeout=60)
    try:
        connection.putrequest(method, path)
        for name, value in {"Content-Length": str(length), **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        yield connection
    finally:
        connection.close()


def answer(site: RunningSite, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    """Status and Content-Security-Policy of the answer."""
    with sent(site, method, path, length=len(body), **headers) as connection:
        if body:
            connection.send(body)
        response = connection.getresponse()
        response.read()
        return response.status, response.headers.get("Content-Security-Policy", "")


def log(site: RunningSite) -> str:
    return (site.folder / "log" / "public.log").read_text()


@pytest.mark.parametrize("codec", CODECS)
def test_whatever_encoding_a_request_claims_it_is_read_as_the_utf_8_of_our_pages(site: RunningSite, codec: str) -> None:
    part = f'--x\r\nContent-Disposition: form-data; name="-token"\r\n\r\n\\ud800é{CANARY}\r\n--x--\r\n'.encode()
    many_parts = f"multipart/form-data; boundary=x; charset={codec}"
    assert answer(site, "GET", "/?lang=%ff", Content_Type=f"text/plain; charset={codec}") == (
        200,
        PUBLIC_POLICY,
    )
    for content_type in (f"{FORM}; charset={codec}", many_parts):
        found = answer(site, "POST", f"/w/{LINK}", part, Content_Type=content_type)
        assert found == (403, PUBLIC_POLICY)
    assert CANARY not in log(site)
    assert "Traceback" not in log(site)


@pytest.mark.parametrize("parameter", ["charset*=nope''%41", "x*=idna''%ff", "charset*=utf-8''%00"])
def test_a_content_type_that_cannot_be_read_is_none(site: RunningSite, parameter: str) -> None:
    before = log(site)
    for kind in ("text/plain", FORM, "multipart/form-data; boundary=x"):
        headers = {"Content_Type": f"{kind}; {parameter}"}
        assert answer(site, "GET", "/", **headers) == (200, PUBLIC_POLICY)
        assert answer(site, "POST", f"/w/{LINK}", b"-token=x", **headers) == (403, PUBLIC_POLICY)
    assert log(site) == before


def test_no_file_that_a_stranger_sends_comes_to_the_disk(site: RunningSite) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    size = 3_000_000  # more than Django keeps in memory
    with sent(
        site, "POST", f"/w/{LINK}", length=2 * size, Content_Type="multipart/form-data; boundary=x"
    ) as connection:
        connection.send(head)
        response = connection.getresponse()  # without having read the rest
        assert response.status == 400
    assert list(Path(site.folder / "tmp").rglob("*upload*")) == []


def test_a_file_small_enough_to_be_read_is_dropped(site: RunningSite) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"f" * 100_000 + b"\r\n--x--\r\n"
    found = answer(site, "POST", f"/w/{LINK}", body, Content_Type="multipart/form-data; boundary=x")
    assert found == (403, PUBLIC_POLICY)


def test_a_head_request_leaves_no_line_in_the_log(site: RunningSite) -> None:
    before = log(site)
    assert answer(site, "HEAD", f"/w/{LINK}") == (404, PUBLIC_POLICY)
    assert answer(site, "HEAD", "/") == (200, PUBLIC_POLICY)
    assert log(site) == before


def test_a_connection_lost_mid_post_leaves_no_traceback(site: RunningSite) -> None:
    before = log(site)
    with sent(site, "POST", f"/w/{LINK}", length=100, Content_Type=FORM) as connection:
        connection.send(f"name={CANARY}".encode())
        assert connection.sock is not None
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.getresponse().status == 400
    assert log(site) == before


def test_phones_that_vanish_mid_post_do_not_keep_the_site_from_others(site: RunningSite) -> None:
    """There are two threads. Neither may wait for ever, whether for a head or for a body."""
    before = log(site)
    with ExitStack() as vanished:
        for _ in range(2):
            connection = vanished.enter_context(sent(site, "POST", f"/w/{LINK}", length=100, Content_Type=FORM))
            connection.send(b"-token=")
        for _ in range(2):
            line = vanished.enter_context(socket.create_connection(("127.0.0.1", site.public_port)))
            line.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert answer(site, "GET", "/") == (200, PUBLIC_POLICY)
    assert log(site) == before

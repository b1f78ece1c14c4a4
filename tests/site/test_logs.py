"""What reaches a log: no address, no link, no IP, whoever logs it."""

import io
import logging
import logging.config
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from outrush_site.local.surroundings import BASE_DIR
from outrush_site.logs import SETTINGS, RedactingFormatter, redact

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
names = st.text(st.sampled_from("abcxyzЖёГруз0189._-+"), min_size=1, max_size=20).filter(
    lambda name: name.strip("._-+")
)


@given(names, names, st.sampled_from(["", "<{}>", "'{}'", "({})=({})", "mailto:{}", "to={},", "{}\n"]))
def test_an_address_never_passes(name: str, host: str, around: str) -> None:
    address = f"{name}@{host}.example"
    text = (around or "{}").replace("{}", address)
    assert address in text
    redacted = redact(f"could not send {text} today")
    assert "@" not in redacted
    assert "could not send" in redacted


@given(
    st.text(st.sampled_from(LETTERS), min_size=26, max_size=26),
    st.sampled_from(["/w/{}", "https://x.org/w/{}", "{}", "'{}'"]),
)
def test_a_link_never_passes(letters: str, around: str) -> None:
    text = around.format(letters)
    assert letters in text
    assert letters not in redact(f"asked for {text} and failed")


@given(st.ip_addresses())
def test_an_ip_never_passes(ip: object) -> None:
    assert str(ip) not in redact(f"Invalid request from ip={ip}: bad") or str(ip) == "::"


def test_what_is_worth_reading_stays() -> None:
    kept = "Task panel.tasks.tick raised IntegrityError in 0.3 s (version 5.2.19, wave w-2024, 12/40 done)"
    assert redact(kept) == kept
    assert redact('File "/srv/site/panel/tasks.py", line 3') == 'File "/srv/site/panel/tasks.py", line 3'


def test_a_traceback_is_kept_without_what_it_quotes() -> None:
    record = None
    try:
        raise ValueError("no such member: anna@example.org")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed for %s", ("anna@example.org",), sys.exc_info()
        )
    text = RedactingFormatter().format(record)
    assert "ValueError: no such member: [address]" in text
    assert "test_logs.py" in text
    assert "anna" not in text


def test_a_newline_in_a_message_cannot_forge_a_line() -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "name is\n2026-01-01 INFO all well", (), None)
    assert RedactingFormatter().format(record).count("\n") == 0


def broken(request: object, letters: str) -> None:
    raise RuntimeError("this page is broken")


urlpatterns = [path("w/<slug:letters>", broken)]


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_failing_page_is_logged_without_its_path() -> None:
    stream = io.StringIO()
    logging.config.dictConfig(SETTINGS)
    root = logging.getLogger()
    handler = next(handler for handler in root.handlers if isinstance(handler.formatter, RedactingFormatter))
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    try:
        assert Client(raise_request_exception=False).get(f"/w/{LETTERS[:26]}").status_code == 500
    finally:
        handler.setStream(sys.stderr)
    assert "RuntimeError: this page is broken" in stream.getvalue()
    assert LETTERS[:26] not in stream.getvalue()
    assert "/w/" not in stream.getvalue()


def test_gunicorn_writes_no_access_log_and_redacts_its_own() -> None:
    script = (
        "from gunicorn.config import Config; from outrush_site import gunicorn as ours\n"
        "cfg = Config(); cfg.set('loglevel', 'info'); log = ours.Logger(cfg)\n"
        "log.warning('Invalid request from ip=%s: %s', '203.0.113.7', 'bad'); log.error('GET /w/abc failed')\n"
        "assert ours.accesslog is None"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=BASE_DIR, capture_output=True, text=True, check=True)
    assert "Invalid request from ip=[ip]: bad" in done.stderr
    assert "GET [path] failed" in done.stderr

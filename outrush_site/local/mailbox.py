"""The development mailbox: an SMTP sink on this machine that holds mails in memory, with a page to read them.

    python -m outrush_site.local.mailbox SMTP_PORT WEB_PORT

`/` shows the mails, `/messages.json` lists them, the oldest first; `?after=ID` only those that came after one. Nothing
is written to disk; the newest 20,000 are held.
"""

import json
import sys
import threading
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

N_HELD = 20_000
N_SHOWN = 200
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}"
    "article{border-top:1px solid #ccc;padding:1rem 0}h2{font-size:1.05rem;margin:0}"
    "p{margin:.2rem 0;color:#555}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}"
)


class Mailbox:
    """Mails in the order they came, as dictionaries ready for JSON."""

    def __init__(self) -> None:
        self._messages: deque[dict[str, Any]] = deque(maxlen=N_HELD)
        self._lock = threading.Lock()
        self._n_received = 0

    def receive(self, sender: str, recipients: list[str], content: bytes) -> None:
        mail = message_from_bytes(content, policy=policy.default)
        with self._lock:
            self._n_received += 1
            self._messages.append(describe(self._n_received, sender, recipients, mail))

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        with self._lock:
            return [message for message in self._messages if message["id"] > after]


def describe(number: int, sender: str, recipients: list[str], mail: EmailMessage) -> dict[str, Any]:
    """One mail: its envelope, all headers by name (the last of equal ones) and both bodies, "" where there is none."""
    return {
        "id": number,
        "sender": sender,
        "to": recipients,
        "subject": str(mail.get("Subject", "")),
        "headers": {name: str(value) for name, value in mail.items()},
        "text": _content(mail, "plain"),
        "html": _content(mail, "html"),
    }


def _content(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


class Sink:
    """What aiosmtpd calls for each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._mailbox.receive(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b"")
        return "250 Held"


def page(messages: list[dict[str, Any]]) -> str:
    shown = list(reversed(messages))[:N_SHOWN]
    articles = "".join(_article(message) for message in shown) or "<p>No mail yet. Reload to look again.</p>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Mailbox</title><style>{STYLE}</style>'
        '<meta name="viewport" content="width=device-width"><h1>Development mailbox</h1>'
        f"<p>{len(messages)} mails, the newest {len(shown)} shown; held in memory only.</p>{articles}</html>"
    )


def _article(message: dict[str, Any]) -> str:
    lines = (_with_link(line) for line in message["text"].splitlines())
    return (
        f"<article><h2>{escape(message['subject'])}</h2><p>To {escape(', '.join(message['to']))}</p>"
        f"<pre>{chr(10).join(lines)}</pre></article>"
    )


def _with_link(line: str) -> str:
    words = (
        f'<a href="{escape(word)}" rel="noreferrer">{escape(word)}</a>'
        if word.startswith(("http://", "https://"))
        else escape(word)
        for word in line.split(" ")
    )
    return " ".join(words)


def web_server(mailbox: Mailbox, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers.get("Host", "").partition(":")[0]
            address = urlsplit(self.path)
            if host not in {"127.0.0.1", "localhost"}:  # a foreign page that lends its name to this machine
                self._answer(403, "text/plain", "Use http://127.0.0.1")
            elif address.path == "/messages.json":
                after = parse_qs(address.query).get("after", ["0"])[0]
                found = mailbox.messages(int(after) if after.isdecimal() else 0)
                self._answer(200, "application/json", json.dumps(found))
            elif address.path == "/":
                self._answer(200, "text/html", page(mailbox.messages()))
            else:
                self._answer(404, "text/plain", "There is only / and /messages.json")

        def _answer(self, status: int, kind: str, body: str) -> None:
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def smtp_server(mailbox: Mailbox, port: int) -> Controller:
    """An SMTP server in a thread of its own; call `start` and `stop`."""
    return Controller(Sink(mailbox), hostname="127.0.0.1", port=port)


def main(smtp_port: int, web_port: int) -> None:
    mailbox = Mailbox()
    smtp_server(mailbox, smtp_port).start()
    web_server(mailbox, web_port).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

"""An SMTP server in a thread that takes, refuses, or hangs up, as a test wants."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.running_site import free_ports

Answer = Callable[[str], str | None]  # the recipient's address -> a reply, or None to take it


class Sink:
    """What came in. `on_recipient` and `on_content` may refuse; `hang_up_after` cuts the connection after taking it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: Counter[str] = Counter()
        self.n_connections = 0
        self.on_sender: Answer = lambda _: None
        self.on_recipient: Answer = lambda _: None
        self.on_content: Answer = lambda _: None
        self.hang_up_after: Callable[[str], bool] = lambda _: False

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.n_connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.on_sender(address) or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := self.on_recipient(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        (recipient,) = envelope.rcpt_tos
        if refusal := self.on_content(recipient):
            return refusal
        self.recipients[recipient] += 1
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))  # type: ignore[arg-type]
        if self.hang_up_after(recipient):
            server.transport.abort()  # the mail is taken, and the answer never arrives
        return "250 Held"


@contextmanager
def running(sink: Sink) -> Iterator[int]:
    """The port it listens on."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the server's own words are not ours to test
    (port,) = free_ports(1)
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()

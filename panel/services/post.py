"""Handing mails to the mail server: one connection, and what each answer means."""

import logging
import re
import smtplib
from enum import StrEnum
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection

from panel.contactplan.tries import Phase, Verdict, verdict

log = logging.getLogger(__name__)

_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})(?!\S)")


class Handed(StrEnum):
    """What became of one mail."""

    TAKEN = "taken"
    UNKNOWN = "unknown"  # the connection broke, and the server may have taken it or not


class Post:
    """A connection to the mail server, opened when first needed and again after it broke."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.hang_up()

    def is_ready(self) -> bool:
        """Whether the server can be talked to. Says why not in the log, by kind and code alone."""
        if self._is_open:
            return True
        try:
            self._backend.open()
        except (smtplib.SMTPException, OSError) as error:
            log.warning("the mail server can't be reached: %s", _kind(error))
            return False
        self._is_open = True
        return True

    def hand_over(self, mail: EmailMessage) -> Handed | Verdict:
        """Give one mail to the server. Errors never leave here: their texts hold addresses."""
        try:
            self._backend.send_messages([mail])
        except Exception as error:
            log.warning("the mail server did not take a mail: %s", _kind(error))
            self.hang_up()
            return _meaning(error)
        return Handed.TAKEN

    def hang_up(self) -> None:
        self._is_open = False
        try:
            self._backend.close()
        except Exception as error:
            log.warning("closing the connection to the mail server failed: %s", type(error).__name__)


def _meaning(error: Exception) -> Handed | Verdict:
    match error:
        case smtplib.SMTPRecipientsRefused():
            return verdict(Phase.RECIPIENT, *_recipient_codes(error))
        case smtplib.SMTPSenderRefused() | smtplib.SMTPHeloError():
            return verdict(Phase.SENDER, error.smtp_code)
        case smtplib.SMTPDataError():
            return verdict(Phase.CONTENT, error.smtp_code)
        case smtplib.SMTPNotSupportedError():
            return Verdict.REFUSED
    return Handed.UNKNOWN


def _recipient_codes(error: smtplib.SMTPRecipientsRefused) -> tuple[int, str]:
    """The reply code and the enhanced one of RFC 3463 (0 and "" where there is none). A mail has one recipient."""
    code, text = next(iter(error.recipients.values()), (0, b""))
    found = _ENHANCED.match(text)
    return int(code), found[1].decode("ascii") if found else ""


def _kind(error: Exception) -> str:
    """The error's class and reply codes: its text may quote the address."""
    codes: tuple[object, ...] = (getattr(error, "smtp_code", ""),)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = _recipient_codes(error)
    return " ".join([type(error).__name__, *map(str, codes)]).strip()

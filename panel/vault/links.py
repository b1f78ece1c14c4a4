"""Making the secrets of links: nothing of them is kept but hashes, so the worker makes them anew for each mail."""

import base64
import hashlib
import hmac
from uuid import UUID

from surveys.links import LENGTH, hash_link

__all__ = ["hash_link", "make_confirm_link", "make_link", "make_message_id", "make_stop_link"]


def make_link(link_key: bytes, wave: str, respondent_key: UUID, epoch: int) -> str:
    """26 letters: 130 bits of an HMAC-SHA256 of wave, respondent_key and epoch under the wave's link key."""
    return _letters(link_key, f"link|{wave}|{epoch}|".encode() + respondent_key.bytes)


def make_stop_link(stop_key: bytes, member_id: UUID) -> str:
    """26 letters that open nothing but stopping this member's mail."""
    return _letters(stop_key, b"stop|" + member_id.bytes)


def make_confirm_link(stop_key: bytes, member_id: UUID) -> str:
    """26 letters that open nothing but confirming that this member's address is theirs."""
    return _letters(stop_key, b"confirm|" + member_id.bytes)


def make_message_id(stop_key: bytes, attempt_id: UUID) -> str:
    """26 letters: the same for the same attempt however often it is made, and telling nobody its id."""
    return _letters(stop_key, b"message|" + attempt_id.bytes)


def _letters(key: bytes, message: bytes) -> str:
    digest = hmac.digest(key, message, hashlib.sha256)
    return base64.b32encode(digest).decode("ascii").lower()[:LENGTH]

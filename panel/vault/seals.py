"""What is sealed on the panel's side, and opening it: contacts, bridges, respondents' requests.

Each is bound to the member it belongs to, so a sealed contact copied to another member's row doesn't open, and each is
padded to one size, so that no length tells a person.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from panel.vault.keys import public_half
from surveys.links import is_link
from surveys.refusals import Refused
from surveys.sealing import EXIT_KINDS, FORMAT, REQUEST_INFO, SUITE, ExitMark, key_id, seal, unpad

CONTACT_SIZES = (1024,)
BRIDGE_SIZES = (64,)

_HEADER = len(FORMAT) + 4


class SealBroken(Exception):
    """What was sealed doesn't open: changed, cut short, or moved to another member."""


class SealedToAnotherKey(Refused):
    """What was sealed may be whole, but this is not its key. Nothing is to be concluded from that, or dropped."""

    def __init__(self, key_name: str) -> None:
        message = f"{key_name}.key is not the key that was sealed to. Put the right one back; nothing was lost."
        super().__init__("keys.other", message)


@dataclass(frozen=True)
class ContactDetails:
    """How a member is reached and what we know of them; every field is a name of a panel file's column."""

    email: str
    language: str
    timezone: str
    country: str = ""
    source: str = ""
    external_id: str = ""

    def __repr__(self) -> str:
        return "ContactDetails(…)"


@dataclass(frozen=True)
class Request:
    """What a respondent asks. Which fields are there depends on `kind`:

    an exit (stop, erase_contact, erase) is about a respondent or about whom a stop link belongs to; opt_in has the
    respondent with an address and a language; confirm has the letters of a confirmation link. `mark` is an exit's own,
    or for opt_in that of the exit before it.
    """

    kind: str
    respondent_key: UUID | None = None
    stop_token: str | None = None
    confirm_token: str | None = None
    email: str = field(default="", repr=False)
    language: str = ""
    mark: ExitMark | None = None


def seal_contact(public_key: bytes, member_id: UUID, details: ContactDetails) -> bytes:
    document = json.dumps(asdict(details), ensure_ascii=False, separators=(",", ":"))
    return seal(public_key, document.encode(), info=_info("contact", member_id), pad_to=CONTACT_SIZES)


def unseal_contact(key: X25519PrivateKey, member_id: UUID, sealed: bytes) -> ContactDetails:
    """Raises SealBroken and SealedToAnotherKey."""
    try:
        return ContactDetails(**json.loads(_unseal("contact", key, sealed, _info("contact", member_id))))
    except (ValueError, TypeError):
        raise SealBroken from None


def seal_bridge(key: X25519PrivateKey, member_id: UUID, respondent_key: UUID) -> bytes:
    return seal(public_half(key), respondent_key.bytes, info=_info("bridge", member_id), pad_to=BRIDGE_SIZES)


def unseal_bridge(key: X25519PrivateKey, member_id: UUID, sealed: bytes) -> UUID:
    """Raises SealBroken and SealedToAnotherKey."""
    plaintext = _unseal("bridge", key, sealed, _info("bridge", member_id))
    if len(plaintext) != 16:
        raise SealBroken
    return UUID(bytes=plaintext)


def unseal_request(key: X25519PrivateKey, sealed: bytes) -> Request:
    """Raises SealedToAnotherKey, and SealBroken, also where it opens and says nothing we know."""
    try:
        return _request(json.loads(_unseal("request", key, sealed, REQUEST_INFO)))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SealBroken from None


def _request(document: Mapping[str, Any]) -> Request:
    match document["kind"]:
        case "opt_in":
            key, email, language = (document[name] for name in ("respondent_key", "email", "language"))
            mark = _mark(document.get("mark"))
            return Request("opt_in", respondent_key=UUID(key), email=str(email), language=str(language), mark=mark)
        case "confirm":
            return Request("confirm", confirm_token=_letters(document["confirm_token"]))
        case kind if kind in EXIT_KINDS:
            return _exit(kind, document.get("respondent_key"), document.get("stop_token"), _mark(document.get("mark")))
    raise ValueError


def _exit(kind: str, respondent_key: str | None, stop_token: str | None, mark: ExitMark | None) -> Request:
    if (respondent_key is None) == (stop_token is None):
        raise ValueError
    if respondent_key is not None:
        return Request(kind, respondent_key=UUID(respondent_key), mark=mark)
    return Request(kind, stop_token=_letters(stop_token), mark=mark)


def _mark(found: list[object] | None) -> ExitMark | None:
    if found is None:
        return None
    sitting, number = found
    if not isinstance(sitting, str) or type(number) is not int:
        raise ValueError
    return ExitMark(sitting, number)


def _letters(token: object) -> str:
    if not isinstance(token, str) or not is_link(token):
        raise ValueError
    return token


def _info(kind: str, member_id: UUID) -> bytes:
    return b"outrush/" + kind.encode() + b"/v1|" + member_id.bytes


def _unseal(key_name: str, key: X25519PrivateKey, sealed: bytes, info: bytes) -> bytes:
    if len(sealed) < _HEADER or not sealed.startswith(FORMAT):
        raise SealBroken
    if sealed[len(FORMAT) : _HEADER] != key_id(public_half(key)):
        raise SealedToAnotherKey(key_name)
    try:
        return unpad(SUITE.decrypt(sealed[_HEADER:], key, info))
    except (InvalidTag, ValueError):
        raise SealBroken from None

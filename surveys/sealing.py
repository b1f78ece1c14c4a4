"""Sealing to a public key, so that what writes can't read. Pure; the private halves are panel/vault's alone.

HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM. What is sealed is padded to one of a few sizes first, so that
its length tells nothing, and bound by `info` to what it is and whose it is: copied elsewhere, it doesn't open.

Layout: 1 byte format, 4 bytes key id (start of the public key's SHA-256), then HPKE's encapsulated key and ciphertext.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

FORMAT = b"\x01"
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

#: What a sealed request is padded to, in bytes: every one that holds no address, and every one that does.
REQUEST_SIZES = (256, 1024)
REQUEST_INFO = b"outrush/request/v1"
#: Ways out. Each is about a respondent, or about whom a stop link belongs to.
EXIT_KINDS = ("stop", "erase_contact", "erase")

_LENGTH_BYTES = 2
_PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ExitMark:
    """An exit's place among those of one sitting: the sitting's random name, and 1 for its first exit, 2 for the next.

    It lies in the respondent's browser and in sealed bodies, nowhere else. No time, so it tells nothing but the order.
    """

    sitting: str
    number: int


class KeyUnusable(Exception):
    """A key file is missing, or isn't one. The message names the file and never its content."""


def seal(public_key: bytes, plaintext: bytes, *, info: bytes, pad_to: Sequence[int]) -> bytes:
    """Seal `plaintext` to the holder of the private half of `public_key` (32 raw bytes).

    `pad_to` are the sizes allowed, ascending. Raises ValueError where the plaintext is longer than the largest allows.
    """
    key = X25519PublicKey.from_public_bytes(public_key)
    return FORMAT + key_id(public_key) + SUITE.encrypt(pad(plaintext, pad_to), key, info)


def key_id(public_key: bytes) -> bytes:
    """Which key something was sealed to: 4 bytes that tell keys apart when they are changed."""
    return hashlib.sha256(public_key).digest()[:4]


def pad(plaintext: bytes, sizes: Sequence[int]) -> bytes:
    """Its length in two bytes, itself, and zeros up to the first of `sizes` that holds it."""
    needed = _LENGTH_BYTES + len(plaintext)
    for size in sizes:
        if needed <= size:
            return len(plaintext).to_bytes(_LENGTH_BYTES, "big") + plaintext + bytes(size - needed)
    raise ValueError("longer than the largest size it may be padded to")


def unpad(padded: bytes) -> bytes:
    """What `pad` was given."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def seal_exit(
    public_key: bytes,
    *,
    kind: str,
    respondent_key: UUID | None = None,
    stop_token: str | None = None,
    mark: ExitMark | None = None,
) -> bytes:
    """A request of EXIT_KINDS for the worker, about a respondent or about whom a stop link's letters belong to.

    `mark` is its place in the sitting that it was made in.

    Raises ValueError unless exactly one of the two is given.
    """
    if kind not in EXIT_KINDS or (respondent_key is None) == (stop_token is None):
        raise ValueError("a request is of a known kind and about one person")
    about = {"respondent_key": str(respondent_key)} if respondent_key else {"stop_token": str(stop_token)}
    return _seal_request(public_key, {"kind": kind, **about, **_marked(mark)}, size=REQUEST_SIZES[0])


def seal_opt_in(
    public_key: bytes, *, respondent_key: UUID, email: str, language: str, after: ExitMark | None = None
) -> bytes:
    """A respondent's wish to be written to, at a checked address and in a language (a BCP 47 code).

    `after` is the latest exit of the sitting in which it was left: that one, and those before it, don't mean this wish.
    """
    document = {"kind": "opt_in", "respondent_key": str(respondent_key), "email": email, "language": language}
    return _seal_request(public_key, {**document, **_marked(after)}, size=REQUEST_SIZES[1])


def seal_confirmation(public_key: bytes, *, confirm_token: str) -> bytes:
    """That whoever was sent a confirmation link's letters wants the mail they were asked about."""
    document = {"kind": "confirm", "confirm_token": confirm_token}
    return _seal_request(public_key, document, size=REQUEST_SIZES[0])


def _marked(mark: ExitMark | None) -> Mapping[str, object]:
    return {"mark": [mark.sitting, mark.number]} if mark else {}


def _seal_request(public_key: bytes, document: Mapping[str, object], *, size: int) -> bytes:
    return seal(public_key, json.dumps(document).encode(), info=REQUEST_INFO, pad_to=(size,))


def read_public_key(path: Path) -> bytes:
    """The 32 bytes in a key folder's public file (64 hex digits). Raises KeyUnusable."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise KeyUnusable(f"{path} is missing. Make the keys with: manage.py make_keys") from None
    except (OSError, UnicodeDecodeError):
        raise KeyUnusable(f"{path} can't be read.") from None
    if not _PUBLIC_KEY.fullmatch(text):
        raise KeyUnusable(f"{path} holds no public key (64 hex digits).")
    return bytes.fromhex(text)

"""Finding a member by address without keeping the address: a keyed digest that only the worker can make."""

import contextlib
import hashlib
import hmac
import unicodedata


def blind_index(key: bytes, address: str) -> bytes:
    """HMAC-SHA256 over the address in its one normal form, 32 bytes."""
    return hmac.digest(key, normal_form(address).encode(), hashlib.sha256)


def normal_form(address: str) -> str:
    """One spelling for all spellings of an address: NFKC, case folded, the domain as DNS writes it (IDNA).

    A domain that IDNA refuses is kept as it is; such an address is refused before it comes here.
    """
    local, _, domain = unicodedata.normalize("NFKC", address.strip()).casefold().rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain.rstrip('.')}"

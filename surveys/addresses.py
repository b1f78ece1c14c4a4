"""Mail addresses in the one form we keep them in, from a panel file or from a respondent. Pure; both apps use it."""

import re
import unicodedata
from enum import StrEnum

MAX_ADDRESS = 254  # RFC 5321: a path of 256 with its angle brackets
MAX_LOCAL = 64
MAX_LABEL = 63

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5321, Dot-string
_FULL_STOPS = re.compile("[.\u3002\uff0e\uff61]")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Fault(StrEnum):
    """What keeps a text from being an address that mail can be sent to."""

    NO_ADDRESS = "no_address"
    OTHER_LETTERS = "other_letters"  # before the @, where many mail servers take ASCII alone
    BEFORE_AT = "before_at"
    AFTER_AT = "after_at"
    TOO_LONG = "too_long"


class AddressRefused(Exception):
    """A text is no address. Repeats nothing of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.value)


def checked_address(text: str) -> str:
    """The address with its domain as DNS writes it: `anna@пример.рф` becomes `anna@xn--e1afmkfd.xn--p1ai`.

    Raises AddressRefused. A text that is too long is refused unread: the time that IDNA takes grows with its square,
    and anybody may post one.
    """
    if len(text) > MAX_ADDRESS:
        raise AddressRefused(Fault.TOO_LONG)
    local, at, domain = unicodedata.normalize("NFKC", text).rpartition("@")
    if not at or not local or not domain:
        raise AddressRefused(Fault.NO_ADDRESS)
    if not local.isascii():
        raise AddressRefused(Fault.OTHER_LETTERS)
    if len(local) > MAX_LOCAL or not _LOCAL.fullmatch(local):
        raise AddressRefused(Fault.BEFORE_AT)
    address = f"{local}@{_checked_domain(domain)}"
    if len(address) > MAX_ADDRESS:
        raise AddressRefused(Fault.TOO_LONG)
    return address


def _checked_domain(domain: str) -> str:
    domain = domain.casefold()
    # One letter can become eighteen by NFKC; the full stops of IDNA (RFC 3490) part labels as ours does.
    if any(len(label) > MAX_LABEL for label in _FULL_STOPS.split(domain)):
        raise AddressRefused(Fault.AFTER_AT)
    try:
        labels = domain.encode("idna").decode("ascii").split(".")
    except UnicodeError:
        raise AddressRefused(Fault.AFTER_AT) from None
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise AddressRefused(Fault.AFTER_AT)
    return ".".join(labels)

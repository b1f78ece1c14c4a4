"""What each cell of a panel file must be. Reasons say what was expected and never what was found."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from zoneinfo import available_timezones

from panel.intake.countries import alpha_3
from surveys.addresses import MAX_ADDRESS, AddressRefused, Fault, checked_address

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_SOURCE = re.compile(r"[-A-Za-z0-9_]{0,50}")

MAX_LANGUAGE = 20
MAX_EXTERNAL_ID = 64

_NO_ZONES = {"Factory", "localtime"}

_FAULTS = {
    Fault.NO_ADDRESS: "email is not an address such as name@example.org",
    Fault.OTHER_LETTERS: "email has letters before the @ that many mail servers don't take; only ASCII is sent to",
    Fault.BEFORE_AT: "email is not an address such as name@example.org: look before the @",
    Fault.AFTER_AT: "email is not an address such as name@example.org: look after the @",
    Fault.TOO_LONG: f"email is longer than {MAX_ADDRESS} characters",
}


class CellRefused(Exception):
    """A cell isn't what its column holds. The message is the reason and repeats nothing of the cell."""


def check_row(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells in the one form we keep. Raises CellRefused with the first reason, in the order of the columns."""
    for name in ("email", "language", "timezone"):
        if not cells[name]:
            raise CellRefused(f"{name} is empty")
    return {name: check(cells[name]) for name, check in _CHECKS.items()}


def _email(cell: str) -> str:
    try:
        return checked_address(cell)
    except AddressRefused as refused:
        raise CellRefused(_FAULTS[refused.fault]) from None


def _language(cell: str) -> str:
    code = cell.replace("_", "-").lower()
    if len(code) > MAX_LANGUAGE or not _LANGUAGE.fullmatch(code):
        raise CellRefused("language is not a code such as ru or pt-br")
    return code


def _timezone(cell: str) -> str:
    zone = _zones().get(cell.casefold())
    if zone is None:
        raise CellRefused("timezone is not an IANA zone such as Asia/Tbilisi")
    return zone


@cache
def _zones() -> Mapping[str, str]:
    """Zones by their names in any case."""
    return {name.casefold(): name for name in available_timezones() - _NO_ZONES}


def _country(cell: str) -> str:
    if not cell:
        return ""
    code = alpha_3(cell)
    if code is None:
        raise CellRefused("country is not an ISO 3166 code such as GEO or GE")
    return code


def _source(cell: str) -> str:
    if not _SOURCE.fullmatch(cell):
        raise CellRefused("source may hold up to 50 Latin letters, digits, - and _")
    return cell


def _external_id(cell: str) -> str:
    if len(cell) > MAX_EXTERNAL_ID or not cell.isprintable():
        raise CellRefused(f"external_id may hold up to {MAX_EXTERNAL_ID} printable characters")
    return cell


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "email": _email,
    "language": _language,
    "timezone": _timezone,
    "country": _country,
    "source": _source,
    "external_id": _external_id,
}

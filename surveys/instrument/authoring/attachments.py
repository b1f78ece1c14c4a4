"""Files given beside the workbook: how the names that it gives them are told from slips of the pen."""

from collections.abc import Collection
from difflib import get_close_matches
from unicodedata import normalize


def composed(name: str) -> str:
    """The name with each accented letter as one character: file systems differ in that, and nobody sees it."""
    return normalize("NFC", name).strip()


def advice(name: str, names: Collection[str], are: str) -> str:
    """Which of the names, of files that are so or so, may be meant by one that is not among them; "" for none."""
    near = _near(name, names)
    return f"Did you mean '{near}', which is {are}? Capitals and spaces count." if near else ""


def _near(name: str, names: Collection[str]) -> str:
    """The one name that is nearest: but for folder, capitals and spaces the same, else a letter or two away."""
    by_gist = {_gist(other): other for other in names}
    gist = _gist(name)
    found = [gist] if gist in by_gist else get_close_matches(gist, by_gist, n=1, cutoff=0.85)
    return by_gist[found[0]] if found else ""


def _gist(name: str) -> str:
    bare = composed(name).replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in bare.casefold() if character not in " _-")

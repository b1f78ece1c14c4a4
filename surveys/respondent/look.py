"""How the pages of a wave look: its study's name, logo and accent colour, and the stylesheet with that colour in it."""

import gzip
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from surveys.colours import LEGIBLE, PAPER, contrast, is_colour, legible, mixed
from surveys.models import Wave

SHEET = settings.BASE_DIR / "templates" / "static" / "respondent" / "pages.css"
#: Grounds that the dark half of the stylesheet puts things on.
RAISED_IN_DARK = "#1c2326"
KEPT = 16  # sheets of colours in use


@dataclass(frozen=True, slots=True)
class Look:
    """What templates need: `logo` is an address on this host, `accent` six hex digits; "" where there is none."""

    study: str
    logo: str = ""
    accent: str = ""


#: Of pages that belong to no wave.
NO_LOOK = Look("")


def look_of(wave: Wave) -> Look:
    return Look(wave.study_name or settings.STUDY_NAME, _address(wave.logo), wave.accent.removeprefix("#"))


def _address(logo: str) -> str:
    """The address of a static file. One that was never collected is left out rather than breaking every page."""
    try:
        return staticfiles_storage.url(logo) if logo else ""
    except ValueError:
        return ""


@lru_cache(maxsize=KEPT)
def stylesheet(accent: str) -> tuple[bytes, bytes] | None:
    """The stylesheet in a colour of six hex digits, plain and compressed; None for one that can't be read."""
    colour = f"#{accent}"
    if not is_colour(colour) or contrast(colour, PAPER) < LEGIBLE:
        return None
    sheet = (SHEET.read_text() + _in_colour(colour)).encode()
    return sheet, gzip.compress(sheet, mtime=0)


def _in_colour(colour: str) -> str:
    """Rules that put a colour in the place of ours. Text in it stays legible on its own tint, by light and by dark."""
    tint = mixed(colour, PAPER, 0.1)
    light = f"--accent:{legible(colour, tint)};--tint:{tint}"
    tint_in_dark = mixed(colour, RAISED_IN_DARK, 0.3)
    dark = f"--accent:{legible(colour, tint_in_dark)};--tint:{tint_in_dark}"
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"

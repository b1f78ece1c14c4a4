"""Colours of a wave's pages: which are legible. Contrast is that of WCAG 2.2, from 1 to 21."""

import re

PAPER = "#ffffff"
INK = "#000000"
#: What WCAG 2.2 AA asks of text (1.4.3).
LEGIBLE = 4.5

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    """Whether it is written as `#rrggbb`, in lower case."""
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, whichever is the lighter."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """`share` of the one and the rest of the other; share from 0 to 1."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def legible(colour: str, ground: str) -> str:
    """The colour, with as little white or black as makes it legible on that ground."""
    towards = max(PAPER, INK, key=lambda end: contrast(end, ground))
    steps = (mixed(towards, colour, step / 20) for step in range(21))
    return next((step for step in steps if contrast(step, ground) >= LEGIBLE), towards)


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _luminance(colour: str) -> float:
    shares = (channel / 255 for channel in _channels(colour))
    linear = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

"""PNG: chunks of length, kind, data and checksum. Those that draw the picture are kept."""

import zlib
from collections.abc import Iterator

from surveys.instrument.authoring.media.clean import Clean, animated, damaged
from surveys.instrument.authoring.media.exif import UPRIGHT, as_seen, orientation_of, tiff_with

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"}
_ANIMATION = b"acTL"
_EXIF = b"eXIf"


def clean(data: bytes) -> Clean:
    """The picture without texts, times, profiles and what follows its end. Raises NotShown."""
    kept = [SIGNATURE]
    orientation = UPRIGHT
    for kind, body in _chunks(data):
        if kind == _ANIMATION:
            raise animated()
        if kind == _EXIF:
            orientation = orientation_of(body)
        elif kind in _KEPT:
            kept.append(_chunk(kind, body))
    header = kept[1][8:]
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    if orientation != UPRIGHT:
        kept.insert(2, _chunk(_EXIF, tiff_with(orientation)))
    return Clean("png", b"".join(kept), *as_seen(width, height, orientation))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of each chunk, from the header to the end."""
    position = len(SIGNATURE)
    kind = b""
    while kind != b"IEND":
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if end > len(data):
            raise damaged()
        first, kind = not kind, data[position + 4 : position + 8]
        if first and (kind != b"IHDR" or end - position != 25):
            raise damaged()
        yield kind, data[position + 8 : end - 4]
        position = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

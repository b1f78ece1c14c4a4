"""JPEG: segments behind markers, and the coded picture between them. What decodes the picture is kept."""

import re
from collections.abc import Iterator

from surveys.instrument.authoring.media.clean import Clean, damaged
from surveys.instrument.authoring.media.exif import UPRIGHT, as_seen, orientation_of, tiff_with

START, END = b"\xff\xd8", b"\xff\xd9"
_SCAN, _EXIF, _JFIF, _ADOBE = 0xDA, 0xE1, 0xE0, 0xEE
_TABLES = {0xC4, 0xCC, 0xDB, 0xDD}  # Huffman, arithmetic, quantization, restart interval
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: Within a scan a byte of ones is followed by a zero, or it is a restart. Anything else ends the scan.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_EXIF_HEAD = b"Exif\0\0"


def clean(data: bytes) -> Clean:
    """The picture without EXIF, XMP, IPTC, comments, thumbnails, profiles and what follows its end. Raises NotShown."""
    kept: list[bytes] = []
    orientation, width, height = UPRIGHT, 0, 0
    for marker, segment in _segments(data):
        body = segment[4:]
        if marker == _EXIF and body.startswith(_EXIF_HEAD):
            orientation = orientation_of(body[len(_EXIF_HEAD) :])
        if marker in _FRAMES:
            if width:
                raise damaged()  # of two, browsers may draw the first
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        if marker in _TABLES | _FRAMES or marker == _SCAN or _is_colour_hint(marker, body):
            kept.append(segment)
    if not (width and height):
        raise damaged()
    if orientation != UPRIGHT:
        exif = _EXIF_HEAD + tiff_with(orientation)
        kept.insert(0, b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif)
    return Clean("jpg", b"".join([START, *kept, END]), *as_seen(width, height, orientation))


def _is_colour_hint(marker: int, body: bytes) -> bool:
    """Two segments of fixed length say how colours are coded; longer ones hold a thumbnail, or anything."""
    is_jfif = marker == _JFIF and body.startswith(b"JFIF\0") and len(body) == 14 and body[12:14] == b"\0\0"
    return is_jfif or (marker == _ADOBE and body.startswith(b"Adobe") and len(body) == 12)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each segment up to the end of the picture, a scan with its coded data."""
    position = len(START)
    while not data.startswith(END, position):
        if position + 4 > len(data) or data[position] != 0xFF:
            raise damaged()
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if end < position + 4 or end > len(data):
            raise damaged()
        if marker == _SCAN:
            found = _AFTER_SCAN.search(data, end)
            if found is None:
                raise damaged()
            end = found.start()
        yield marker, data[position:end]
        position = end

"""WebP: a RIFF file of the coded picture, its transparency, and what is said about it."""

from surveys.instrument.authoring.media.clean import Clean, animated, damaged
from surveys.instrument.authoring.media.exif import UPRIGHT, as_seen, orientation_of, tiff_with
from surveys.instrument.authoring.media.riff import chunks, riff

_EXTENDED, _EXIF = b"VP8X", b"EXIF"
_DRAWN = {b"ALPH", b"VP8 ", b"VP8L"}
#: Flags of the extended header.
_ANIMATED, _HAS_EXIF, _HAS_ALPHA = 0x02, 0x08, 0x10


def clean(data: bytes) -> Clean:
    """The picture without EXIF, XMP and profile. Raises NotShown."""
    found = dict(reversed(list(chunks(data))))  # the first of each kind
    header = found.get(_EXTENDED, b"")
    if b"ANIM" in found or b"ANMF" in found or (header and header[0] & _ANIMATED):
        raise animated()
    drawn = [(kind, body) for kind, body in chunks(data) if kind in _DRAWN]
    if not any(kind != b"ALPH" for kind, _ in drawn):
        raise damaged()
    width, height = _size(found)
    orientation = orientation_of(found.get(_EXIF, b"").removeprefix(b"Exif\0\0"))
    if header:
        is_turned = orientation != UPRIGHT
        flags = header[0] & _HAS_ALPHA | (_HAS_EXIF if is_turned else 0)
        drawn.insert(0, (_EXTENDED, bytes([flags, 0, 0, 0]) + header[4:10]))
        if is_turned:
            drawn.append((_EXIF, tiff_with(orientation)))
    return Clean("webp", riff(b"WEBP", drawn), *as_seen(width, height, orientation if header else UPRIGHT))


def _size(found: dict[bytes, bytes]) -> tuple[int, int]:
    if (header := found.get(_EXTENDED)) is not None:
        if len(header) < 10:
            raise damaged()
        return int.from_bytes(header[4:7], "little") + 1, int.from_bytes(header[7:10], "little") + 1
    if (lossless := found.get(b"VP8L")) is not None:
        if lossless[:1] != b"\x2f" or len(lossless) < 5:
            raise damaged()
        bits = int.from_bytes(lossless[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    lossy = found[b"VP8 "]
    if lossy[3:6] != b"\x9d\x01\x2a" or len(lossy) < 10:
        raise damaged()
    return int.from_bytes(lossy[6:8], "little") & 0x3FFF, int.from_bytes(lossy[8:10], "little") & 0x3FFF

"""Small pictures and sounds, made here byte by byte, each of which can say where and by whom it was made.

`says` is what it says in the places where its format has room for it: EXIF, comments, tags, what follows its end.
"""

import base64
import struct
import zlib
from collections.abc import Callable

#: Made by a browser: 40 by 20 pixels.
_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBk"
    "eFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAUACgD"
    "ASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAAcDBf/EACUQAQAABAILAAAAAAAAAAAAAAABAgQRAxIFBhY2QVRxgqOy0f/EABcBAQEBAQAA"
    "AAAAAAAAAAAAAAADAgT/xAAYEQEAAwEAAAAAAAAAAAAAAAAAAQIDEf/aAAwDAQACEQMRAD8AoCc617xVXZ6Sm1GmOc8Unxzquqxq2pnqKifPiz2z"
    "TWhC9oW4dFK145tNItHIYgNoAAAAAAAAP//Z"
)
_WEBP = base64.b64decode(
    "VlA4IFIAAACwAwCdASooABQAPtFmrFEoJaQipWgBABoJZQDE2AtPOGRjsuBCAAD+9gnY/smn9I1dGPyMH08RExro4jwGqYWhejly0uw9+GOkwi6g"
    "UZOqrAAA"
)


def exif(says: bytes, orientation: int = 1) -> bytes:
    """A TIFF block with an orientation and with an author."""
    entries = struct.pack(">HHIHxx", 0x0112, 3, 1, orientation) + struct.pack(">HHII", 0x013B, 2, len(says), 38)
    return b"MM\0*\0\0\0\x08\0\x02" + entries + bytes(4) + says


def png(says: bytes = b"", *, size: tuple[int, int] = (40, 20), orientation: int = 1, colour: int = 0x17595F) -> bytes:
    width, height = size
    rows = (b"\0" + colour.to_bytes(3, "big") * width) * height
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"tEXt", b"Author\0" + says),
        (b"iCCP", b"a screen\0\0" + zlib.compress(says)),
        (b"eXIf", exif(says, orientation)),
        (b"IDAT", zlib.compress(rows)),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + says),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks) + says


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def jpeg(says: bytes = b"", *, orientation: int = 1) -> bytes:
    segments = [
        (0xE1, b"Exif\0\0" + exif(says, orientation)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + says),
        (0xE0, b"JFXX\0\x13" + says),
        (0xE2, b"ICC_PROFILE\0\x01\x01" + says),
        (0xED, b"Photoshop 3.0\0" + says),
        (0xFE, says),
    ]
    extra = b"".join(bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return _JPEG[:2] + extra + _JPEG[2:] + says


def webp(says: bytes = b"", *, orientation: int = 1) -> bytes:
    header = b"VP8X" + struct.pack("<I", 10) + b"\x2c\0\0\0" + bytes([39, 0, 0, 19, 0, 0])
    picture = _chunk(b"ICCP", says) + _chunk(b"VP8 ", _WEBP[8:])
    return _riff(b"WEBP", header + picture + _chunk(b"EXIF", exif(says, orientation)) + _chunk(b"XMP ", says))


def gif(says: bytes = b"", n_pictures: int = 1, size: tuple[int, int] = (1, 1)) -> bytes:
    """40 by 20 pixels, with a picture on it of another size."""
    head = b"GIF89a" + struct.pack("<HHBBB", 40, 20, 0x80, 0, 0) + bytes([0x17, 0x59, 0x5F, 255, 255, 255])
    comment = b"\x21\xfe" + bytes([len(says)]) + says + b"\0" if says else b""
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(says)]) + says + b"\0" if says else b""
    control = b"\x21\xf9\x04\0\0\0\0\0"
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, *size, 0) + b"\x02\x02\x44\x01\0"
    return head + comment + (control + picture) * n_pictures + xmp + b"\x3b" + says


def wav(says: bytes = b"") -> bytes:
    """A tenth of a second of silence."""
    form = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8))
    return _riff(
        b"WAVE", form + _chunk(b"LIST", b"INFOIART" + says) + _chunk(b"data", b"\x80" * 800) + _chunk(b"bext", says)
    )


def mp3(says: bytes = b"") -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    return id3(says) + frame * 5 + b"TAG" + says[:100].ljust(125, b"\0")


def aac(says: bytes = b"") -> bytes:
    frame = bytes([0xFF, 0xF1, 0x50, 0x80, 20 >> 3, (20 & 7) << 5 | 0x1F, 0xFC]) + bytes(13)
    return id3(says) + frame * 5


def id3(says: bytes) -> bytes:
    body = b"TPE1" + struct.pack(">IH", len(says), 0) + says
    return b"ID3\x04\0\0" + bytes([0, 0, len(body) >> 7, len(body) & 0x7F]) + body


def m4a(says: bytes = b"", handler: bytes = b"soun") -> bytes:
    """Boxes as a phone's recorder writes them; nothing in them can be heard."""
    made_at = b"\xd1\x5e\xa5\x0d"
    codec = bytes(6) + b"\0\1" + bytes(20) + _box(b"esds", bytes(4)) + _box(b"note", says)
    elsewhere = _box(b"dref", bytes(7) + b"\1" + _box(b"url ", bytes(4) + says))
    table = _box(b"stsd", bytes(7) + b"\1" + _box(b"mp4a", codec)) + _box(b"stsz", bytes(12)) + _box(b"note", says)
    info = _box(b"minf", _box(b"smhd", bytes(8)) + _box(b"dinf", elsewhere) + _box(b"stbl", table))
    handles = _box(b"hdlr", bytes(8) + handler + bytes(12) + says)
    media = _box(b"mdhd", bytes(4) + made_at * 2 + bytes(12)) + handles + info
    track = _box(
        b"trak", _box(b"tkhd", bytes(4) + made_at * 2 + bytes(72)) + _box(b"mdia", media) + _box(b"udta", says)
    )
    about = _box(b"udta", _box(b"\xa9xyz", says) + _box(b"meta", says))
    movie = _box(b"moov", _box(b"mvhd", bytes(4) + made_at * 2 + bytes(88)) + track + about)
    fragment = _box(b"prft", says) + _box(b"moof", _box(b"mfhd", bytes(8)) + _box(b"meta", says))
    rest = fragment + _box(b"mdat", b"more") + _box(b"junk", says) + _box(b"uuid", says)
    return _box(b"ftyp", b"M4A \0\0\0\0") + movie + _box(b"mdat", b"sound") + rest


def ogg(says: bytes = b"") -> bytes:
    """A fifth of a second of silence. What it says fills more than one page."""
    comments = b"OpusTags" + struct.pack("<I", 4) + b"here" + struct.pack("<II", 1, 70_000) + says.ljust(70_000, b".")
    silence = [b"\xf8\xff\xfe"] * 10
    head = b"OpusHead\x01\x01" + struct.pack("<HIhB", 0, 48_000, 0, 0)
    full, rest = divmod(len(comments), 255)
    first, last = comments[: 255 * 255], comments[255 * 255 :]
    return b"".join(
        [
            ogg_page(0, 2, 0, [len(head)], head),
            ogg_page(1, 0, -1, [255] * 255, first),
            ogg_page(2, 1, 0, [255] * (full - 255) + [rest], last),
            ogg_page(3, 4, 9600, [3] * 10, b"".join(silence)),
        ]
    )


def ogg_page(number: int, flags: int, position: int, sizes: list[int], body: bytes) -> bytes:
    head = b"OggS\0" + struct.pack("<BqIII", flags, position, 4711, number, 0) + bytes([len(sizes), *sizes])
    checksum = ogg_checksum(head + body)
    return head[:22] + struct.pack("<I", checksum) + head[26:] + body


def ogg_checksum(page: bytes) -> int:
    """Bit by bit, as the specification has it."""
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _riff(kind: bytes, chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + kind + chunks


PICTURES: dict[str, Callable[..., bytes]] = {"png": png, "jpg": jpeg, "webp": webp, "gif": gif}
SOUNDS: dict[str, Callable[..., bytes]] = {"mp3": mp3, "aac": aac, "m4a": m4a, "ogg": ogg, "wav": wav}

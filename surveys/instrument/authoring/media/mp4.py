"""MP4 and M4A: boxes within boxes. The sound is found by its distance from the file's start, so nothing may move:
boxes that say something about it become free space of the same length, and times become zeros."""

from collections.abc import Iterator

from surveys.instrument.authoring.media.clean import Clean, NotShown, damaged

_HOLDS = {b"moov", b"trak", b"mdia"}
_SAYS = {b"udta", b"meta", b"uuid", b"free", b"skip", b"wide"}
_TIMED = {b"mvhd", b"tkhd", b"mdhd"}
_DEEPEST = 3  # moov, trak, mdia
_PICTURES = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")


def clean(data: bytes) -> Clean:
    """The sound without title, author, place and times. Raises NotShown."""
    if data[8:12] in _PICTURES:
        raise NotShown("it is a picture that many browsers don't show (HEIC or AVIF).", "Export it as JPEG.")
    cleaned = bytearray(data)
    tracks = []
    for at, start, end in _boxes(data, 0, len(data)):
        kind = data[at + 4 : at + 8]
        if kind in _SAYS:
            cleaned[at + 4 : at + 8] = b"free"
            cleaned[start:end] = bytes(end - start)
        elif kind in _TIMED:
            n_bytes = 16 if data[start : start + 1] == b"\x01" else 8
            cleaned[start + 4 : min(start + 4 + n_bytes, end)] = bytes(min(n_bytes, end - start - 4))
        elif kind == b"hdlr":
            tracks.append(data[start + 8 : start + 12])
            cleaned[start + 24 : end] = bytes(max(end - start - 24, 0))  # its name
    if b"vide" in tracks:
        raise NotShown("it is a video.", "Give the sound alone, as MP3.")
    if not tracks or set(tracks) != {b"soun"}:
        raise NotShown("it holds more than a sound, or none.", "Export the sound alone, as MP3.")
    return Clean("m4a", bytes(cleaned))


def _boxes(data: bytes, position: int, end_of_all: int, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """Where each box, its content and what follows it begin; of those that matter, what is in them too."""
    while position < end_of_all:
        size, start = int.from_bytes(data[position : position + 4], "big"), position + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        end = position + size if size else end_of_all
        if not start <= end <= end_of_all or depth > _DEEPEST:
            raise damaged()
        yield position, start, end
        if data[position + 4 : position + 8] in _HOLDS:
            yield from _boxes(data, start, end, depth + 1)
        position = end

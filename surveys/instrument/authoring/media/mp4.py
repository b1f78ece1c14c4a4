"""MP4 and M4A: boxes within boxes. The sound is found by its distance from the file's start, so nothing may move:
boxes that playing doesn't need become free space of the same length, and times become zeros."""

from collections.abc import Iterator
from typing import NamedTuple

from surveys.instrument.authoring.media.clean import Clean, NotShown, damaged

#: Boxes that hold boxes, and how many bytes come before the first of these.
_HOLDS = {
    **dict.fromkeys((b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf"), 0),
    **dict.fromkeys((b"dref", b"stsd"), 8),
}
#: What playing needs beside them: kinds, times, tables of where the sound is, how it is coded, and the sound.
_NEEDED = frozenset(
    (
        *(b"ftyp", b"styp", b"sidx", b"mvhd", b"tkhd", b"elst", b"mdhd", b"hdlr", b"smhd", b"mehd", b"trex"),
        *(b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sgpd", b"sbgp"),
        *(b"mfhd", b"tfhd", b"tfdt", b"trun", b"mdat"),
        *(b"esds", b"alac", b"dOps", b"dfLa", b"dac3", b"dec3", b"wave", b"chan", b"chnl", b"srat", b"btrt"),
        *_HOLDS,
    )
)
_TIMED = {b"mvhd", b"tkhd", b"mdhd"}
_CODECS = {b"mp4a", b"alac", b"Opus", b"fLaC", b".mp3", b"ac-3", b"ec-3"}
#: Bytes of a codec's box before the boxes in it, by its version; QuickTime has the later ones.
_CODEC_HEADS = {1: 44, 2: 64}
_CODEC_HEAD = 28
_DEEPEST = 7  # moov, trak, mdia, minf, stbl, stsd, codec, and how it is coded
_PICTURES = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")


class _Box(NamedTuple):
    kind: bytes
    parent: bytes
    at: int  # where it begins, its content begins, and it ends
    start: int
    end: int


def clean(data: bytes) -> Clean:
    """The sound without title, author, place and times. Raises NotShown."""
    if data[8:12] in _PICTURES:
        raise NotShown("it is a picture that many browsers don't show (HEIC or AVIF).", "Export it as JPEG.")
    boxes = list(_boxes(data, 0, len(data)))
    _check_is_sound(data, boxes)
    cleaned = bytearray(data)
    for box in boxes:
        for start, end in _says(data, box):
            cleaned[start:end] = bytes(max(end - start, 0))
        if not _is_needed(box):
            cleaned[box.at + 4 : box.at + 8] = b"free"
    return Clean("m4a", bytes(cleaned))


def _check_is_sound(data: bytes, boxes: list[_Box]) -> None:
    tracks = [data[box.start + 8 : box.start + 12] for box in boxes if box.kind == b"hdlr"]
    if b"vide" in tracks:
        raise NotShown("it is a video.", "Give the sound alone, as MP3.")
    if not tracks or set(tracks) != {b"soun"}:
        raise NotShown("it holds more than a sound, or none.", "Export the sound alone, as MP3.")
    if any(box.parent == b"stsd" and box.kind not in _CODECS for box in boxes):
        raise NotShown("its sound is coded in a way that browsers don't play.", "Export it as MP3.")


def _is_needed(box: _Box) -> bool:
    return box.kind in _NEEDED or box.parent in {b"stsd", b"dref"}


def _says(data: bytes, box: _Box) -> Iterator[tuple[int, int]]:
    """From where to where a box holds what is not for respondents."""
    if not _is_needed(box):
        yield box.start, box.end
    elif box.parent == b"dref":
        yield box.start + 4, box.end  # the path of another file; this one needs none
    elif box.kind in _TIMED:
        n_bytes = 16 if data[box.start] == 1 else 8
        yield box.start + 4, min(box.start + 4 + n_bytes, box.end)
    elif box.kind == b"hdlr":
        yield box.start + 12, box.end  # its name


def _boxes(data: bytes, position: int, end_of_all: int, parent: bytes = b"", depth: int = 0) -> Iterator[_Box]:
    """Every box from here to there, and where it holds boxes, these too."""
    while position < end_of_all:
        if parent and end_of_all - position < 8:
            return  # QuickTime ends some of its lists with four zeros
        size, start = int.from_bytes(data[position : position + 4], "big"), position + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        end = position + size if size else end_of_all
        kind = data[position + 4 : position + 8]
        if not start <= end <= end_of_all or depth > _DEEPEST or (kind in _TIMED and end - start < 4):
            raise damaged()
        yield _Box(kind, parent, position, start, end)
        if parent == b"stsd":
            inside = start + _CODEC_HEADS.get(int.from_bytes(data[start + 8 : start + 10], "big"), _CODEC_HEAD)
            yield from _boxes(data, inside, end, kind, depth + 1)
        elif kind in _HOLDS:
            yield from _boxes(data, start + _HOLDS[kind], end, kind, depth + 1)
        position = end

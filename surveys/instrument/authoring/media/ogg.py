"""Ogg with Opus or Vorbis: pages that carry packets. The second packet is what is said about the sound.

It keeps its place and length, or every page would have to be made anew; its bytes become an empty statement and
zeros, and the pages it is on get new checksums.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from surveys.instrument.authoring.media.clean import Clean, NotShown, damaged

SIGNATURE = b"OggS"
_HEAD = 27
#: First packet, and what the second begins with. An empty statement follows: no vendor, no comments (and a set bit).
_CODECS = {b"OpusHead": b"OpusTags" + bytes(8), b"\x01vorbis": b"\x03vorbis" + bytes(8) + b"\x01"}


@dataclass(frozen=True, slots=True)
class _Page:
    start: int
    end: int
    sizes: bytes  # of what is on it

    def parts(self) -> Iterator[tuple[int, int, bool]]:
        """Where each part of a packet begins and ends, and whether it is whole: a size of 255 says that it goes on."""
        start = end = self.start + _HEAD + len(self.sizes)
        for size in self.sizes:
            end += size
            if size < 255:
                yield start, end, True
                start = end
        if self.sizes and self.sizes[-1] == 255:
            yield start, end, False


def clean(data: bytes) -> Clean:
    """The sound without title, author and comments. Raises NotShown."""
    pages = list(_pages(data))
    if len({data[page.start + 14 : page.start + 18] for page in pages}) != 1:
        raise _no_sound()  # several streams: a video, or a list of pieces
    first = pages[0].start + _HEAD + len(pages[0].sizes)
    empty = next((text for head, text in _CODECS.items() if data.startswith(head, first)), None)
    if empty is None:
        raise _no_sound()
    cleaned = bytearray(data[: pages[-1].end])
    spots = _second_packet(pages)
    length = sum(end - start for _, start, end in spots)
    if length < len(empty) or not data.startswith(empty[:7], spots[0][1]):
        raise damaged()
    rest = empty + bytes(length - len(empty))
    for _, start, end in spots:
        cleaned[start:end], rest = rest[: end - start], rest[end - start :]
    for page in dict.fromkeys(page for page, _, _ in spots):
        cleaned[page.start + 22 : page.start + 26] = bytes(4)
        checksum = _checksum(cleaned[page.start : page.end])
        cleaned[page.start + 22 : page.start + 26] = checksum.to_bytes(4, "little")
    return Clean("ogg", bytes(cleaned))


def _no_sound() -> NotShown:
    return NotShown("it is no sound that phones play (Ogg with Opus or Vorbis, one stream).", "Export it as MP3.")


def _pages(data: bytes) -> Iterator[_Page]:
    position = 0
    while data.startswith(SIGNATURE, position):
        body = position + _HEAD + data[position + _HEAD - 1] if position + _HEAD <= len(data) else len(data) + 1
        sizes = data[position + _HEAD : body]
        end = body + sum(sizes)
        if end > len(data):
            raise damaged()
        yield _Page(position, end, sizes)
        position = end


def _second_packet(pages: list[_Page]) -> list[tuple[_Page, int, int]]:
    """On which pages and where the parts of the second packet stand."""
    number, found = 0, []
    for page in pages:
        for start, end, is_whole in page.parts():
            if number == 1:
                found.append((page, start, end))
            number += is_whole
            if number == 2:
                return found
    raise damaged()


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return tuple(table)


_TABLE = _table()


def _checksum(page: bytes | bytearray) -> int:
    """Ogg's own checksum: no library at hand has it."""
    value = 0
    for byte in page:
        value = value << 8 & 0xFFFFFFFF ^ _TABLE[value >> 24 ^ byte]
    return value

"""MP3 and AAC as streams: frames one after the other, each of which says how long it is, with tags around them."""

from collections.abc import Iterator

from surveys.instrument.authoring.media.clean import Clean, damaged

#: Bits per millisecond of a frame of layer III by its index, for MPEG 1 and for MPEG 2 and 2.5.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
#: Samples in a second by version and index.
_SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_HEAD = 8  # bytes that tell a frame's length are among the first of it
_TAGS_BEHIND = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"\0")


def clean(data: bytes) -> Clean:
    """The frames alone: title, author, cover and comments stand outside them. Raises NotShown."""
    start = _after_tags(data)
    frames = list(_frames(data, start))
    if not frames:
        raise damaged()
    first, end = frames[0][0], frames[-1][1]
    if end < len(data) and not data.startswith(_TAGS_BEHIND, end) and not _is_last_frame(data, end):
        raise damaged()
    return Clean("aac" if _is_aac(data[first : first + 2]) else "mp3", data[first:end])


def is_frame(head: bytes) -> bool:
    """Whether four bytes or more begin a frame of a kind that is known here."""
    return _length(head) > 0


def _after_tags(data: bytes) -> int:
    """Where the sound begins, behind ID3 tags, which say their length in four times seven bits."""
    position = 0
    while data.startswith(b"ID3", position):
        head = data[position : position + 10]
        if len(head) < 10 or any(byte & 0x80 for byte in head[6:]):
            raise damaged()
        footer = 10 if head[5] & 0x10 else 0
        length = sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        position += 10 + length + footer
    while data.startswith(b"\0", position):  # some leave room for a longer tag
        position += 1
    return position


def _frames(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Where each whole frame begins and ends."""
    position = start
    while length := _length(data[position : position + _HEAD]):
        if position + length > len(data):
            return
        yield position, position + length
        position += length


def _is_last_frame(data: bytes, start: int) -> bool:
    """Recordings often stop in the middle of a frame, which nobody hears."""
    return len(data) - start < _HEAD or start + _length(data[start : start + _HEAD]) > len(data)


def _is_aac(head: bytes) -> bool:
    return head[0] == 0xFF and head[1] & 0xF6 == 0xF0


def _length(head: bytes) -> int:
    """Length in bytes of the frame that begins so, 0 where none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    if _is_aac(head):
        return (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) >= 7 else 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate = (_RATES_1 if version == 3 else _RATES_2)[head[2] >> 4]
    sampling = head[2] >> 2 & 3
    if layer != 1 or version == 1 or not rate or sampling == 3:
        return 0
    return (144_000 if version == 3 else 72_000) * rate // _SAMPLES[version][sampling] + (head[2] >> 1 & 1)

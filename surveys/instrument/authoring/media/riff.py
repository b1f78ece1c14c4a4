"""RIFF, which WebP and WAV are made of: chunks of a four-letter kind, a length and data, padded to even lengths."""

from collections.abc import Iterable, Iterator

from surveys.instrument.authoring.media.clean import damaged


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of each chunk of a file. Raises NotShown."""
    position, end_of_all = 12, 8 + int.from_bytes(data[4:8], "little")
    if end_of_all > len(data):
        raise damaged()
    while position + 8 <= end_of_all:
        end = position + 8 + int.from_bytes(data[position + 4 : position + 8], "little")
        if end > len(data):
            raise damaged()
        yield data[position : position + 4], data[position + 8 : end]
        position = end + (end - position) % 2


def riff(kind: bytes, parts: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A file of these chunks."""
    body = b"".join(name + len(part).to_bytes(4, "little") + part + bytes(len(part) % 2) for name, part in parts)
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + kind + body

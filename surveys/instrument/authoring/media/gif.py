"""GIF: a header, a table of colours, then pictures and extensions. One picture and its transparency are kept."""

from surveys.instrument.authoring.media.clean import Clean, animated, damaged

_PICTURE, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_CONTROL = 0xF9  # transparency and time: four bytes in one block
_CONTROL_BYTES = 8


def clean(data: bytes) -> Clean:
    """The picture without comments, XMP and what follows its end. Raises NotShown."""
    try:
        return _clean(data)
    except IndexError:
        raise damaged() from None


def _clean(data: bytes) -> Clean:
    position = 13 + _colours(data[10])
    kept, control, n_pictures = [data[:position]], b"", 0
    width, height = _sides(data, 6)
    while data[position] != _END:
        start = position
        if data[position] == _PICTURE:
            n_pictures += 1
            (left, top), (across, down) = _sides(data, start + 1), _sides(data, start + 5)
            width, height = max(width, left + across), max(height, top + down)  # some browsers make room for it all
            position = _after_blocks(data, position + 11 + _colours(data[position + 9]))
            kept.append(control + data[start:position])
        elif data[position] == _EXTENSION:
            position = _after_blocks(data, position + 2)
            if data[start + 1] == _CONTROL:
                control = data[start:position]
                if len(control) != _CONTROL_BYTES or control[2] != 4:
                    raise damaged()  # further blocks could hold a text
        else:
            raise damaged()
    if n_pictures > 1:
        raise animated()
    if not (n_pictures and width and height):
        raise damaged()
    return Clean("gif", b"".join([*kept, bytes([_END])]), width, height)


def _sides(data: bytes, position: int) -> tuple[int, int]:
    """Two numbers, of which the first goes across and the second down."""
    across, down = data[position : position + 2], data[position + 2 : position + 4]
    return int.from_bytes(across, "little"), int.from_bytes(down, "little")


def _colours(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> int:
    """Where blocks of up to 255 bytes, the last one empty, end."""
    while length := data[position]:
        position += length + 1
    return position + 1

"""Of all that EXIF says (place, time, camera, author) one thing is kept: which way up a picture is seen.

Phones store a photo as the sensor saw it and say here how to turn it.
"""

UPRIGHT = 1
#: In these orientations width and height are exchanged.
_TURNED = {5, 6, 7, 8}
_ORDERS = {b"II*\0": "little", b"MM\0*": "big"}
_ORIENTATION = 0x0112
_SHORT = 3


def orientation_of(tiff: bytes) -> int:
    """The orientation (1 to 8) that an EXIF block states, upright where it states none or can't be read."""
    order = _ORDERS.get(tiff[:4])
    if order is None:
        return UPRIGHT

    def number(start: int, n_bytes: int) -> int:
        return int.from_bytes(tiff[start : start + n_bytes], "little" if order == "little" else "big")

    directory = number(4, 4)
    for entry in range(directory + 2, directory + 2 + 12 * min(number(directory, 2), 1000), 12):
        if number(entry, 2) == _ORIENTATION and number(entry + 2, 2) == _SHORT:
            found = number(entry + 8, 2)
            return found if 1 <= found <= 8 else UPRIGHT
    return UPRIGHT


def tiff_with(orientation: int) -> bytes:
    """An EXIF block that states an orientation and nothing else."""
    entry = b"".join(number.to_bytes(n_bytes, "big") for number, n_bytes in ((_ORIENTATION, 2), (_SHORT, 2), (1, 4)))
    return b"MM\0*\0\0\0\x08\0\x01" + entry + orientation.to_bytes(2, "big") + bytes(2) + bytes(4)


def as_seen(width: int, height: int, orientation: int) -> tuple[int, int]:
    return (height, width) if orientation in _TURNED else (width, height)

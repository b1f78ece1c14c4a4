"""Pictures and sounds for labels: recognised by their bytes, and cleaned of what they say about where and by whom.

Nothing is decoded. A library would decode pictures with native code and encode them anew, and the libraries for tags
of sounds are not free to use here; each format is a list of parts, and leaving parts out takes a page of code each.
"""

from collections.abc import Callable

from surveys.instrument.authoring.media import gif, jpeg, mp4, mpeg, ogg, png, wav, webp
from surveys.instrument.authoring.media.clean import Clean, NotShown, damaged

MAX_PICTURE_BYTES = 500_000
MAX_SOUND_BYTES = 2_000_000
#: More pixels than this make an old phone run out of memory, however few bytes they take.
MAX_SIDE = 4_000
_SMALLER = "Make it smaller; 1000 pixels are wide enough."

_Kinds = tuple[tuple[bytes, int, Callable[[bytes], Clean]], ...]  # what stands where, and who reads it
_PICTURES: _Kinds = (
    (png.SIGNATURE, 0, png.clean),
    (jpeg.START + b"\xff", 0, jpeg.clean),
    (b"WEBP", 8, webp.clean),
    (b"GIF87a", 0, gif.clean),
    (b"GIF89a", 0, gif.clean),
)
_SOUNDS: _Kinds = (
    (b"WAVE", 8, wav.clean),
    (ogg.SIGNATURE, 0, ogg.clean),
    (b"ftyp", 4, mp4.clean),
    (b"ID3", 0, mpeg.clean),
)


def read_media(data: bytes) -> Clean:
    """The picture or sound that a file is. Raises NotShown with what is wrong and what to do."""
    reader, is_picture = _reader(data)
    # Before it is read: nothing that goes through all of a file has more of it to go through.
    if is_picture and len(data) > MAX_PICTURE_BYTES:
        raise NotShown(f"it has {_size(data)}; a picture may have 500 kB.", _SMALLER)
    if not is_picture and len(data) > MAX_SOUND_BYTES:
        raise NotShown(f"it has {_size(data)}; a sound may have 2 MB.", "Shorten it, or export it as MP3.")
    found = reader(data)
    if is_picture and not (0 < found.width <= MAX_SIDE and 0 < found.height <= MAX_SIDE):
        pixels = f"it is {found.width} by {found.height} pixels large; at most {MAX_SIDE} by {MAX_SIDE} are shown."
        raise NotShown(pixels, _SMALLER)
    return found


def _reader(data: bytes) -> tuple[Callable[[bytes], Clean], bool]:
    """Who reads these bytes, and whether they are a picture."""
    for kinds in (_PICTURES, _SOUNDS):
        for magic, position, clean in kinds:
            if data.startswith(magic, position):
                return clean, kinds is _PICTURES
    if mpeg.is_frame(data[:8]):
        return mpeg.clean, False
    raise NotShown(
        "it is none of PNG, JPEG, WebP, GIF, MP3, M4A, AAC, Ogg and WAV, whatever its name says.",
        "Export it as PNG or JPEG, or as MP3.",
    )


def _size(data: bytes) -> str:
    return f"{len(data) / 1e6:.1f} MB"


__all__ = ["Clean", "NotShown", "damaged", "read_media"]

"""WAV: a RIFF file of a format, the sound, and what is said about it."""

from surveys.instrument.authoring.media.clean import Clean, damaged
from surveys.instrument.authoring.media.riff import chunks, riff

_KEPT = (b"fmt ", b"fact", b"data")


def clean(data: bytes) -> Clean:
    """The sound without title, author and times. Raises NotShown."""
    found = [(kind, body) for kind, body in chunks(data) if kind in _KEPT]
    if {b"fmt ", b"data"} - {kind for kind, _ in found}:
        raise damaged()
    return Clean("wav", riff(b"WAVE", found))

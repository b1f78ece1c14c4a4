"""Pictures and sounds of labels: what a version knows of each file, whose bytes are kept beside it."""

from dataclasses import dataclass

#: By ending: the type a file is served with. Nothing else is shown.
CONTENT_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
}


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a sound as respondents get it. Size in pixels as it is seen, 0 for a sound."""

    sha256: str  # of its bytes, in hex: another picture is another content of the version
    ending: str  # one of CONTENT_TYPES
    width: int = 0
    height: int = 0

    @property
    def is_picture(self) -> bool:
        return CONTENT_TYPES[self.ending].startswith("image/")

    @property
    def file(self) -> str:
        """How its address ends."""
        return f"{self.sha256}.{self.ending}"

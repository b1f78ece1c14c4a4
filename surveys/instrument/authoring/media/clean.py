"""What reading a media file gives, and why it may not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clean:
    """A picture or sound with nothing left in it but what is seen or heard. Size in pixels, 0 for a sound."""

    ending: str
    data: bytes
    width: int = 0
    height: int = 0


class NotShown(ValueError):
    """A file that can't be shown to respondents: what is wrong with it, and what its author can do."""

    def __init__(self, what: str, advice: str = "") -> None:
        self.what = what
        self.advice = advice
        super().__init__(what)


def damaged() -> NotShown:
    return NotShown("it is damaged or cut off.", "Export it again.")


def animated() -> NotShown:
    return NotShown("it is animated; only still pictures are shown.", "Export one frame of it.")

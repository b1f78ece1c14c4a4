"""The pictures and sounds that go with a label, and the words that stand for them where there is no label."""

from collections.abc import Callable, Mapping

from surveys.instrument.media import Media
from surveys.instrument.model import Text
from surveys.instrument.view import MediaView

_DRAWN = ("image", "audio")
_KINDS = (*_DRAWN, "video", "big-image")  # whose name tells most, first


def with_media(
    words: str, media: Mapping[str, Text], text_of: Callable[[Text], str], known: Mapping[str, Media]
) -> tuple[str, tuple[MediaView, ...]]:
    """The label, and what is drawn with it, of those that are known.

    Without words the name of the file stands for the label; a picture says it to whoever can't see it.
    """
    names = {kind: text_of(text) for kind, text in media.items()}
    said = words or next((_words(names[kind]) for kind in _KINDS if names.get(kind)), "")
    alt = "" if words else said
    return said, tuple(_view(known[names[kind]], alt) for kind in _DRAWN if names.get(kind) in known)


def _view(media: Media, alt: str) -> MediaView:
    return MediaView(media.file, media.is_picture, media.width, media.height, alt if media.is_picture else "")


def _words(name: str) -> str:
    """The name of a file as words."""
    return name.rpartition(".")[0].replace("_", " ") or name

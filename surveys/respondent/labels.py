"""Labels as markup, all escaped: their words, the pictures and the sounds that go with them."""

from dataclasses import replace
from html import escape

from django.urls import reverse
from markupsafe import Markup

from surveys.instrument.view import ChoiceView, GroupView, MediaView, NoteView, PageView, QuestionView

Labelled = QuestionView | NoteView | GroupView | ChoiceView
NOTHING = Markup()


def label(view: Labelled) -> Markup:
    """The words of a label, or the picture that stands in their place."""
    return _pictures(view) if _is_pictured(view) else broken(view.label)


def media(view: Labelled | PageView) -> Markup:
    """The pictures and sounds that go with a label."""
    return pictures(view) + sounds(view) if view.media else NOTHING


def pictures(view: Labelled | PageView) -> Markup:
    """The pictures beside the words. The heading of a page is always in words."""
    if not view.media or (not isinstance(view, PageView) and _is_pictured(view)):
        return NOTHING
    return _pictures(view)


def in_full(choice: ChoiceView) -> Markup:
    """The words, even where a picture stands in their place elsewhere, and then what is seen and heard."""
    media = tuple(replace(one, alt="") for one in choice.media)  # the words say it already
    return broken(choice.label) + _pictures(replace(choice, media=media)) + sounds(choice)


def sounds(view: Labelled | PageView) -> Markup:
    if not view.media:
        return NOTHING
    return Markup("".join(_sound(one, view.label) for one in view.media if not one.is_picture))  # noqa: S704  (escaped)


def broken(text: str) -> Markup:
    """Plain text as HTML, with its line breaks."""
    escaped = escape(text)
    return Markup("<br>".join(escaped.splitlines()) if "\n" in escaped or "\r" in escaped else escaped)  # noqa: S704


def _pictures(view: Labelled | PageView) -> Markup:
    return Markup("".join(_picture(one) for one in view.media if one.is_picture))  # noqa: S704  (escaped)


def _is_pictured(view: Labelled) -> bool:
    return any(one.alt for one in view.media)


def _picture(media: MediaView) -> str:
    size = f'width="{media.width}" height="{media.height}"'
    return f'<img class="picture" src="{_address(media)}" {size} alt="{escape(media.alt)}" loading="lazy">'


def _sound(media: MediaView, words: str) -> str:
    return f'<audio class="sound" src="{_address(media)}" controls preload="none" aria-label="{escape(words)}"></audio>'


def _address(media: MediaView) -> str:
    return escape(reverse("media", args=[media.file]))

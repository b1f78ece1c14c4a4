"""Labels as markup, all escaped: their words, the pictures and the sounds that go with them."""

from html import escape

from django.urls import reverse

from surveys.instrument.view import ChoiceView, GroupView, MediaView, NoteView, PageView, QuestionView

Labelled = QuestionView | NoteView | GroupView | ChoiceView


def label(view: Labelled) -> str:
    """The words of a label, or the picture that stands in their place."""
    if _is_pictured(view):
        return "".join(_picture(one) for one in view.media if one.is_picture)
    return escape("\n".join(view.label.splitlines())).replace("\n", "<br>")


def media(view: Labelled | PageView) -> str:
    """The pictures and sounds that go with a label."""
    return pictures(view) + sounds(view)


def pictures(view: Labelled | PageView) -> str:
    """The pictures beside the words. The heading of a page is always in words."""
    if not isinstance(view, PageView) and _is_pictured(view):
        return ""
    return "".join(_picture(one) for one in view.media if one.is_picture)


def sounds(view: Labelled | PageView) -> str:
    return "".join(_sound(one, view.label) for one in view.media if not one.is_picture)


def _is_pictured(view: Labelled) -> bool:
    return any(one.alt for one in view.media)


def _picture(media: MediaView) -> str:
    size = f'width="{media.width}" height="{media.height}"'
    return f'<img class="picture" src="{_address(media)}" {size} alt="{escape(media.alt)}" loading="lazy">'


def _sound(media: MediaView, words: str) -> str:
    return f'<audio class="sound" src="{_address(media)}" controls preload="none" aria-label="{escape(words)}"></audio>'


def _address(media: MediaView) -> str:
    return escape(reverse("media", args=[media.file]))

"""The Jinja environment of the respondents' pages: what their templates can call beside what a view gives them.

Jinja compiles a template to Python, which makes a page of forty controls several times as fast as Django's own
engine; the staff's pages and the mails, where that doesn't matter, keep Django's.
"""

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from jinja2 import Environment
from markupsafe import Markup

from surveys.respondent import labels, widgets
from surveys.respondent.words import in_percent, month_names


def environment(**options: Any) -> Environment:
    """Called by Django with the options of settings.TEMPLATES."""
    made = Environment(**options, extensions=["jinja2.ext.i18n"], keep_trailing_newline=True)  # noqa: S701  (Django's options escape)
    made.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]  # the extension's
    made.globals.update(
        _=_own_text,
        choice_controls=widgets.choice_controls,
        in_full=labels.in_full,
        label=labels.label,
        media=labels.media,
        months=month_names,
        pictures=labels.pictures,
        static=static,
        url=_address,
    )
    made.filters.update(
        at=widgets.at,
        describers=widgets.describers,
        has_media=widgets.has_media,
        is_set=widgets.is_set,
        linebreaksbr=labels.broken,
        may_be_cleared=widgets.may_be_cleared,
        month=widgets.month,
        node_template=widgets.node_template,
        percent=in_percent,
        quoted=_quoted,
        range_options=widgets.range_options,
        said=widgets.said,
        widget=widgets.widget,
        year=widgets.year,
    )
    return made


def _own_text(text: str) -> Markup:
    """A text of ours in the reader's language. Translators write HTML where they mean it, so it isn't escaped."""
    return Markup(gettext(text))  # noqa: S704  (from our own catalogue)


def _address(name: str, *arguments: str) -> str:
    # Addresses of links are secrets, and no cache of ours is to hold one.
    return reverse(name, args=arguments) if arguments else _fixed_address(name)


@lru_cache
def _fixed_address(name: str) -> str:
    return reverse(name)


def _quoted(text: str) -> str:
    return quote(text, safe="")

"""Stamps of pages: how a save is told from one that another tab or device has overtaken.

A page carries the stamp of the interview it was made from: its revision, and a digest of the answers stored then for
the items of that page. A save has been overtaken where both have changed since; a raised revision alone only says
that some other page was saved.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from surveys.instrument.model import Group, Instrument, Page

Answers = Mapping[str, Any]


def page_stamp(instrument: Instrument, answers: Answers, page: str, revision: int) -> str:
    return f"{revision}.{page_digest(instrument, answers, page)}"


def is_overtaken(stamp: str, *, instrument: Instrument, answers: Answers, page: str, revision: int) -> bool:
    """Whether what is stored for that page differs from what the stamped page was made from.

    A stamp that can't be read counts as overtaken: the answers decide then.
    """
    stamped_revision, _, digest = stamp.partition(".")
    return stamped_revision != str(revision) and digest != page_digest(instrument, answers, page)


def page_digest(instrument: Instrument, answers: Answers, page: str) -> str:
    """A short digest of the stored answers to the items of a page, relevant or not."""
    stored = {key: answers.get(key) for key in _page_keys(instrument, page)}
    present = {key: value for key, value in stored.items() if value not in (None, "", [])}
    text = json.dumps(present, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _page_keys(instrument: Instrument, name: str) -> frozenset[str]:
    """Keys in the answers document of what stands on a page: items, and repeats as a whole."""
    page = next((page for page in instrument.pages if page.name == name), Page(name, ()))
    on_page = set(page.nodes)
    keys: set[str] = set()
    for node in instrument.nodes():  # parents come before their children
        if node.path in on_page or node.parent in on_page:
            on_page.add(node.path)
            if not node.repeat and not (isinstance(node, Group) and not node.is_repeat):
                keys.add(node.key)
    return frozenset(keys)

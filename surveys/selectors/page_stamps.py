"""Stamps of pages: how a save is told from one that another tab or device has overtaken.

Each time a page is shown it is a load of its own, with a stamp: the revision of the interview it was made from, and an
id that says nothing but "this load". The interview keeps, for each page (of a repeat's entries: for each page in each
entry), the revision and the load that last changed its answers. So a load may save again and again (autosave, a double
click, the back button, a post sent twice because the reply was lost), and only a newer change by another load stands
in its way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from surveys.instrument import document
from surveys.instrument.evaluation import Program
from surveys.instrument.model import Instrument, Item, Page
from surveys.instrument.screens import split_name

Answers = Mapping[str, Any]
#: Of the last change of each page: revision and load.
PageSaves = Mapping[str, Any]

#: What stands on each page, for each program in use.
_KEYS: WeakKeyDictionary[Program, Mapping[str, frozenset[str]]] = WeakKeyDictionary()
_STAMP = re.compile(r"(\d{1,9})\.([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Load:
    """One showing of a page: its id, and the revision of the interview it was made from."""

    id: str
    revision: int

    @property
    def stamp(self) -> str:
        return f"{self.revision}.{self.id}"


#: What a stamp that can't be read stands for: a load that has seen nothing and has saved nothing.
UNKNOWN = Load("", -1)


def read_stamp(stamp: str, revision: int) -> Load:
    """The load of a stamp, UNKNOWN where it isn't one of this interview, which is at `revision` now."""
    found = _STAMP.fullmatch(stamp)
    if found is None or int(found[1]) > revision:
        return UNKNOWN
    return Load(found[2], int(found[1]))


def is_overtaken(load: Load, page: str, saves: PageSaves) -> bool:
    """Whether another load has changed that page since this one was shown."""
    revision, changed_by, *_ = saves.get(page, (-1, ""))
    if load is UNKNOWN:
        return page in saves
    return bool(revision > load.revision and changed_by != load.id)


def of_entries_there(saves: PageSaves, answers: Answers) -> dict[str, Any]:
    """The saves without those of pages of entries that are no longer there."""
    return {page: save for page, save in saves.items() if is_entry_there(page, answers)}


def is_entry_there(page: str, answers: Answers) -> bool:
    """Whether the entry that a page is shown in is there. Pages outside repeats always are."""
    return document.holder(dict(answers), split_name(page)[1]) is not None


def takes_unseen(load: Load, saves: PageSaves, answers: Answers) -> bool:
    """Whether entries that are no longer in `answers` hold what another load has saved since this one was shown."""
    return any(is_overtaken(load, page, saves) for page in saves if not is_entry_there(page, answers))


def page_answers(program: Program, answers: Answers, page: str) -> dict[str, Any]:
    """The stored answers to the items of a page, relevant or not; repeats as a whole. Blanks are left out.

    A hub has none: adding an entry takes nothing that somebody else has entered, and for removing one see
    `takes_unseen`.
    """
    name, entry = split_name(page)
    inside = document.holder(dict(answers), entry) or {}
    stored = {key: inside.get(key) for key in _keys_by_page(program).get(name, ())}
    return {key: value for key, value in stored.items() if value not in (None, "", [])}


def _keys_by_page(program: Program) -> Mapping[str, frozenset[str]]:
    known = _KEYS.get(program)
    if known is None:
        pages = program.instrument.pages
        known = _KEYS[program] = {page.name: _page_keys(program.instrument, page) for page in pages}
    return known


def _page_keys(instrument: Instrument, page: Page) -> frozenset[str]:
    """Keys of what stands on a page, in the answers document or in an entry: items, and repeats as a whole."""
    on_page = set(page.nodes)
    keys: set[str] = set()
    for node in instrument.nodes():  # parents come before their children
        if node.path in on_page or node.parent in on_page:
            on_page.add(node.path)
            is_kept = isinstance(node, Item) or (node.is_repeat and node.key != page.hub)
            if node.repeat == page.repeat and is_kept:
                keys.add(node.key)
    return frozenset(keys)

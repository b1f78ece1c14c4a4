"""The compiled, typed content of a questionnaire version.

Everything here is frozen and JSON-able: `from_json` gives what `to_json` wrote, and the SHA-256 of the canonical JSON,
taken when a version is made, is its identity. What an older engine stored may lack keys that are newer; these get their
defaults, so that its checksum is the stored one, not one taken again. Expressions are kept as the author wrote them;
`evaluation.compile_program` parses them once per process.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from surveys.instrument.media import Media
from surveys.instrument.problems import InstrumentError, Place, Problem, Severity

#: Semantics contract of the engine. A change that alters results of a published version needs a new number, and a line
#: in docs/expressions.md. Versions of an older one run by the present rules, versions of a newer one not at all.
CONTRACT = 3

#: Text in each language of the workbook, `${references}` left in. The key "" holds text without a language.
Text = Mapping[str, str]


class Kind(StrEnum):
    """What an item is. Structure (group, repeat) is a `Group`, not an item."""

    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    RANK = "rank"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    RANGE = "range"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    CALCULATE = "calculate"
    HIDDEN = "hidden"
    METADATA = "metadata"  # start, end, today, deviceid and their like: kept as a date or not at all


# Tuples: a member is found in them by identity, while a set would work out its hash, in Python, each time.
_UNASKED = (Kind.NOTE, Kind.CALCULATE, Kind.HIDDEN, Kind.METADATA)
_SEVERAL = (Kind.SELECT_MULTIPLE, Kind.RANK)
_WITH_LIST = (Kind.SELECT_ONE, *_SEVERAL)


class Disclosure(StrEnum):
    """How much an item identifies, from mildest to strictest."""

    NONE = "none"
    SENSITIVE = "sensitive"
    QUASI = "quasi"
    OPEN = "open"
    DIRECT = "direct"


class Measure(StrEnum):
    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    SCALE = "scale"


class Comparability(StrEnum):
    """What a change to an item means for its answers over versions, from mildest to strictest."""

    COSMETIC = "cosmetic"  # the answers mean the same
    COMPARABLE = "comparable"  # they may be joined, with a note
    NEW_MEASURE = "new_measure"  # they may not


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a list. `extra` holds the author's further columns, read by choice filters."""

    name: str
    label: Text = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""  # "", "dont_know" or "refused"
    outcome: str = ""  # "", "refused", "screened_out" or "out_of_scope": choosing it ends the interview
    media: Mapping[str, Text] = field(default_factory=dict)
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class ChoiceList:
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A question, note or calculated value.

    `key` is unique in the instrument and is the key of its answer: the author's name, or the path below the
    enclosing repeat (`group/name`) where two items share a name. Expression fields hold source text, "" for none.
    """

    key: str
    name: str
    kind: Kind
    path: str  # slash-separated from the root, as in an XForm: "/p_place/country"
    parent: str = ""  # path of the enclosing group, "" at the top
    repeat: str = ""  # key of the innermost enclosing repeat, "" outside any
    label: Text = field(default_factory=dict)
    hint: Text = field(default_factory=dict)
    guidance: Text = field(default_factory=dict)
    media: Mapping[str, Text] = field(default_factory=dict)
    choices: str = ""  # name of its choice list
    choice_filter: str = ""
    or_other: bool = False
    required: str = ""
    required_message: Text = field(default_factory=dict)
    soft_required: bool = False  # left empty, the respondent is asked once whether that is meant
    relevance: str = ""
    constraint: str = ""
    constraint_message: Text = field(default_factory=dict)
    calculation: str = ""
    trigger: tuple[str, ...] = ()
    read_only: str = ""
    default: str = ""
    default_is_expression: bool = False
    appearance: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    disclosure: Disclosure = Disclosure.NONE
    measure: Measure | None = None
    trend: str = ""
    consent: str = ""
    preload_shown: bool = False
    compare: Comparability | None = None  # the author's own word on how it compares to the version before
    compare_reason: str = ""
    renamed_from: str = ""  # its name in the version before
    place: Place = Place()

    @property
    def is_asked(self) -> bool:
        """Whether a respondent can give an answer to it."""
        return self.kind not in _UNASKED

    @property
    def has_list(self) -> bool:
        return self.kind in _WITH_LIST

    @property
    def takes_several(self) -> bool:
        """Whether its answer is a list of choices."""
        return self.kind in _SEVERAL


@dataclass(frozen=True, slots=True)
class Group:
    """A group or a repeat with what it holds, in the author's order."""

    key: str
    name: str
    path: str
    children: tuple["Group | Item", ...]
    parent: str = ""
    repeat: str = ""  # key of the innermost repeat *around* it
    is_repeat: bool = False
    repeat_count: str = ""
    label: Text = field(default_factory=dict)
    hint: Text = field(default_factory=dict)
    media: Mapping[str, Text] = field(default_factory=dict)
    relevance: str = ""
    appearance: tuple[str, ...] = ()
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Page:
    """What a respondent sees at once. `nodes` are paths of the items and groups on it, in order, not nested.

    A hub lists the entries of a repeat; the pages of these entries follow it, each shown once for every entry.
    """

    name: str
    nodes: tuple[str, ...]
    label: Text = field(default_factory=dict)
    repeat: str = ""  # key of the repeat whose entries this is a page of, "" outside such repeats
    hub: str = ""  # key of the repeat whose entries it lists, "" for any other page


@dataclass(frozen=True, slots=True)
class Preload:
    """A prior answer the instrument asks for: `pulldata('<wave>', '<item>', 'panelist', ${panelist})`."""

    wave: str
    item: str
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Instrument:
    title: str
    form_id: str
    version: str
    languages: tuple[str, ...]  # as the workbook's headers say them: "Русский (ru)"; ("",) where there are none
    default_language: str
    children: tuple[Group | Item, ...]
    choice_lists: Mapping[str, ChoiceList]
    pages: tuple[Page, ...]
    preloads: tuple[Preload, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Media] = field(default_factory=dict)  # by the name that labels give the file
    contract: int = CONTRACT

    def nodes(self) -> Iterator[Group | Item]:
        """Every group and item, parents before children, in the author's order."""
        stack = list(reversed(self.children))
        while stack:
            node = stack.pop()
            yield node
            if isinstance(node, Group):
                stack.extend(reversed(node.children))

    def items(self) -> Iterator[Item]:
        return (node for node in self.nodes() if isinstance(node, Item))

    def nodes_by_page(self) -> Iterator[tuple[Page, tuple[Group | Item, ...]]]:
        """Each page with every group and item on it, parents first. What a hub's repeat holds is on other pages."""
        by_path = {node.path: node for node in self.nodes()}
        for page in self.pages:
            found: list[Group | Item] = []
            waiting = [by_path[path] for path in reversed(page.nodes) if path in by_path]
            while waiting:
                node = waiting.pop()
                found.append(node)
                if isinstance(node, Group) and not (node.is_repeat and node.key == page.hub):
                    waiting.extend(reversed(node.children))
            yield page, tuple(found)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def checksum(self) -> str:
        """SHA-256 in hex over the canonical JSON: the identity of this content."""
        canonical = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Instrument":
        """The instrument that `to_json` wrote, here or in an older engine.

        Raises InstrumentError on what a newer engine wrote, KeyError or TypeError on anything else.
        """
        if document["contract"] > CONTRACT:
            raise InstrumentError((_newer(document["contract"]),))
        return cls(
            title=document["title"],
            form_id=document["form_id"],
            version=document["version"],
            languages=tuple(document["languages"]),
            default_language=document["default_language"],
            children=tuple(_node(child) for child in document["children"]),
            choice_lists={
                name: ChoiceList(entry["name"], tuple(_choice(choice) for choice in entry["choices"]))
                for name, entry in document["choice_lists"].items()
            },
            pages=tuple(Page(**{**page, "nodes": tuple(page["nodes"])}) for page in document["pages"]),
            preloads=tuple(Preload(**preload) for preload in document["preloads"]),
            settings=document["settings"],
            media={name: Media(**entry) for name, entry in document.get("media", {}).items()},
            contract=document["contract"],
        )


def _newer(contract: int) -> Problem:
    message = (
        f"This version was made by a newer engine: its contract has the number {contract}, this engine's {CONTRACT}."
    )
    return Problem(Severity.ERROR, "version.newer", message, advice="Update the site, or import the workbook again.")


def _choice(document: Mapping[str, Any]) -> Choice:
    return Choice(**{**document, "place": Place(**document["place"])})


def _node(document: Mapping[str, Any]) -> Group | Item:
    values = {**document, "place": Place(**document["place"]), "appearance": tuple(document["appearance"])}
    if "children" in values:
        values["children"] = tuple(_node(child) for child in values["children"])
        return Group(**values)
    values["kind"] = Kind(values["kind"])
    values["disclosure"] = Disclosure(values["disclosure"])
    values["measure"] = Measure(values["measure"]) if values["measure"] else None
    values["trigger"] = tuple(values["trigger"])
    values["compare"] = Comparability(values["compare"]) if values.get("compare") else None
    return Item(**values)

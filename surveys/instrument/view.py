"""What a page shows a respondent: plain values for a template, every expression already worked out.

`PageView.nodes` is nested as it is drawn: a question, a note, a group with its nodes, a repeat with its instances, or
the hub of a repeat with its entries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from surveys.instrument.model import Kind


@dataclass(frozen=True, slots=True)
class MediaView:
    """A picture or a sound. Size in pixels, so that a page doesn't jump when it arrives; 0 for a sound."""

    file: str  # how its address ends
    is_picture: bool
    width: int
    height: int
    alt: str = ""  # of a picture that stands in the place of a label; "" where words say it


@dataclass(frozen=True, slots=True)
class ChoiceView:
    name: str
    label: str
    is_chosen: bool
    is_missing: bool  # "hard to say" and "prefer not to answer", drawn apart from the substantive choices
    control_id: str  # id of its input element, unique on the page
    media: tuple[MediaView, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One item as drawn. `control` is the name of its input; `values` what it holds, as typed, even where wrong."""

    key: str
    control: str
    control_id: str
    kind: Kind
    label: str
    hint: str
    values: tuple[str, ...]
    choices: tuple[ChoiceView, ...] = ()
    is_required: bool = False
    is_read_only: bool = False
    appearance: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    problem: str = ""  # in the respondent's language, "" where all is well
    media: tuple[MediaView, ...] = ()

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def substantive(self) -> tuple[ChoiceView, ...]:
        return tuple(choice for choice in self.choices if not choice.is_missing)

    @property
    def evasive(self) -> tuple[ChoiceView, ...]:
        """ "Hard to say" and "prefer not to answer", which are drawn apart."""
        return tuple(choice for choice in self.choices if choice.is_missing)


@dataclass(frozen=True, slots=True)
class NoteView:
    key: str
    label: str
    hint: str
    media: tuple[MediaView, ...] = ()
    note_id: str = ""  # of its element, unique on the page
    problem: str = ""  # why it has to be read before going on, "" where it needn't


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group. With `is_matrix` all its nodes are questions over one list (table-list, list-nolabel)."""

    key: str
    label: str
    nodes: "tuple[NodeView, ...]"
    is_matrix: bool = False
    media: tuple[MediaView, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceView:
    instance: str  # its stable id, the `_id` in the answers
    number: int  # from 1
    nodes: "tuple[NodeView, ...]"


@dataclass(frozen=True, slots=True)
class RepeatView:
    key: str
    label: str
    instances: tuple[InstanceView, ...]
    may_add: bool
    may_remove: bool
    outer: str = ""  # the instance around it, "" outside repeats


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as a hub lists it."""

    instance: str
    number: int  # from 1
    page: str  # its first page, "" where there is nothing in it to see now
    told: tuple[QuestionView, ...]  # its first answers, with the chosen of their choices alone
    n_open: int  # questions whose answers are missing or wrong
    mend: str = ""  # the page of the first of them
    mend_id: str = ""  # and the id of its control there
    is_ahead: bool = False  # a count asks for it, and nobody has been through it yet
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HubView:
    """The list of a repeat's entries, whose questions are on pages of their own."""

    key: str
    label: str
    entries: tuple[EntryView, ...]
    is_by_hand: bool  # entries may be removed, and added up to a limit
    may_add: bool
    outer: str = ""  # the instance around it, "" outside repeats


NodeView = QuestionView | NoteView | GroupView | RepeatView | HubView


@dataclass(frozen=True, slots=True)
class Inside:
    """The entry that a page belongs to. `label` is its repeat's, `hub` the page that lists it."""

    label: str
    number: int
    hub: str
    repeat: str  # key


class ProblemView(NamedTuple):
    control_id: str
    label: str  # of the question
    message: str
    page: str = ""  # where the control is, "" for this page
    entry: int = 0  # number of the entry that a hub's problem is about


@dataclass(frozen=True, slots=True)
class PageView:
    name: str
    label: str
    nodes: tuple[NodeView, ...]
    problems: tuple[ProblemView, ...]  # in page order
    is_first: bool
    is_last: bool
    done: int  # pages behind this one among those to be shown now
    total: int
    direction: str  # "ltr" or "rtl"
    language_code: str  # for the lang attribute: "ru"
    media: tuple[MediaView, ...] = ()  # of the group that is the page
    instance: str = ""  # the entry it is shown in, "" outside repeats
    inside: tuple[Inside, ...] = ()  # that entry after those around it

    @property
    def hub(self) -> HubView | None:
        """The list of entries on it, None where it is no hub."""
        return next((node for node in self.nodes if isinstance(node, HubView)), None)


def questions_in(nodes: Sequence[NodeView]) -> Iterator[QuestionView]:
    """Every question of a page view, however deep, in page order."""
    return (node for node in leaves_in(nodes) if isinstance(node, QuestionView))


def leaves_in(nodes: Sequence[NodeView]) -> Iterator[QuestionView | NoteView]:
    """Every question and note of a page view, however deep, in page order."""
    for node in nodes:
        if isinstance(node, QuestionView | NoteView):
            yield node
        elif isinstance(node, GroupView):
            yield from leaves_in(node.nodes)
        elif isinstance(node, RepeatView):
            for instance in node.instances:
                yield from leaves_in(instance.nodes)


def repeats_in(nodes: Sequence[NodeView]) -> Iterator[RepeatView]:
    """Every repeat of a page view, outer ones before those inside their instances."""
    for node in nodes:
        if isinstance(node, RepeatView):
            yield node
            for instance in node.instances:
                yield from repeats_in(instance.nodes)
        elif isinstance(node, GroupView):
            yield from repeats_in(node.nodes)

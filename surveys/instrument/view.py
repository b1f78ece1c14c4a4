"""What a page shows a respondent: plain values for a template, every expression already worked out.

`PageView.nodes` is nested as it is drawn: a question, a note, a group with its nodes, or a repeat with its instances.
"""

from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class NoteView:
    key: str
    label: str
    hint: str
    media: tuple[MediaView, ...] = ()


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


NodeView = QuestionView | NoteView | GroupView | RepeatView


@dataclass(frozen=True, slots=True)
class PageView:
    name: str
    label: str
    nodes: tuple[NodeView, ...]
    problems: tuple[tuple[str, str, str], ...]  # (control id, question label, message), in page order
    is_first: bool
    is_last: bool
    done: int  # pages behind this one among those to be shown now
    total: int
    direction: str  # "ltr" or "rtl"
    language_code: str  # for the lang attribute: "ru"
    media: tuple[MediaView, ...] = ()  # of the group that is the page

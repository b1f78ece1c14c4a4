"""The kinds of change an item can have, and what each means for its answers.

The list is section 14 of the expression engine's reference. A change of texts, of who is asked or of what is allowed
leaves a measure comparable, with a note; another meaning of a stored value makes it a new one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from surveys.instrument.model import Comparability

_ORDER = list(Comparability)


class ChangeKind(StrEnum):
    """The value is what people read."""

    RENAMED = "renamed"
    SPELLING = "spelling"  # capitals, punctuation and spaces of a text
    TRANSLATION = "translation"  # a text in another language than the default one
    HEADING = "heading"  # the label of a group around it
    MESSAGE = "message"  # what is said where an answer is wrong
    GUIDANCE = "guidance"
    MEDIA = "media"
    APPEARANCE = "appearance"
    PAGE = "page moved"
    DESCRIBED = "description"  # disclosure, measure or trend, as the author states them
    TEXT = "text"
    ORDER = "order moved"
    UNIVERSE = "universe"  # who is asked
    VALIDATION = "validation"
    DEFAULT = "default"
    CONSENT = "consent"
    CHOICES_ADDED = "choices added"
    CHOICES_REMOVED = "choices removed"
    CHOICES_RELABELLED = "choices relabelled"
    CHOICES_MOVED = "choices reordered"
    CHOICES_OFFERED = "choices offered"  # the filter
    CHOICES_FLAGGED = "choices flagged"  # missing or outcome
    CALCULATION = "calculation"
    INPUTS = "inputs"  # what a calculation reads has become another measure
    CODE_REUSED = "code reused"
    SCALE = "scale"  # the ends of a range, or the points of an ordinal scale
    TREND = "trend"
    TYPE = "type"
    REPEAT = "repeat level"
    NEW = "new"
    DROPPED = "dropped"


_COSMETIC = (
    *(ChangeKind.RENAMED, ChangeKind.SPELLING, ChangeKind.TRANSLATION, ChangeKind.HEADING, ChangeKind.MESSAGE),
    *(ChangeKind.GUIDANCE, ChangeKind.MEDIA, ChangeKind.APPEARANCE, ChangeKind.PAGE, ChangeKind.DESCRIBED),
)
_NEW_MEASURE = (
    *(ChangeKind.CALCULATION, ChangeKind.INPUTS, ChangeKind.CODE_REUSED, ChangeKind.SCALE, ChangeKind.TREND),
    *(ChangeKind.TYPE, ChangeKind.REPEAT, ChangeKind.NEW, ChangeKind.DROPPED),
)
CLASS_OF = {
    **dict.fromkeys(ChangeKind, Comparability.COMPARABLE),
    **dict.fromkeys(_COSMETIC, Comparability.COSMETIC),
    **dict.fromkeys(_NEW_MEASURE, Comparability.NEW_MEASURE),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `detail` says what, in a few words, such as the codes of the choices it is about."""

    kind: ChangeKind
    detail: str = ""

    @property
    def comparability(self) -> Comparability:
        return CLASS_OF[self.kind]

    def __str__(self) -> str:
        return f"{self.kind.value} ({self.detail})" if self.detail else self.kind.value


def worst(changes: Iterable[Change]) -> Comparability:
    """The strictest class among changes; cosmetic where there are none."""
    classes = [change.comparability for change in changes]
    return max(classes, key=_ORDER.index, default=Comparability.COSMETIC)

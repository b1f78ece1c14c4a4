"""What an author may ask for when a workbook is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """`attachments` are the files given beside the workbook, by the names that the workbook has for them."""

    attachments: Mapping[str, bytes] = field(default_factory=dict)
    without_unsupported: bool = False  # leave out questions that can't be asked on the web, each with a notice
    allow_duplicate_choices: bool = False  # as if the settings said allow_choice_duplicates


PLAIN = Options()

#: The finding that a row was left out, at its place.
LEFT_OUT = "type.left_out"

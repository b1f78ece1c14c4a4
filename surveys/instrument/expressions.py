"""Where an instrument holds expressions and texts: one list for checking, ordering and compiling them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from surveys.instrument.model import Group, Instrument, Item, Text
from surveys.instrument.problems import Place


class Role(StrEnum):
    """What an expression decides. The value is the column of the workbook it is written in."""

    RELEVANCE = "relevant"
    CALCULATION = "calculation"
    DEFAULT = "default"
    CHOICE_FILTER = "choice_filter"
    REPEAT_COUNT = "repeat_count"
    SEED = "parameters"
    REQUIRED = "required"
    READ_ONLY = "read_only"
    CONSTRAINT = "constraint"


#: The roles on which other values depend; the rest is worked out when it is asked for.
ORDERING = frozenset({Role.RELEVANCE, Role.CALCULATION, Role.DEFAULT, Role.CHOICE_FILTER, Role.REPEAT_COUNT})

_YES = frozenset({"yes", "true", "true()", "1"})
_NO = frozenset({"", "no", "false", "false()", "0"})


@dataclass(frozen=True, slots=True)
class Expression:
    role: Role
    source: str
    list_name: str = ""  # of a choice filter: the list whose columns it reads


def expressions_of(node: Group | Item) -> Iterator[Expression]:
    """The expressions of one node, without those that are a plain yes or no."""
    if isinstance(node, Group):
        written = {Role.RELEVANCE: node.relevance, Role.REPEAT_COUNT: node.repeat_count}
    else:
        written = {
            Role.RELEVANCE: node.relevance,
            Role.CALCULATION: node.calculation,
            Role.DEFAULT: node.default if node.default_is_expression else "",
            Role.CHOICE_FILTER: node.choice_filter,
            Role.SEED: node.parameters.get("seed", "") if is_randomized(node) else "",
            Role.REQUIRED: "" if fixed(node.required) is not None else node.required,
            Role.READ_ONLY: "" if fixed(node.read_only) is not None else node.read_only,
            Role.CONSTRAINT: node.constraint,
        }
    for role, source in written.items():
        if source.strip():
            list_name = node.choices if role is Role.CHOICE_FILTER and isinstance(node, Item) else ""
            yield Expression(role, source, list_name)


def fixed(source: str) -> bool | None:
    """The answer of a plain yes or no, None where it is an expression."""
    folded = source.strip().lower()
    if folded in _YES:
        return True
    return False if folded in _NO else None


def is_randomized(item: Item) -> bool:
    """By ODK's parameter or by SurveyCTO's appearance."""
    return fixed(item.parameters.get("randomize", "")) is True or "randomized" in item.appearance


def texts_of(node: Group | Item) -> Iterator[tuple[str, Text]]:
    """Each text of a node with the name of its column."""
    yield "label", node.label
    yield "hint", node.hint
    if isinstance(node, Item):
        yield "guidance_hint", node.guidance
        yield "constraint_message", node.constraint_message
        yield "required_message", node.required_message


def text_column(column: str, language: str) -> str:
    return f"{column}::{language}" if language else column


def place_of(node: Group | Item, column: str) -> Place:
    return Place(node.place.sheet or "survey", node.place.row, column)


def choice_texts(instrument: Instrument) -> Iterator[tuple[Place, str]]:
    """Every label of every choice, with its place."""
    for entry in instrument.choice_lists.values():
        for choice in entry.choices:
            for language, text in choice.label.items():
                yield Place(choice.place.sheet or "choices", choice.place.row, text_column("label", language)), text

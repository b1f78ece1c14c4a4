"""A respondent's own answers, page by page, in words: what the review page shows and a copy holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import indent

from surveys.instrument.view import GroupView, InstanceView, NodeView, PageView, QuestionView, RepeatView
from surveys.respondent.words import in_words


@dataclass(frozen=True, slots=True)
class Line:
    """A question and its answer ("" for none). `entry` numbers the entry of a repeat that it opens, 0 elsewhere."""

    label: str
    answer: str
    control_id: str
    problem: str
    entry: int = 0


@dataclass(frozen=True, slots=True)
class PageSummary:
    name: str
    label: str
    lines: tuple[Line, ...]


def summaries(pages: Sequence[PageView]) -> list[PageSummary]:
    """The pages that ask anything, in order."""
    found = [PageSummary(page.name, page.label, tuple(_lines(page.nodes, page.language_code))) for page in pages]
    return [page for page in found if page.lines]


def n_empty(pages: Sequence[PageSummary]) -> int:
    return sum(not line.answer for page in pages for line in page.lines)


def as_text(pages: Sequence[PageSummary], empty: str) -> str:
    """A copy to keep as plain text; `empty` stands for no answer."""
    parts = []
    for page in pages:
        lines = [f"{line.label}\n{indent(line.answer or empty, '    ')}" for line in page.lines]
        parts.append("\n\n".join([page.label.upper(), *lines] if page.label else lines))
    return "\n\n\n".join(parts) + "\n"


def _lines(nodes: Sequence[NodeView], code: str) -> Iterator[Line]:
    for node in nodes:
        if isinstance(node, QuestionView):
            yield Line(node.label, in_words(node, node.values, code), node.control_id, node.problem)
        elif isinstance(node, GroupView):
            yield from _lines(node.nodes, code)
        elif isinstance(node, RepeatView):
            for instance in node.instances:
                yield from _entry(instance, code)


def _entry(instance: InstanceView, code: str) -> Iterator[Line]:
    for number, line in enumerate(_lines(instance.nodes, code)):
        entry = line.entry if number else instance.number
        yield Line(line.label, line.answer, line.control_id, line.problem, entry)

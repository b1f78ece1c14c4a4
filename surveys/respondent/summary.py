"""A respondent's own answers, page by page, in words: what the review page shows and a copy holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import indent

from django.utils.translation import gettext

from surveys.instrument.view import GroupView, Inside, InstanceView, NodeView, PageView, QuestionView, RepeatView
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
    """`inside` names the entry that a page belongs to. A hub has no lines, but says how many entries it lists."""

    name: str
    label: str
    lines: tuple[Line, ...]
    inside: tuple[Inside, ...] = ()
    is_hub: bool = False
    n_entries: int = 0


def summaries(pages: Sequence[PageView]) -> list[PageSummary]:
    """The pages that ask anything, in order."""
    return [page for page in map(_summary, pages) if page.lines or page.is_hub]


def _summary(page: PageView) -> PageSummary:
    lines = tuple(_lines(page.nodes, page.language_code))
    n_entries = len(page.hub.entries) if page.hub else 0
    return PageSummary(page.name, page.label, lines, page.inside, page.hub is not None, n_entries)


def n_empty(pages: Sequence[PageSummary]) -> int:
    return sum(not line.answer for page in pages for line in page.lines)


def as_text(pages: Sequence[PageSummary], empty: str) -> str:
    """A copy to keep as plain text; `empty` stands for no answer."""
    parts = []
    for page in (page for page in pages if not page.n_entries):
        lines = [f"{line.label}\n{indent(line.answer or empty, '    ')}" for line in page.lines]
        heading = _heading(page)
        parts.append("\n\n".join([heading.upper(), *(lines or [empty])] if heading else lines))
    return "\n\n\n".join(parts) + "\n"


def _heading(page: PageSummary) -> str:
    """The page's label, after the entries it is inside; once where an entry has nothing but its repeat's label."""
    trail = [f"{one.label} – {gettext('Entry %(number)s') % {'number': one.number}}" for one in page.inside]
    is_own = page.label and not (page.inside and page.inside[-1].label == page.label)
    return ": ".join([*trail, page.label] if is_own else trail)


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

"""How long an interview takes, estimated from what was shown.

minutes = words read / 238 + seconds of answering / 60 + seconds of turning pages / 60

238 words a minute is the mean rate of silent reading of English non-fiction (Brysbaert 2019, Journal of Memory and
Language 109, 104047; a meta-analysis of 190 studies). The seconds of answering by kind of item are a rule of thumb:
finding a choice and touching it takes a few seconds, typing on a phone far more. Of a long list only the first
choices count as read, for a list beyond that is searched. Real times scatter widely; the estimate is for comparing
versions and for telling respondents an order of magnitude.
"""

from collections.abc import Iterator, Sequence

from surveys.instrument.model import Kind
from surveys.instrument.view import GroupView, NodeView, NoteView, PageView, QuestionView, RepeatView

WORDS_A_MINUTE = 238
CHOICES_READ = 12
SECONDS_A_PAGE = 2.0
SECONDS = {
    Kind.SELECT_ONE: 3.0,
    Kind.SELECT_MULTIPLE: 6.0,
    Kind.RANK: 15.0,
    Kind.TEXT: 20.0,
    Kind.INTEGER: 6.0,
    Kind.DECIMAL: 8.0,
    Kind.RANGE: 5.0,
    Kind.DATE: 9.0,
    Kind.TIME: 7.0,
    Kind.DATETIME: 14.0,
    Kind.ACKNOWLEDGE: 2.0,
}
SECONDS_OF_MULTILINE = 45.0


def seconds_of(node: NodeView) -> float:
    """Reading and answering one node of a page, what is inside it not included."""
    words = n_words(node.label)
    if isinstance(node, QuestionView):
        words += n_words(node.hint) + sum(n_words(choice.label) for choice in node.choices[:CHOICES_READ])
        return 60 * words / WORDS_A_MINUTE + _answering(node)
    if isinstance(node, NoteView):
        words += n_words(node.hint)
    return 60 * words / WORDS_A_MINUTE


def nodes_in(nodes: Sequence[NodeView], instance: str = "") -> Iterator[tuple[str, NodeView]]:
    """Every node of a page with the instance it stands in, in page order."""
    for node in nodes:
        yield instance, node
        if isinstance(node, GroupView):
            yield from nodes_in(node.nodes, instance)
        elif isinstance(node, RepeatView):
            for inside in node.instances:
                yield from nodes_in(inside.nodes, inside.instance)


def page_seconds(view: PageView) -> float:
    """Turning to a page and reading its heading."""
    return SECONDS_A_PAGE + 60 * n_words(view.label) / WORDS_A_MINUTE


def n_words(text: str) -> int:
    return len(text.split())


def _answering(node: QuestionView) -> float:
    if node.is_read_only:
        return 0.0
    if node.kind is Kind.TEXT and "multiline" in node.appearance:
        return SECONDS_OF_MULTILINE
    return SECONDS.get(node.kind, 0.0)

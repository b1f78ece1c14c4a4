"""Reading questionnaire versions: which there are, what was found in them, and their outline."""

from dataclasses import dataclass

from django.db.models import QuerySet

from surveys.instrument.diff import Comparison, compare, summary
from surveys.instrument.model import Instrument, Item, Preload, Text
from surveys.instrument.problems import Place, Problem, Severity
from surveys.models import QuestionnaireVersion
from surveys.models.questionnaire import VersionState


def versions() -> QuerySet[QuestionnaireVersion]:
    """Every version with its questionnaire, newest first, without the two heavy columns."""
    return (
        QuestionnaireVersion.objects.select_related("questionnaire")
        .defer("workbook", "content")
        .order_by("questionnaire__slug", "-number")
    )


def published_versions() -> QuerySet[QuestionnaireVersion]:
    return versions().filter(state=VersionState.PUBLISHED)


def version_by_label(label: str) -> QuestionnaireVersion | None:
    """The version that `slug@number` names, or the newest published one for a bare `slug`."""
    slug, at, number = label.partition("@")
    named = versions().filter(questionnaire__slug=slug)
    if not at:
        return named.filter(state=VersionState.PUBLISHED).first()
    return named.filter(number=int(number)).first() if number.isascii() and number.isdigit() else None


def instrument_of(version: QuestionnaireVersion) -> Instrument:
    """The compiled content of a version."""
    return Instrument.from_json(version.content)


@dataclass(frozen=True, slots=True)
class Changed:
    """How a version differs from the published one before it."""

    version: QuestionnaireVersion
    since: QuestionnaireVersion
    comparison: Comparison

    @property
    def summary(self) -> str:
        return summary(self.comparison)


def changed_since_published(version: QuestionnaireVersion) -> Changed | None:
    """What changed against the newest published version with a lower number; None where there is none."""
    earlier = published_versions().filter(questionnaire=version.questionnaire_id, number__lt=version.number)
    before = earlier.order_by("-number").first()
    if before is None:
        return None
    return Changed(version, before, compare(instrument_of(before), instrument_of(version)))


def findings(version: QuestionnaireVersion) -> tuple[Problem, ...]:
    """What its import found: warnings and notices."""
    return tuple(
        Problem(
            severity=Severity(finding["severity"]),
            code=finding["code"],
            message=finding["message"],
            place=Place(**finding["place"]),
            advice=finding["advice"],
        )
        for finding in version.findings
    )


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One item as a reader of the outline sees it."""

    name: str
    kind: str
    label: str
    disclosure: str
    measure: str
    trend: str
    n_choices: int
    is_conditional: bool
    repeat: str
    row: int


@dataclass(frozen=True, slots=True)
class OutlinePage:
    number: int
    name: str
    label: str
    items: tuple[OutlineItem, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A version at a glance: its pages with their items, and the prior answers it asks for."""

    languages: tuple[str, ...]
    pages: tuple[OutlinePage, ...]
    calculated: tuple[OutlineItem, ...]  # on no page: calculations, hidden values and metadata
    preloads: tuple[Preload, ...]


def outline(version: QuestionnaireVersion) -> Outline:
    """The outline of a version. Loads its content."""
    instrument = instrument_of(version)
    pages = tuple(
        OutlinePage(
            number=number,
            name=page.name,
            label=_plain(page.label, instrument),
            items=tuple(_outline_item(node, instrument) for node in on_page if isinstance(node, Item)),
        )
        for number, (page, on_page) in enumerate(instrument.nodes_by_page(), start=1)
    )
    shown = {item.row for page in pages for item in page.items}
    return Outline(
        languages=tuple(language for language in instrument.languages if language),
        pages=pages,
        calculated=tuple(
            _outline_item(item, instrument)
            for item in instrument.items()
            if not item.is_asked and item.place.row not in shown
        ),
        preloads=instrument.preloads,
    )


def _outline_item(item: Item, instrument: Instrument) -> OutlineItem:
    return OutlineItem(
        name=item.key,
        kind=item.kind.value,
        label=_plain(item.label, instrument),
        disclosure=item.disclosure.value,
        measure=item.measure.value if item.measure else "",
        trend=item.trend,
        n_choices=len(instrument.choice_lists[item.choices].choices) if item.choices in instrument.choice_lists else 0,
        is_conditional=bool(item.relevance),
        repeat=item.repeat,
        row=item.place.row,
    )


def _plain(text: Text, instrument: Instrument) -> str:
    return text.get(instrument.default_language) or next((value for value in text.values() if value), "")

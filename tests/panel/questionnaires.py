"""Small published questionnaires for waves."""

from surveys.instrument.model import Disclosure, Instrument, Item, Kind, Page, Preload
from surveys.models import Questionnaire, QuestionnaireVersion
from surveys.models.questionnaire import VersionState
from tests.panel.people import OPENED_AT


def item(name: str, disclosure: Disclosure = Disclosure.NONE, repeat: str = "") -> Item:
    return Item(key=name, name=name, kind=Kind.TEXT, path=f"/{name}", repeat=repeat, disclosure=disclosure)


def instrument(*items: Item, preloads: tuple[Preload, ...] = ()) -> Instrument:
    return Instrument(
        title="Small",
        form_id="small",
        version="1",
        languages=("English (en)", "Русский (ru)"),
        default_language="English (en)",
        children=items or (item("country"),),
        choice_lists={},
        pages=(Page("p1", tuple(one.path for one in items) or ("/country",)),),
        preloads=preloads,
    )


def publish(slug: str, content: Instrument, *, is_draft: bool = False) -> QuestionnaireVersion:
    questionnaire, _ = Questionnaire.objects.get_or_create(slug=slug, defaults={"title": slug})
    return QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=questionnaire.versions.count() + 1,
        state=VersionState.DRAFT if is_draft else VersionState.PUBLISHED,
        title=content.title,
        workbook=b"",
        workbook_sha256="0" * 64,
        content=content.to_json(),
        checksum=content.checksum(),
        n_items=sum(1 for _ in content.items()),
        imported_at=OPENED_AT,
        published_at=None if is_draft else OPENED_AT,
        published_by="" if is_draft else "tests",
    )

"""A small study in the database: waves of one questionnaire each, and what respondents answered in them."""

import csv
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from surveys.instrument.model import Choice, ChoiceList, Disclosure, Group, Instrument, Item, Kind, Page
from surveys.models import Questionnaire, QuestionnaireVersion, Record, Release, Respondent, Wave
from surveys.models.questionnaire import VersionState
from surveys.models.wave import WaveState
from surveys.services.releases import build_release

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
REGIONS = ChoiceList(
    "region",
    (
        Choice("south", {"English (en)": "South"}),
        Choice("west", {"English (en)": "West"}),
        Choice("home", {"English (en)": "Home"}),
        Choice("98", {"English (en)": "Hard to say"}, missing="dont_know"),
    ),
)
MOODS = ChoiceList("mood", (Choice("1", {"English (en)": "Bad"}), Choice("2", {"English (en)": "Good"})))
LISTS = {"region": REGIONS, "mood": MOODS}

KEEP_REGION = '[quasi.region]\nrecode = "keep"\n'


def item(name: str, kind: Kind = Kind.SELECT_ONE, disclosure: Disclosure = Disclosure.NONE, **fields: Any) -> Item:
    defaults: dict[str, Any] = {"key": name, "path": f"/{name}", "label": {"English (en)": f"About {name}"}}
    return Item(name=name, kind=kind, disclosure=disclosure, **(defaults | fields))


def region(**fields: Any) -> Item:
    return item("region", disclosure=Disclosure.QUASI, choices="region", trend="region", **fields)


def mood(**fields: Any) -> Item:
    return item("mood", choices="mood", **({"trend": "mood"} | fields))


def instrument(*children: Item | Group) -> Instrument:
    return Instrument(
        title="Small study",
        form_id="small",
        version="1",
        languages=("English (en)",),
        default_language="English (en)",
        children=children,
        choice_lists=LISTS,
        pages=(Page("p", tuple(child.path for child in children)),),
    )


class Study:
    """Waves and records. Respondents are known by short names."""

    def __init__(self) -> None:
        self.respondents: dict[str, Respondent] = {}
        self.versions: dict[str, QuestionnaireVersion] = {}

    def field(self, slug: str, *children: Item | Group, is_open: bool = False) -> None:
        """A wave of a questionnaire of the same name, over unless it is still open."""
        version = self.publish(slug, *children)
        number = Wave.objects.count() + 1
        Wave.objects.create(
            slug=slug,
            number=number,
            version=version,
            state=WaveState.OPEN if is_open else WaveState.CLOSED,
            opens_on=date(2024, 1, 1),
            closes_on=date(2024, 2, 1),
            closed_on=None if is_open else date(2024, 2, 1),
        )

    def publish(self, slug: str, *children: Item | Group) -> QuestionnaireVersion:
        content = instrument(*children)
        questionnaire, _ = Questionnaire.objects.get_or_create(slug=slug, defaults={"title": slug})
        self.versions[slug] = QuestionnaireVersion.objects.create(
            questionnaire=questionnaire,
            number=questionnaire.versions.count() + 1,
            state=VersionState.PUBLISHED,
            title=content.title,
            workbook=b"",
            workbook_sha256="0" * 64,
            content=content.to_json(),
            checksum=content.checksum(),
            n_items=1,
            imported_at=AT,
            published_at=AT,
            published_by="tests",
        )
        return self.versions[slug]

    def answer(
        self, wave: str, name: str, /, *, missing: Mapping[str, Any] | None = None, erased: bool = False, **values: Any
    ) -> Record:
        if name not in self.respondents:
            self.respondents[name] = Respondent.objects.create(cohort=wave, source="secretsource", language="xx")
        return Record.objects.create(
            interview_id=uuid.uuid4(),
            wave=Wave.objects.get(slug=wave),
            respondent=self.respondents[name],
            version=self.versions[wave],
            outcome_code="1.1",
            language="Secretish (xx)",
            answers=values,
            missing=dict(missing or {}),
            minutes_class=4,
            is_erase_marked=erased,
        )

    def many(self, wave: str, n: int, prefix: str, /, **values: Any) -> None:
        for number in range(n):
            self.answer(wave, f"{prefix}{number}", **values)


def build(out: Path, *waves: str, **options: Any) -> Release:
    wanted: dict[str, Any] = {"kind": "scientific", "k": 3, "recipe": KEEP_REGION, "by": "anna", "at": AT}
    return build_release(waves=waves, out=out, **(wanted | options))


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "data.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

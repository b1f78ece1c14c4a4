"""What a release is made from: the records that may be released, and the instruments they were answered on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.instrument.model import Instrument
from surveys.models import QuestionnaireVersion, Record, Wave
from surveys.models.release import ReleaseKind
from surveys.refusals import Refused

#: Answers that give consent. Anything else, no answer included, is none.
YES = frozenset({"1", "yes", "true", "ok"})
SCIENTIFIC, PUBLIC = "release_scientific", "release_public"


@dataclass(frozen=True, slots=True)
class Answered:
    """One record, as `surveys/instrument/final.py` left it."""

    respondent: str
    wave: str
    version: int
    values: Mapping[str, Any]
    missing: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fieldwork:
    waves: tuple[str, ...]  # in the order of their numbers
    instruments: Mapping[int, Instrument]  # by version, in the order they were fielded
    questionnaires: Mapping[int, str]  # slug by version
    versions_of: Mapping[str, frozenset[int]]  # by wave: those its records were answered on
    records: tuple[Answered, ...]


def load_fieldwork(slugs: Sequence[str], kind: ReleaseKind) -> Fieldwork:
    """Every record of these waves that nobody asked to erase and whose respondent didn't refuse the release."""
    waves = _waves(slugs)
    rows = Record.objects.filter(wave__in=waves, is_erase_marked=False).order_by("wave__number", "respondent_id")
    found = [
        Answered(str(respondent), wave, version, values, missing)
        for respondent, wave, version, values, missing in rows.values_list(
            "respondent_id", "wave__slug", "version_id", "answers", "missing"
        ).iterator(chunk_size=2_000)
    ]
    instruments, questionnaires = _instruments(found)
    allowed = [record for record in found if _is_allowed(record, instruments[record.version], kind)]
    return Fieldwork(
        waves=tuple(wave.slug for wave in waves),
        instruments=instruments,
        questionnaires=questionnaires,
        versions_of={
            wave.slug: frozenset(record.version for record in allowed if record.wave == wave.slug) for wave in waves
        },
        records=tuple(allowed),
    )


def _waves(slugs: Sequence[str]) -> list[Wave]:
    if not slugs:
        raise Refused("release.waves", "A release needs at least one wave.")
    waves = list(Wave.objects.filter(slug__in=slugs).order_by("number"))
    if unknown := sorted(set(slugs) - {wave.slug for wave in waves}):
        raise Refused("release.waves", f"There is no wave {', '.join(unknown)}.")
    return waves


def _instruments(records: Iterable[Answered]) -> tuple[dict[int, Instrument], dict[int, str]]:
    ids = {record.version: None for record in records}
    versions = QuestionnaireVersion.objects.select_related("questionnaire").defer("workbook", "findings").in_bulk(ids)
    instruments = {number: Instrument.from_json(versions[number].content) for number in ids}
    return instruments, {number: versions[number].questionnaire.slug for number in ids}


def _is_allowed(record: Answered, instrument: Instrument, kind: ReleaseKind) -> bool:
    """Whether the respondent agreed to this kind of release, or was never asked about any.

    Who was asked about scientific use alone has said nothing to a public release, so it is withheld.
    """
    asked = {item.consent: item.key for item in instrument.items() if item.consent in {SCIENTIFIC, PUBLIC}}
    if kind == ReleaseKind.PUBLIC:
        return not asked or _says_yes(record, asked.get(PUBLIC))
    return SCIENTIFIC not in asked or _says_yes(record, asked[SCIENTIFIC])


def _says_yes(record: Answered, key: str | None) -> bool:
    return key is not None and str(record.values.get(key, "")).strip().lower() in YES

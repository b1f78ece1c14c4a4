"""What a release is made from: the records that may be released, and the instruments they were answered on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveys.instrument.model import Instrument
from surveys.models import QuestionnaireVersion, Record, Wave
from surveys.models.release import ReleaseKind
from surveys.models.wave import WaveState
from surveys.refusals import Refused
from surveys.services.releasing.answered import Answered
from surveys.services.releasing.consent import may_be_released


@dataclass(frozen=True, slots=True)
class Fieldwork:
    waves: tuple[str, ...]  # in the order of their numbers
    instruments: Mapping[int, Instrument]  # by version, in the order they were fielded
    questionnaires: Mapping[int, str]  # slug by version
    numbers: Mapping[int, int]  # a version's number within its questionnaire, by version
    versions_of: Mapping[str, frozenset[int]]  # by wave: those its records were answered on
    records: tuple[Answered, ...]


def load_fieldwork(slugs: Sequence[str], kind: ReleaseKind) -> Fieldwork:
    """Every record of these closed waves that nobody asked to erase and whose respondent didn't refuse the release.

    What a respondent said last, in any wave up to the newest of these, holds for all their records.
    """
    waves = _waves(slugs)
    names = {wave.slug for wave in waves}
    so_far = _records(waves[-1].number)
    versions = _versions(so_far)
    instruments = {version: Instrument.from_json(row.content) for version, row in versions.items()}
    allowed = may_be_released(so_far, instruments, kind)
    found = [record for record in so_far if record.wave in names]
    answered = {record.version for record in found}
    versions = {version: row for version, row in versions.items() if version in answered}
    records = tuple(record for record in found if record.respondent in allowed)
    return Fieldwork(
        waves=tuple(wave.slug for wave in waves),
        instruments={version: instruments[version] for version in versions},
        questionnaires={version: row.questionnaire.slug for version, row in versions.items()},
        numbers={version: row.number for version, row in versions.items()},
        versions_of={
            wave.slug: frozenset(record.version for record in records if record.wave == wave.slug) for wave in waves
        },
        records=records,
    )


def _waves(slugs: Sequence[str]) -> list[Wave]:
    if not slugs:
        raise Refused("release.waves", "A release needs at least one wave.")
    waves = list(Wave.objects.filter(slug__in=slugs).order_by("number"))
    if unknown := sorted(set(slugs) - {wave.slug for wave in waves}):
        raise Refused("release.waves", f"There is no wave {', '.join(unknown)}.")
    if still_open := [wave.slug for wave in waves if wave.state == WaveState.OPEN]:
        raise Refused(
            "release.open",
            f"Still open: {', '.join(still_open)}. Close it first: while answers come in, two releases would differ by "
            "the newest respondents alone, and so give them away.",
        )
    return waves


def _records(number: int) -> list[Answered]:
    """Of every wave up to the one with this number, in the order of the waves."""
    rows = Record.objects.filter(wave__number__lte=number, is_erase_marked=False)
    columns = ("respondent_id", "wave__slug", "version_id", "answers", "missing")
    return [
        Answered(str(respondent), wave, version, values, missing)
        for respondent, wave, version, values, missing in rows.order_by("wave__number", "respondent_id")
        .values_list(*columns)
        .iterator(chunk_size=2_000)
    ]


def _versions(records: Sequence[Answered]) -> dict[int, QuestionnaireVersion]:
    """The versions these records were answered on, in the order they were fielded; in one wave, as numbered."""
    first: dict[int, int] = {}
    waves = {wave: place for place, wave in enumerate(dict.fromkeys(record.wave for record in records))}
    for record in records:
        first.setdefault(record.version, waves[record.wave])
    rows = QuestionnaireVersion.objects.select_related("questionnaire").defer("workbook", "findings").in_bulk(first)
    ordered = sorted(first, key=lambda version: (first[version], rows[version].number, version))
    return {version: rows[version] for version in ordered}

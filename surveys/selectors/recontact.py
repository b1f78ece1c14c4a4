"""Who of a wave is not to be written to again, by what they answered."""

from uuid import UUID

from surveys.models import Interview, Record
from surveys.models.interview import OutcomeCode
from surveys.selectors.programs import program_for
from surveys.selectors.versions import versions

#: How an item with `consent` recontact says no.
NO = frozenset({"0", "no"})
#: Ends after which design and decency forbid another mail.
DECLINED = [OutcomeCode.REFUSED, OutcomeCode.OUT_OF_SCOPE]


def declined_keys(wave_slug: str) -> set[UUID]:
    """The respondent_keys of a closed wave who refused, are out of scope, or answered that they want no more mail."""
    ended = Interview.objects.filter(wave__slug=wave_slug, outcome_code__in=DECLINED)
    return set(ended.values_list("respondent_id", flat=True)) | _said_no(wave_slug)


def _said_no(wave_slug: str) -> set[UUID]:
    records = Record.objects.filter(wave__slug=wave_slug)
    found: set[UUID] = set()
    for version in versions().filter(pk__in=records.values("version_id")):
        items = [item.key for item in program_for(version).instrument.items() if item.consent == "recontact"]
        for key in items:
            declining = records.filter(version=version, **{f"answers__{key}__in": list(NO)})
            found.update(declining.values_list("respondent_id", flat=True))
    return found

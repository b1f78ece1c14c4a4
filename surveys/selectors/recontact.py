"""Who of a wave is not to be written to again."""

from uuid import UUID

from surveys.models import Interview


def declined_keys(wave_slug: str) -> set[UUID]:
    """The respondent_keys of a closed wave who refused, are out of scope, or answered that they want no more mail."""
    declined = Interview.objects.filter(wave__slug=wave_slug, wants_no_mail=True)
    return set(declined.values_list("respondent_id", flat=True))

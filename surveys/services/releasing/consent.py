"""Consent to a release: what a respondent said last holds for every record of theirs."""

from collections.abc import Iterable, Mapping

from surveys.instrument.model import Instrument
from surveys.models.release import ReleaseKind
from surveys.services.releasing.answered import Answered

#: Answers that give consent. Any other, and none where it was asked, is a refusal.
YES = frozenset({"1", "yes", "true", "ok"})
SCIENTIFIC, PUBLIC = "release_scientific", "release_public"
#: Why there is no answer where nobody could give one: what was said in an earlier wave still holds then.
_NOT_SEEN = {"not_routed", "not_reached"}


def may_be_released(
    records: Iterable[Answered], instruments: Mapping[int, Instrument], kind: ReleaseKind
) -> frozenset[str]:
    """The respondents who agreed to this kind of release, or whom no wave ever asked about one.

    `records` come in the order of the waves. A public release needs a yes to it where anything was asked: who was
    asked about scientific use alone has said nothing to it, and who refuses scientific use refuses it too.
    """
    items = {version: _consent_items(instrument) for version, instrument in instruments.items()}
    said: dict[str, dict[str, bool]] = {}
    for record in records:
        own = said.setdefault(record.respondent, {})
        for consent, key in items[record.version].items():
            if consent not in own or record.missing.get(key) not in _NOT_SEEN:
                own[consent] = _says_yes(record, key)
    return frozenset(respondent for respondent, own in said.items() if _agrees(own, kind))


def _consent_items(instrument: Instrument) -> dict[str, str]:
    """{consent: key of its item}"""
    return {item.consent: item.key for item in instrument.items() if item.consent in {SCIENTIFIC, PUBLIC}}


def _says_yes(record: Answered, key: str) -> bool:
    return str(record.values.get(key, "")).strip().lower() in YES


def _agrees(said: Mapping[str, bool], kind: ReleaseKind) -> bool:
    if kind == ReleaseKind.PUBLIC:
        return not said or (said.get(PUBLIC, False) and all(said.values()))
    return said.get(SCIENTIFIC, True)

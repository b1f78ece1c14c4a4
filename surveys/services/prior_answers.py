"""Prior answers: which of them a wave may hand on to its interviews, and what each respondent answered then.

A wave hands on only what its questionnaire asks for by `pulldata`, and nothing that was asked as direct, open or
sensitive: an interview in progress can be read by the public tier, so what is on it must do little harm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models.fields.json import KeyTransform

from surveys.instrument.model import Disclosure, Instrument, Item
from surveys.models import QuestionnaireVersion, Record, Wave
from surveys.refusals import Refused
from surveys.selectors.programs import program_for

#: Classes that stay where they were answered.
KEPT_BACK = {Disclosure.DIRECT, Disclosure.OPEN, Disclosure.SENSITIVE}

PriorItem = tuple[str, str]  # slug of the wave, name of the item


@dataclass(frozen=True)
class PriorPlan:
    """The prior answers a wave hands on, and for each that it doesn't, why."""

    items: tuple[PriorItem, ...]
    notes: tuple[str, ...] = ()


def plan_prior(instrument: Instrument, wanted: Sequence[PriorItem] | None) -> PriorPlan:
    """What may be handed on of what the instrument asks for; `wanted` restricts it, None takes all that may be.

    Raises Refused where something wanted isn't asked for or may not be handed on.
    """
    asked = list(dict.fromkeys((preload.wave, preload.item) for preload in instrument.preloads))
    for one in wanted or ():
        if one not in asked:
            raise Refused("wave.prior_not_asked", f"The questionnaire doesn't ask for the prior answer {_name(one)}.")
    items, notes = [], []
    for one in asked if wanted is None else dict.fromkeys(wanted):
        if reason := _reason_against(*one):
            notes.append(f"The prior answer {_name(one)} is not handed on: {reason}.")
        else:
            items.append(one)
    if wanted and notes:
        raise Refused("wave.prior_kept_back", notes[0])
    return PriorPlan(tuple(items), tuple(notes))


def prior_of_respondents(items: Sequence[PriorItem]) -> Mapping[UUID, dict[str, dict[str, Any]]]:
    """`{respondent_key: {wave: {item: value}}}` from the records that are not marked for erasure."""
    prior: dict[UUID, dict[str, dict[str, Any]]] = {}
    for slug, name in items:
        for version in _versions_of(slug):
            item = _item(version, name)
            if item is None:
                continue
            records = Record.objects.filter(wave__slug=slug, version=version, is_erase_marked=False)
            values = records.values_list("respondent_id", KeyTransform(item.key, "answers"))
            for respondent_key, value in values.iterator():
                if value is not None:
                    prior.setdefault(respondent_key, {}).setdefault(slug, {})[name] = value
    return prior


def _reason_against(slug: str, name: str) -> str:
    """Why a prior answer can't be handed on, "" where it can. The strictest class in any version of the wave counts."""
    if not Wave.objects.filter(slug=slug).exists():
        return "there is no such wave"
    found = [item for version in _versions_of(slug) if (item := _item(version, name))]
    if not found:
        return "the wave has no such item outside its repeats"
    kept_back = sorted(item.disclosure for item in found if item.disclosure in KEPT_BACK)
    return f"it is of the class '{kept_back[0]}' there" if kept_back else ""


def _versions_of(slug: str) -> Iterator[QuestionnaireVersion]:
    """The wave's version, and any other that its records were made on."""
    versions = QuestionnaireVersion.objects.defer("workbook", "content", "findings")
    in_records = Record.objects.filter(wave__slug=slug).order_by().values("version").distinct()
    return versions.filter(waves__slug=slug).union(versions.filter(pk__in=in_records)).iterator()


def _item(version: QuestionnaireVersion, name: str) -> Item | None:
    items = [item for item in program_for(version).instrument.items() if not item.repeat]
    by_key = next((item for item in items if item.key == name), None)
    return by_key or next((item for item in items if item.name == name), None)


def _name(one: PriorItem) -> str:
    return ":".join(one)

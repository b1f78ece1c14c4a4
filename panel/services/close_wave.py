"""Closing a wave on both sides, and what goes with it a day later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db import transaction

from outrush_site.routers import DEFAULT
from panel.models import AuditEntry, ContactPlan
from panel.services.end_steps import end_steps
from panel.services.keyring import key_folder, open_vault
from panel.services.stopping import members_by_key, stop_alike
from surveys.refusals import Refused
from surveys.selectors.due import closed_of, overdue_waves
from surveys.selectors.recontact import declined_keys
from surveys.selectors.waves import waves as all_waves
from surveys.services import waves

#: How long after closing the worker can still make a wave's links, should the closing have been a mistake.
LINK_KEY_KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ClosedWave:
    slug: str
    counts: Mapping[str, int]  # of the mails, over the steps that this ended


def close_wave(*, slug: str, by: str, at: datetime) -> ClosedWave:
    """Stop entry, end every unfinished interview, stop mail to those who declined, and end the contact plan.

    Safe to repeat where it was cut off. Raises Refused where there is no such wave or it is closed already.
    """
    vault = open_vault()
    wave = all_waves().filter(slug=slug).first()
    if wave is None:
        raise Refused("wave.unknown", f"There is no wave {slug}.")
    plan = ContactPlan.objects.filter(wave=slug).first()
    is_cut_off = wave.closed_on is not None and plan is not None and plan.closed_at is None
    if not is_cut_off:
        waves.close_wave(wave=wave, by=by, at=at)
    # Only now: a change at the moment of answering would tell this side who answered, and when.
    stop_alike(chain.from_iterable(members_by_key(vault, declined_keys(slug)).values()))
    if plan is not None:
        _close_plan(plan, by=by, at=at)
    return ClosedWave(slug, end_steps(now=at, wave=slug))


def close_overdue(*, now: datetime) -> int:
    """Close every wave whose last day has passed, and the time of grace with it; finish each closing that was cut off.

    Entry ended with that day. Who was in the questionnaire then may have gone on until now, and what they saved
    counts. Returns how many were closed.
    """
    unfinished = ContactPlan.objects.filter(closed_at=None).values_list("wave", flat=True)
    overdue = overdue_waves(waves.study_date(now - timedelta(minutes=settings.GRACE_MINUTES)))
    slugs = [*overdue, *closed_of(unfinished)]
    for slug in slugs:
        close_wave(slug=slug, by="beat", at=now)
    return len(slugs)


def drop_link_keys(*, now: datetime) -> int:
    """Remove the link keys of waves closed more than a day ago; returns how many were still there."""
    closed = ContactPlan.objects.filter(closed_at__lte=now - LINK_KEY_KEPT).values_list("wave", flat=True)
    folder = key_folder()
    return sum(folder.drop_link_key(wave) for wave in closed)


@transaction.atomic(using=DEFAULT)
def _close_plan(plan: ContactPlan, *, by: str, at: datetime) -> None:
    if ContactPlan.objects.filter(pk=plan.pk, closed_at=None).update(closed_at=at):
        AuditEntry.objects.create(at=at, by=by, action="close_wave", subject=plan.wave)

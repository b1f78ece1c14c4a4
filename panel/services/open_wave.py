"""Opening a wave: links from the bridges, interviews on the answers' side, a contact plan on this one.

Two databases can't commit together. The answers' side comes first; where this process dies between the two, the same
call again finds a wave without a plan, and adds it.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from outrush_site.routers import DEFAULT
from panel.contactplan.moments import due_moment, start_of
from panel.contactplan.plan import INVITE_AT, REMIND_AFTER_DAYS, PlannedStep, plan_steps
from panel.models import AuditEntry, ContactAttempt, ContactPlan, ContactStep, Member
from panel.models.member import MemberState
from panel.services.batches import batches
from panel.services.keyring import key_folder, open_vault
from panel.vault.keys import Vault
from panel.vault.links import hash_link, make_link
from panel.vault.seals import SealBroken, unseal_bridge, unseal_contact
from surveys.refusals import Refused
from surveys.selectors.due import keys_of_wave, recruitment_codes, wave_facts
from surveys.selectors.versions import version_by_label
from surveys.services.prior_answers import PriorItem
from surveys.services.waves import Opening, WaveMember, check_opening
from surveys.services.waves import open_wave as open_for_respondents

BATCH = 2_000
FIRST_EPOCH = 1
DEFAULT_SOURCES = ("open",)
OF_THE_PANEL = "panel"  # source of members whose file named none

_RANDOM = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step as it was planned: `on` and `local_time` are in each member's zone."""

    kind: str
    on: date
    local_time: time
    n_planned: int


@dataclass(frozen=True, slots=True)
class OpenedWave:
    """What opening a wave has made."""

    slug: str
    version: str
    n_members: int
    n_broken: int  # active members whose contact or bridge doesn't open: they are left out
    steps: tuple[StepPlan, ...]
    recruitment: tuple[tuple[str, str], ...]  # source, code of its open link
    notes: tuple[str, ...]
    is_finished: bool  # the answers' side was there already, from a call that was cut off


@dataclass(frozen=True, slots=True)
class _Invited:
    """A member, unsealed for the moment of opening."""

    member_id: UUID
    respondent_key: UUID
    language: str
    source: str
    timezone: str


def open_wave(  # noqa: PLR0913  (what a wave is made of)
    *,
    slug: str,
    questionnaire: str,
    opens_on: date,
    closes_on: date,
    invite_at: time = INVITE_AT,
    remind_after: int = REMIND_AFTER_DAYS,
    sources: Sequence[str] = DEFAULT_SOURCES,
    prior: Sequence[PriorItem] | None = None,
    by: str,
    at: datetime,
) -> OpenedWave:
    """Open a wave with every active member and plan its invitation and reminder.

    `questionnaire` is `slug` (its newest published version) or `slug@number`. `remind_after` counts days from
    `opens_on`; 0 plans no reminder. `prior` restricts the prior answers handed on. Raises Refused, having changed
    nothing, where the wave is open already or can't be opened so.
    """
    vault = open_vault()
    prior_items = None if prior is None else tuple(prior)
    version = version_by_label(questionnaire)
    if version is None:
        raise Refused("wave.version", f"There is no published version {questionnaire}.")
    opening = Opening(slug, version, opens_on, closes_on, tuple(sources), prior_items)
    planned = _plan(opening, invite_at, remind_after)
    is_finished, notes = _check(opening, at)
    members, n_broken = _unseal_members(vault)
    if not is_finished:
        _open_on_answers_side(opening, members, by=by, at=at)
    interviewed = keys_of_wave(slug)
    invited = [member for member in members if member.respondent_key in interviewed]
    return OpenedWave(
        slug=slug,
        version=str(opening.version),
        n_members=len(invited),
        n_broken=n_broken,
        steps=_make_plan(opening, planned, invited, by=by, at=at),
        recruitment=recruitment_codes(slug),
        notes=notes,
        is_finished=is_finished,
    )


def _plan(opening: Opening, invite_at: time, remind_after: int) -> Sequence[PlannedStep]:
    if not 0 <= remind_after <= 365:
        raise Refused("wave.reminder", "The reminder comes 1 to 365 days after the first day; 0 is none.")
    return plan_steps(
        opens_on=opening.opens_on, closes_on=opening.closes_on, invite_at=invite_at, remind_after=remind_after
    )


def _check(opening: Opening, at: datetime) -> tuple[bool, tuple[str, ...]]:
    """Whether this is the rest of an opening that was cut off, and notes on prior answers. Raises Refused."""
    if ContactPlan.objects.filter(wave=opening.slug).exists():
        raise Refused("wave.exists", f"Wave {opening.slug} is there already. Nothing was changed.")
    wave = wave_facts(opening.slug)
    if wave is None:
        return False, check_opening(opening=opening, at=at).notes
    asked_for = (str(opening.version), opening.opens_on, opening.closes_on)
    if wave.is_closed or asked_for != (wave.version, wave.opens_on, wave.closes_on):
        as_it_was = f"--questionnaire {wave.version} --opens {wave.opens_on} --closes {wave.closes_on}"
        raise Refused("wave.half_open", f"Opening {wave.slug} was cut off. Repeat it as it was: {as_it_was}")
    return True, ()


def _unseal_members(vault: Vault) -> tuple[list[_Invited], int]:
    """Every active member, and how many could not be unsealed."""
    invited, n_broken = [], 0
    rows = Member.objects.filter(state=MemberState.ACTIVE, contact__isnull=False, bridge__isnull=False)
    for member_id, contact, bridge in rows.values_list("pk", "contact__sealed", "bridge__sealed").iterator():
        try:
            details = unseal_contact(vault.contact, member_id, bytes(contact))
            respondent_key = unseal_bridge(vault.bridge, member_id, bytes(bridge))
        except SealBroken:
            n_broken += 1
            continue
        source = details.source or OF_THE_PANEL
        invited.append(_Invited(member_id, respondent_key, details.language, source, details.timezone))
    return invited, n_broken


def _open_on_answers_side(opening: Opening, members: Sequence[_Invited], *, by: str, at: datetime) -> None:
    link_key = key_folder().make_link_key(opening.slug, secrets.token_bytes)
    respondents = [
        WaveMember(
            respondent_key=member.respondent_key,
            source=member.source,
            language=member.language,
            link_hash=hash_link(make_link(link_key, opening.slug, member.respondent_key, FIRST_EPOCH)),
        )
        for member in members
    ]
    open_for_respondents(opening=opening, respondents=respondents, by=by, at=at)


def _make_plan(
    opening: Opening, planned: Sequence[PlannedStep], invited: Sequence[_Invited], *, by: str, at: datetime
) -> tuple[StepPlan, ...]:
    """The contact plan with its steps and attempts, rows in random order, in one transaction."""
    try:
        with transaction.atomic(using=DEFAULT):
            plan = ContactPlan.objects.create(wave=opening.slug)
            attempts = [attempt for step in planned for attempt in _make_step(plan, step, opening, invited)]
            _RANDOM.shuffle(attempts)
            ContactAttempt.objects.bulk_create(attempts, batch_size=BATCH)
            _mark_joined(opening.slug, invited)
            detail = {"version": str(opening.version), "n_members": len(invited), "n_attempts": len(attempts)}
            AuditEntry.objects.create(at=at, by=by, action="open_wave", subject=opening.slug, detail=detail)
    except IntegrityError:
        raise Refused("wave.exists", f"Wave {opening.slug} was opened at the same moment by another call.") from None
    n_planned = Counter(attempt.step.number for attempt in attempts)
    return tuple(StepPlan(str(step.kind), step.on, step.local_time, n_planned[step.number]) for step in planned)


def _make_step(
    plan: ContactPlan, step: PlannedStep, opening: Opening, invited: Sequence[_Invited]
) -> Iterator[ContactAttempt]:
    """Store a step; an attempt for everyone for whom it is due before the wave closes."""
    opens_at = start_of(opening.opens_on, settings.STUDY_TIME_ZONE)
    closes_at = start_of(opening.closes_on + timedelta(days=1), settings.STUDY_TIME_ZONE)
    due = [
        (member.member_id, moment)
        for member in invited
        if (moment := due_moment(step.on, step.local_time, member.timezone, opens_at=opens_at, closes_at=closes_at))
    ]
    row = ContactStep.objects.create(
        plan=plan, number=step.number, kind=step.kind, on=step.on, local_time=step.local_time, n_planned=len(due)
    )
    return (ContactAttempt(member_id=member_id, step=row, due_at=moment) for member_id, moment in due)


def _mark_joined(slug: str, invited: Sequence[_Invited]) -> None:
    for batch in batches((member.member_id for member in invited), BATCH):
        Member.objects.filter(pk__in=batch, joined_wave="").update(joined_wave=slug)

"""The states of an attempt while it is sent. The row is the queue: each change is committed before the next act.

    planned -> claimed -> sending -> sent
                                  -> failed    the mail server said no
                                  -> planned   it said later
                                  -> unknown   nobody knows; never sent again by itself

Whoever changes a row says which state it must be in, so of two workers one finds nothing to change.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from outrush_site.routers import DEFAULT
from panel.contactplan.states import Happening, states_left_by
from panel.contactplan.tries import TAKEN_FOR, next_try
from panel.models import Confirmation, ContactAttempt, Member
from panel.models.attempt import AttemptState
from panel.models.contact_plan import StepKind
from panel.models.member import MemberState
from panel.vault.keys import Vault
from panel.vault.seals import SealBroken, unseal_bridge
from surveys.selectors.due import still_due

#: Attempts looked at together, and claimed where their members are still due.
BATCH = 200

Queue = type[ContactAttempt] | type[Confirmation]
QUEUES: tuple[Queue, ...] = (ContactAttempt, Confirmation)

_ORDER = (F("retry_at").asc(nulls_first=True), "due_at", "pk")


@dataclass(frozen=True, slots=True)
class Claim:
    """An attempt that this worker has taken, with what the mail needs of it.

    `kind` and `respondent_key` are those of a step of a wave; a confirmation has neither.
    """

    queue: Queue
    attempt_id: UUID
    member_id: UUID
    claimed_at: datetime
    kind: StepKind | None = None
    respondent_key: UUID | None = None


def waiting_attempts(wave: str, now: datetime) -> list[UUID]:
    """Attempts of a wave whose moment has come and whose members may be written to, the longest due first.

    Those that were tried before come last: what the mail server won't take never holds up the others.
    """
    due = ContactAttempt.objects.filter(
        Q(retry_at=None) | Q(retry_at__lte=now),
        step__plan__wave=wave,
        step__plan__is_paused=False,
        step__plan__closed_at=None,
        step__ended_at=None,
        state=AttemptState.PLANNED,
        due_at__lte=now,
        member__state=MemberState.ACTIVE,
        member__bridge__isnull=False,
    )
    return list(due.order_by(*_ORDER).values_list("pk", flat=True))


def claim_batch(vault: Vault, wave: str, attempt_ids: Collection[UUID], now: datetime) -> tuple[list[Claim], int]:
    """Claim those of a batch whose members have yet to answer; also how many have a bridge that doesn't open.

    Someone who has answered is just not claimed: on this side nothing is written about them. Raises Refused, and
    changes nothing, where a bridge is sealed to another key.
    """
    waiting = ContactAttempt.objects.filter(
        pk__in=attempt_ids, state=AttemptState.PLANNED, member__state=MemberState.ACTIVE, member__bridge__isnull=False
    )
    found: list[Claim] = []
    broken: list[UUID] = []
    for attempt_id, member_id, kind, bridge in waiting.order_by(*_ORDER).values_list(
        "pk", "member_id", "step__kind", "member__bridge__sealed"
    ):
        try:
            key = unseal_bridge(vault.bridge, member_id, bytes(bridge))
            found.append(Claim(ContactAttempt, attempt_id, member_id, now, StepKind(kind), key))
        except SealBroken:
            broken.append(attempt_id)
    ContactAttempt.objects.filter(pk__in=broken, state=AttemptState.PLANNED).update(state=AttemptState.FAILED)
    due = still_due(wave, [claim.respondent_key for claim in found if claim.respondent_key])
    taken = _take(ContactAttempt, [claim.attempt_id for claim in found if claim.respondent_key in due], now)
    return [claim for claim in found if claim.attempt_id in taken], len(broken)


def waiting_confirmations(now: datetime) -> list[UUID]:
    """Confirmations whose moment has come, in the same order."""
    due = Confirmation.objects.filter(
        Q(retry_at=None) | Q(retry_at__lte=now),
        state=AttemptState.PLANNED,
        due_at__lte=now,
        member__state=Confirmation.WRITES_TO,
    )
    return list(due.order_by(*_ORDER).values_list("pk", flat=True))


def claim_confirmations(attempt_ids: Collection[UUID], now: datetime) -> list[Claim]:
    """Claim those of a batch that no other worker has."""
    taken = _take(Confirmation, attempt_ids, now)
    rows = Confirmation.objects.filter(pk__in=taken).order_by(*_ORDER).values_list("pk", "member_id")
    return [Claim(Confirmation, attempt_id, member_id, now) for attempt_id, member_id in rows]


@transaction.atomic(using=DEFAULT, durable=True)
def _take(queue: Queue, attempt_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Take those that no other worker has taken or is taking."""
    free = queue.objects.filter(pk__in=attempt_ids, state=AttemptState.PLANNED)
    taken = set(free.select_for_update(skip_locked=True).values_list("pk", flat=True))
    queue.objects.filter(pk__in=taken).update(state=AttemptState.CLAIMED, claimed_at=now)
    return taken


@transaction.atomic(using=DEFAULT, durable=True)
def begin_sending(claim: Claim) -> bool:
    """The last step before the mail server. False where the row is no longer ours or the member wants no mail.

    The conditions stand on the row itself, so that PostgreSQL looks at them again if it had to wait for the row.
    """
    willing = Member.objects.filter(pk=OuterRef("member_id"), state=claim.queue.WRITES_TO)
    claimed = _of(claim).filter(Exists(willing), state=AttemptState.CLAIMED)
    return claimed.update(state=AttemptState.SENDING) == 1


@transaction.atomic(using=DEFAULT, durable=True)
def mark_sent(claim: Claim) -> None:
    # Also where a sweep held it for lost meanwhile: the server has taken it, so it is no longer unknown.
    _of(claim, AttemptState.SENDING, AttemptState.UNKNOWN).update(state=AttemptState.SENT)


@transaction.atomic(using=DEFAULT, durable=True)
def mark_unknown(claim: Claim) -> None:
    _of(claim).update(state=AttemptState.UNKNOWN)


@transaction.atomic(using=DEFAULT, durable=True)
def mark_failed(claim: Claim, *, is_address_dead: bool = False) -> None:
    _of(claim).update(state=AttemptState.FAILED)
    if is_address_dead:
        for old, new in states_left_by(Happening.REFUSED_FOR_GOOD).items():
            Member.objects.filter(pk=claim.member_id, state=old).update(state=new)


@transaction.atomic(using=DEFAULT, durable=True)
def put_off(claim: Claim, now: datetime) -> bool:
    """Back to the queue after a failed try, for later. False where that was the last try: it has failed for good."""
    attempt = _of(claim).select_for_update().first()
    if attempt is None:
        return True
    attempt.n_tries += 1
    attempt.retry_at = next_try(now, attempt.n_tries)
    attempt.state = AttemptState.PLANNED if attempt.retry_at else AttemptState.FAILED
    attempt.claimed_at = None
    attempt.save(update_fields=["n_tries", "retry_at", "state", "claimed_at"])
    return attempt.retry_at is not None


@transaction.atomic(using=DEFAULT, durable=True)
def hold(claims: Iterable[Claim], until: datetime) -> None:
    """Back to the queue, for later, without a try being counted: the mail server's refusal is hardly about these."""
    for claim in claims:
        _of(claim).update(state=AttemptState.PLANNED, claimed_at=None, retry_at=until)


@transaction.atomic(using=DEFAULT, durable=True)
def release(claims: Iterable[Claim]) -> None:
    """Back to the queue as if never claimed: nothing of these was handed to the mail server, or it took nothing."""
    for claim in claims:
        _of(claim).update(state=AttemptState.PLANNED, claimed_at=None)


@transaction.atomic(using=DEFAULT, durable=True)
def sweep(now: datetime) -> tuple[int, int]:
    """After workers that are gone: (in flight then, so unknown now; claimed only, so in the queue again)."""
    n_unknown = n_reclaimed = 0
    for queue in QUEUES:
        stale = queue.objects.filter(claimed_at__lt=now - TAKEN_FOR)
        n_unknown += stale.filter(state=AttemptState.SENDING).update(state=AttemptState.UNKNOWN)
        n_reclaimed += stale.filter(state=AttemptState.CLAIMED).update(state=AttemptState.PLANNED, claimed_at=None)
    return n_unknown, n_reclaimed


def _of(claim: Claim, *states: AttemptState) -> QuerySet[ContactAttempt] | QuerySet[Confirmation]:
    """The claim's row, as long as it is this claim's: nobody else can have claimed it at the same moment."""
    held = states or (AttemptState.CLAIMED, AttemptState.SENDING)
    return claim.queue.objects.filter(pk=claim.attempt_id, claimed_at=claim.claimed_at, state__in=held)

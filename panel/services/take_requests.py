"""Doing what respondents ask about their contact: stop their mail, erase the contact, opt in, confirm an address.

Safe to repeat: a request leaves the inbox only after what it asks for has been done. What is sealed to another key than
ours stays there until the right one is back.

Exits and confirmations are taken at once. Opting in is asked for at the end of an interview, so it waits for company or
for the night: taken at once it would tell this side who has just answered.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from django.db import transaction

from outrush_site.routers import DEFAULT
from panel.models import Contact, Member
from panel.models.member import MemberState
from panel.services.batches import batches
from panel.services.erasing import erase, keep_out
from panel.services.opting_in import add_opt_ins, confirm
from panel.services.stopping import members_by_key, stop
from panel.vault.keys import Vault
from panel.vault.links import hash_link
from panel.vault.seals import Request, SealBroken, SealedToAnotherKey, unseal_request
from surveys.sealing import EXIT_KINDS, ExitMark
from surveys.selectors.inbox import bodies_of, waiting_requests
from surveys.services.inbox import remove_requests

BATCH = 500
#: So many who opted in are company enough.
ENOUGH_OPT_INS = 10

_RANDOM = secrets.SystemRandom()


@dataclass(slots=True)
class RequestCounts:
    """`n_unmatched` asked for someone who is not in the panel, `n_dropped` said nothing that could be read.

    `n_asked` opted in and are asked by mail to confirm, `n_withdrawn` opted in and then left before that. `n_left`
    still lie in the inbox because they are sealed to another key, `n_waiting` because they wait for company: states and
    not sums.
    """

    n_stopped: int = 0
    n_erased: int = 0
    n_asked: int = 0
    n_confirmed: int = 0
    n_withdrawn: int = 0
    n_unmatched: int = 0
    n_dropped: int = 0
    n_left: int = 0
    n_waiting: int = 0

    def add(self, other: "RequestCounts") -> None:
        for name in (one.name for one in fields(self)):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.n_left, self.n_waiting = other.n_left, other.n_waiting


def take_requests(*, vault: Vault, at: datetime, however_few: bool = False) -> RequestCounts:
    """Take every request there is when this begins; of those who opted in, all or none.

    `however_few` takes them even where they are fewer than ENOUGH_OPT_INS. Raises Refused where the bridges are sealed
    to another key.
    """
    inbox = _read_inbox(vault)
    counts = RequestCounts(n_dropped=len(inbox.unreadable))
    remove_requests(ids=inbox.unreadable)
    leaving = {pk: one for pk, one in inbox.requests.items() if one.kind in EXIT_KINDS}
    wishes = {pk: one for pk, one in inbox.requests.items() if one.kind == "opt_in"}
    # Before the exits themselves: who has left doesn't come in later, wherever this is cut off.
    withdrawn = _withdrawn(wishes, leaving.values())
    counts.n_withdrawn = remove_requests(ids=withdrawn)
    tokens = {pk: str(one.confirm_token) for pk, one in inbox.requests.items() if one.kind == "confirm"}
    counts.n_confirmed = confirm(vault, tokens.values())
    remove_requests(ids=tokens.keys())
    for ids in batches(leaving, BATCH):
        counts.add(_let_go(vault, [leaving[pk] for pk in ids]))
        remove_requests(ids=ids)
    staying = {pk: one for pk, one in wishes.items() if pk not in withdrawn}
    if however_few or len(staying) >= ENOUGH_OPT_INS:
        counts.n_asked = add_opt_ins(vault, list(staying.values()), at=at)
        remove_requests(ids=staying.keys())
    else:
        counts.n_waiting = len(staying)
    counts.n_left = inbox.n_left
    return counts


@dataclass(slots=True)
class _Inbox:
    """What can be read, in random order; the ids of what says nothing; how many are sealed to another key."""

    requests: dict[UUID, Request] = field(default_factory=dict)
    unreadable: set[UUID] = field(default_factory=set)
    n_left: int = 0


def _read_inbox(vault: Vault) -> _Inbox:
    waiting = waiting_requests()
    _RANDOM.shuffle(waiting)
    inbox = _Inbox()
    for ids in batches(waiting, BATCH):
        bodies = bodies_of(ids)
        for request_id in ids:
            if request_id not in bodies:
                continue  # another worker was quicker
            try:
                inbox.requests[request_id] = unseal_request(vault.request, bodies[request_id])
            except SealedToAnotherKey:
                inbox.n_left += 1
            except SealBroken:
                inbox.unreadable.add(request_id)
    return inbox


def _withdrawn(wishes: Mapping[UUID, Request], leaving: Iterable[Request]) -> set[UUID]:
    """Wishes of those who leave, but for an address that was entered after the exit, as only its mark can tell."""
    exits: dict[UUID | None, list[ExitMark | None]] = {}
    for request in leaving:
        exits.setdefault(request.respondent_key, []).append(request.mark)
    return {
        pk
        for pk, wish in wishes.items()
        if any(not _is_after(wish.mark, mark) for mark in exits.get(wish.respondent_key, ()))
    }


def _is_after(mark: ExitMark | None, left: ExitMark | None) -> bool:
    return mark is not None and left is not None and mark.sitting == left.sitting and mark.number >= left.number


def _let_go(vault: Vault, requests: Sequence[Request]) -> RequestCounts:
    members = _members_of(vault, requests)
    wanted: dict[str, set[UUID]] = {kind: set() for kind in EXIT_KINDS}
    from_mailbox: set[UUID] = set()
    n_unmatched = 0
    for request in requests:
        found = members.get(request.respondent_key or hash_link(str(request.stop_token)), [])
        wanted[request.kind].update(found)
        if request.stop_token:
            from_mailbox.update(found)
        n_unmatched += not found
    erased = wanted["erase_contact"] | wanted["erase"]
    stopped = wanted["stop"] - erased
    never_joined = _unconfirmed(stopped | from_mailbox)
    with transaction.atomic(using=DEFAULT):
        n_stopped = stop(stopped - never_joined)
        # Who was only asked is forgotten. The address may be a stranger's: it stays out where that mailbox wants it so,
        # and never because of whoever typed it.
        keep_out(never_joined & from_mailbox)
        n_erased = erase(erased | never_joined)
    return RequestCounts(n_stopped=n_stopped, n_erased=n_erased, n_unmatched=n_unmatched)


def _unconfirmed(member_ids: Iterable[UUID]) -> set[UUID]:
    unconfirmed = Member.objects.filter(pk__in=list(member_ids), state=MemberState.UNCONFIRMED)
    return set(unconfirmed.values_list("pk", flat=True))


def _members_of(vault: Vault, requests: Iterable[Request]) -> Mapping[UUID | bytes, Sequence[UUID]]:
    """Members by the respondent_key or the hash of the stop link they were asked for by."""
    requests = list(requests)
    hashes = [hash_link(request.stop_token) for request in requests if request.stop_token]
    by_hash = Contact.objects.filter(stop_hash__in=hashes).values_list("stop_hash", "member_id")
    found: dict[UUID | bytes, Sequence[UUID]] = {bytes(stop_hash): [member_id] for stop_hash, member_id in by_hash}
    keys = (request.respondent_key for request in requests if request.respondent_key)
    return found | members_by_key(vault, keys)

"""Doing what respondents ask about their contact: stop their mail, or erase the contact.

Safe to repeat: a request leaves the inbox only after what it asks for has been done. What is sealed to another key than
ours stays there until the right one is back.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from uuid import UUID

from django.db import transaction

from outrush_site.routers import DEFAULT
from panel.models import Contact, Member, SuppressedAddress
from panel.services.batches import batches
from panel.services.stopping import members_by_key, stop
from panel.vault.keys import Vault
from panel.vault.links import hash_link
from panel.vault.seals import Request, SealBroken, SealedToAnotherKey, unseal_request
from surveys.selectors.inbox import bodies_of, waiting_requests
from surveys.services.inbox import remove_requests

BATCH = 500

_RANDOM = secrets.SystemRandom()


@dataclass(slots=True)
class RequestCounts:
    """`n_unmatched` asked for someone who is not in the panel, `n_dropped` said nothing that could be read.

    `n_left` still lie in the inbox, because they are sealed to another key: a state and not a sum.
    """

    n_stopped: int = 0
    n_erased: int = 0
    n_unmatched: int = 0
    n_dropped: int = 0
    n_left: int = 0

    def add(self, other: "RequestCounts") -> None:
        for name in (one.name for one in fields(self)):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.n_left = other.n_left


def take_requests(*, vault: Vault) -> RequestCounts:
    """Take every request there is when this begins. Raises Refused where the bridges are sealed to another key."""
    waiting = waiting_requests()
    _RANDOM.shuffle(waiting)
    counts, n_left = RequestCounts(), 0
    for ids in batches(waiting, BATCH):
        batch = _unsealed(vault, ids)
        counts.add(_apply(vault, batch.requests))
        counts.n_dropped += batch.n_dropped
        n_left += len(batch.left)
        remove_requests(ids=set(ids) - batch.left)
    counts.n_left = n_left
    return counts


@dataclass(slots=True)
class _Unsealed:
    """Some of the inbox. `left` are the ids of those that are sealed to another key."""

    requests: list[Request] = field(default_factory=list)
    left: set[UUID] = field(default_factory=set)
    n_dropped: int = 0


def _unsealed(vault: Vault, ids: Sequence[UUID]) -> _Unsealed:
    batch = _Unsealed()
    for request_id, body in bodies_of(ids).items():
        try:
            batch.requests.append(unseal_request(vault.request, body))
        except SealedToAnotherKey:
            batch.left.add(request_id)
        except SealBroken:
            batch.n_dropped += 1
    return batch


def _apply(vault: Vault, requests: Sequence[Request]) -> RequestCounts:
    members = _members_of(vault, requests)
    wanted: dict[str, set[UUID]] = {"stop": set(), "erase": set()}
    n_unmatched = 0
    for request in requests:
        member_id = members.get(request.respondent_key or hash_link(str(request.stop_token)))
        if member_id is None:
            n_unmatched += 1
        else:
            wanted[request.kind].add(member_id)
    with transaction.atomic(using=DEFAULT):
        n_stopped = stop(wanted["stop"] - wanted["erase"])
        n_erased = _erase(wanted["erase"])
    return RequestCounts(n_stopped, n_erased, n_unmatched)


def _erase(member_ids: Iterable[UUID]) -> int:
    """The member goes, and with them contact, bridge and attempts. Their address alone is kept out from now on."""
    ids = list(member_ids)
    n_erased = Member.objects.filter(pk__in=ids).count()
    indexes = list(Contact.objects.filter(pk__in=ids).values_list("blind_index", flat=True))
    _RANDOM.shuffle(indexes)
    suppressed = [SuppressedAddress(blind_index=index) for index in indexes]
    SuppressedAddress.objects.bulk_create(suppressed, ignore_conflicts=True)
    Member.objects.filter(pk__in=ids).delete()
    return n_erased


def _members_of(vault: Vault, requests: Iterable[Request]) -> Mapping[UUID | bytes, UUID]:
    """Members by the respondent_key or the hash of the stop link they were asked for by."""
    requests = list(requests)
    hashes = [hash_link(request.stop_token) for request in requests if request.stop_token]
    by_hash = Contact.objects.filter(stop_hash__in=hashes).values_list("stop_hash", "member_id")
    found: dict[UUID | bytes, UUID] = {bytes(stop_hash): member_id for stop_hash, member_id in by_hash}
    keys = (request.respondent_key for request in requests if request.respondent_key)
    return found | members_by_key(vault, keys)

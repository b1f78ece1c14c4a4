"""Respondents who ask to be written to: taken in unconfirmed, asked once by mail, then members or forgotten.

Whoever types an address may mistype it, or type a stranger's. So nobody is invited before someone who reads mail there
has said yes, on a page with a button, because mail scanners open links.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from outrush_site.routers import DEFAULT
from panel.contactplan.states import Happening, states_left_by
from panel.intake.rows import CellRefused, check_row
from panel.models import Bridge, Confirmation, Member
from panel.models.member import MemberState
from panel.services.erasing import erase
from panel.services.new_members import NewMember, insert, known_indexes, lock_contacts, seal_member
from panel.services.stopping import members_by_key
from panel.vault.blind_index import blind_index
from panel.vault.keys import Vault
from panel.vault.links import hash_link, make_confirm_link
from panel.vault.seals import ContactDetails, Request, SealBroken, unseal_bridge
from surveys.services.waves import study_date

#: Addresses of one respondent that may wait at a time: a second try after a slip, and no mailing to strangers.
MOST_ASKED = 3


@dataclass(frozen=True, slots=True)
class _OptIn:
    respondent_key: UUID
    details: ContactDetails


def add_opt_ins(vault: Vault, requests: Sequence[Request], *, at: datetime) -> int:
    """Take in those who may be asked; returns how many. `requests` come in an order that tells nothing.

    An address that is a member's, has been erased, or was asked to stay out gets no mail by this, whoever enters it;
    neither does another address of a respondent who gets mail already. Nobody is told.
    """
    by_index = {blind_index(vault.index, wish.details.email): wish for wish in _readable(requests)}
    with transaction.atomic(using=DEFAULT):
        lock_contacts()
        known = known_indexes(by_index)
        wishes = {index: wish for index, wish in by_index.items() if index not in known}
        room = _room(vault, {wish.respondent_key for wish in wishes.values()})
        new = []
        for index, wish in wishes.items():
            if room[wish.respondent_key] > 0:
                room[wish.respondent_key] -= 1
                new.append(seal_member(vault, index, wish.details, wish.respondent_key, MemberState.UNCONFIRMED))
        insert(new)
        Confirmation.objects.bulk_create(_confirmation(vault, entry, at) for entry in new)
    return len(new)


def confirm(vault: Vault, confirm_tokens: Iterable[str]) -> int:
    """Whoever was asked and says yes is a member from now on; returns how many that changes.

    A yes counts as long as the asking isn't forgotten: it may have lain in the inbox while no worker was up.
    """
    hashes = [hash_link(token) for token in confirm_tokens]
    if not hashes:
        return 0
    with transaction.atomic(using=DEFAULT):
        lock_contacts()
        waiting = Confirmation.objects.filter(confirm_hash__in=hashes)
        asked = waiting.filter(member__state=MemberState.UNCONFIRMED).values_list("member_id", flat=True)
        keys = _keys(vault, list(asked))
        members = members_by_key(vault, keys.values())
        return sum(_confirm(member_id, set(members[key]) - {member_id}) for member_id, key in keys.items())


@transaction.atomic(using=DEFAULT)
def forget_unconfirmed(*, at: datetime) -> int:
    """Forget everything of those who were asked and have not said yes in time; returns how many."""
    late = Confirmation.objects.filter(ends_on__lt=study_date(at))
    return erase(late.values_list("member_id", flat=True))


def _readable(requests: Iterable[Request]) -> Iterable[_OptIn]:
    """Those that hold what a panel file may hold: a public process that was taken over could have sealed anything."""
    for request in requests:
        cells = {"email": request.email, "language": request.language, "timezone": settings.STUDY_TIME_ZONE}
        try:
            details = ContactDetails(**check_row({**cells, "country": "", "source": "", "external_id": ""}))
        except CellRefused:
            continue
        if request.respondent_key is not None:
            yield _OptIn(request.respondent_key, details)


def _room(vault: Vault, respondent_keys: set[UUID]) -> dict[UUID, int]:
    """How many more addresses of each respondent may be asked now: none where one of them gets our mail."""
    members = members_by_key(vault, respondent_keys)
    states = _states(member_id for ids in members.values() for member_id in ids)
    room = {}
    for key in respondent_keys:
        own = [states[member_id] for member_id in members.get(key, []) if member_id in states]
        room[key] = 0 if MemberState.ACTIVE in own else MOST_ASKED - own.count(MemberState.UNCONFIRMED)
    return room


def _confirm(member_id: UUID, others: set[UUID]) -> int:
    """This address takes the place of every other of the same respondent: one respondent is one member."""
    if MemberState.ACTIVE in _states(others).values():
        erase([member_id])
        return 0
    erase(others)
    Confirmation.objects.filter(member_id=member_id).delete()
    changes = states_left_by(Happening.CONFIRMED).items()
    return sum(Member.objects.filter(pk=member_id, state=old).update(state=new) for old, new in changes)


def _keys(vault: Vault, member_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Whose respondent_key each of these members answers under, of those whose bridge opens."""
    keys = {}
    for member_id, sealed in Bridge.objects.filter(pk__in=member_ids).values_list("member_id", "sealed"):
        with contextlib.suppress(SealBroken):
            keys[member_id] = unseal_bridge(vault.bridge, member_id, bytes(sealed))
    return keys


def _confirmation(vault: Vault, entry: NewMember, at: datetime) -> Confirmation:
    return Confirmation(
        member=entry.member,
        due_at=at,
        confirm_hash=hash_link(make_confirm_link(vault.stop, entry.member.pk)),
        ends_on=study_date(at) + timedelta(days=settings.CONFIRM_DAYS),
    )


def _states(member_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    return dict(Member.objects.filter(pk__in=list(member_ids)).values_list("pk", "state"))

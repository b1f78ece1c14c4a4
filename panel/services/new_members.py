"""Making members: everything about them sealed at once, no address twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import connections

from outrush_site.routers import DEFAULT
from panel.models import Bridge, Contact, Member, SuppressedAddress
from panel.models.member import MemberState
from panel.services.batches import batches
from panel.vault.keys import Vault, public_half
from panel.vault.links import hash_link, make_stop_link
from panel.vault.seals import ContactDetails, seal_bridge, seal_contact

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class NewMember:
    """The rows of a member, not stored yet."""

    member: Member
    contact: Contact
    bridge: Bridge


def seal_member(
    vault: Vault, index: bytes, details: ContactDetails, respondent_key: UUID, state: MemberState = MemberState.ACTIVE
) -> NewMember:
    """A member who answers as this respondent. `index` is the blind index of their address."""
    member_id = uuid4()
    member = Member(pk=member_id, state=state)
    contact = Contact(
        member=member,
        sealed=seal_contact(public_half(vault.contact), member_id, details),
        blind_index=index,
        stop_hash=hash_link(make_stop_link(vault.stop, member_id)),
    )
    bridge = Bridge(member=member, sealed=seal_bridge(vault.bridge, member_id, respondent_key))
    return NewMember(member, contact, bridge)


def lock_contacts() -> None:
    """Of two that add members at once the second waits here, then sees what the first has added."""
    with connections[DEFAULT].cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Contact._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def insert(new: Sequence[NewMember]) -> None:
    """Store new members, in the order given: it must tell nothing."""
    Member.objects.bulk_create([entry.member for entry in new], batch_size=BATCH)
    Contact.objects.bulk_create([entry.contact for entry in new], batch_size=BATCH)
    Bridge.objects.bulk_create([entry.bridge for entry in new], batch_size=BATCH)


def known_indexes(indexes: Iterable[bytes]) -> set[bytes]:
    """Those of the blind indexes that belong to a member, or to an address that was erased: nobody is told which."""
    found: set[bytes] = set()
    for batch in batches(indexes, BATCH):
        for model in (Contact, SuppressedAddress):
            stored = model._default_manager.filter(blind_index__in=batch).values_list("blind_index", flat=True)
            found.update(bytes(index) for index in stored)
    return found

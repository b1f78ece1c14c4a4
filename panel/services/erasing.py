"""Erasing members: they go, and with them contact, bridge and attempts."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from outrush_site.routers import DEFAULT
from panel.models import Contact, Member, SuppressedAddress
from panel.models.member import MemberState

_RANDOM = secrets.SystemRandom()


@transaction.atomic(using=DEFAULT)
def erase(member_ids: Iterable[UUID]) -> int:
    """Erase members, keeping their addresses out from now on; returns how many there were.

    An address that nobody has confirmed isn't kept out: whoever entered it could else shut out whom they like.
    """
    ids = set(member_ids)
    unconfirmed = Member.objects.filter(pk__in=ids, state=MemberState.UNCONFIRMED)
    keep_out(ids - set(unconfirmed.values_list("pk", flat=True)))
    n_erased = Member.objects.filter(pk__in=ids).count()
    Member.objects.filter(pk__in=ids).delete()
    return n_erased


def keep_out(member_ids: Iterable[UUID]) -> None:
    """From now on the addresses of these members are taken in by no file and by nobody's wish."""
    indexes = list(Contact.objects.filter(pk__in=list(member_ids)).values_list("blind_index", flat=True))
    _RANDOM.shuffle(indexes)
    suppressed = [SuppressedAddress(blind_index=index) for index in indexes]
    SuppressedAddress.objects.bulk_create(suppressed, ignore_conflicts=True)

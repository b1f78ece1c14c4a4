"""Ending all mail to members, found by what the answers' side calls them."""

import secrets
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connections, transaction

from outrush_site.routers import DEFAULT
from panel.contactplan.states import Happening, states_left_by
from panel.models import Bridge, Member
from panel.models.member import MemberState
from panel.vault.keys import Vault
from panel.vault.seals import SealBroken, unseal_bridge

BATCH = 500

_RANDOM = secrets.SystemRandom()

#: The sort needs all deleted rows before the first goes in, so the two never meet.
_SHUFFLE = """
    WITH gone AS (DELETE FROM {table} WHERE state = %s RETURNING *)
    INSERT INTO {table} (id, state, joined_wave) SELECT id, state, joined_wave FROM gone ORDER BY gen_random_uuid()
"""


@transaction.atomic(using=DEFAULT)
def stop(member_ids: Iterable[UUID]) -> int:
    """No more mail; returns how many that changes. Attempts stay: a claim passes over whoever may not be written to."""
    ids = list(member_ids)
    _RANDOM.shuffle(ids)
    members = Member.objects.filter(pk__in=ids)
    changes = states_left_by(Happening.STOPPED).items()
    return sum(members.filter(state=old).update(state=new) for old, new in changes)


@transaction.atomic(using=DEFAULT)
def stop_alike(member_ids: Iterable[UUID]) -> int:
    """`stop`, and everyone who gets no mail is written anew: no row tells who asked for that and who declined, or when.

    Deleted and put in again in random order in one statement, as at the end of a step; what refers to them is looked at
    only when this is committed, and by then they are back.
    """
    with connections[DEFAULT].cursor() as cursor:
        # A worker that erases somebody meanwhile waits, and then finds the new row.
        cursor.execute(f"LOCK TABLE {Member._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        n_changed = stop(member_ids)
        cursor.execute(_SHUFFLE.format(table=Member._meta.db_table), [MemberState.DO_NOT_CONTACT])
    return n_changed


def members_by_key(vault: Vault, respondent_keys: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Members by respondent_key: one, or several addresses of a respondent that wait to be confirmed.

    Only the bridges tell whose key it is, so the panel is gone through. Raises Refused where the bridges are sealed to
    another key.
    """
    wanted = set(respondent_keys)
    found: dict[UUID, list[UUID]] = {}
    for member_id, respondent_key in _bridges(vault) if wanted else ():
        if respondent_key in wanted:
            found.setdefault(respondent_key, []).append(member_id)
    return found


def _bridges(vault: Vault) -> Iterator[tuple[UUID, UUID]]:
    """(member, respondent_key) of the whole panel. Opening a bridge takes about 0.1 ms."""
    for member_id, sealed in Bridge.objects.values_list("member_id", "sealed").iterator(chunk_size=BATCH):
        try:
            yield member_id, unseal_bridge(vault.bridge, member_id, bytes(sealed))
        except SealBroken:
            continue

"""Taking people into the panel from a CSV file: checked row by row, sealed at once, nothing repeated."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import uuid4

from django.db import connections, transaction

from outrush_site.routers import DEFAULT
from panel.intake.reading import MAX_BYTES, FileRefused, RawRow, read_rows
from panel.intake.rows import CellRefused, check_row
from panel.models import AuditEntry, Bridge, Contact, Member, SuppressedAddress
from panel.services.batches import batches
from panel.services.keyring import open_vault
from panel.vault.blind_index import blind_index
from panel.vault.keys import Vault, public_half
from panel.vault.links import hash_link, make_stop_link
from panel.vault.seals import ContactDetails, seal_bridge, seal_contact
from surveys.refusals import Refused

BATCH = 2_000

Progress = Callable[[int, int], None]  # how many people are sealed, of how many new ones

_RANDOM = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class RefusedRow:
    line: int
    reason: str  # repeats nothing of the row


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """A row with the address of an earlier one."""

    line: int
    first_line: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a panel file's rows.

    Which rows were in the panel already is told as a count alone, and addresses that were erased are counted with them.
    """

    n_rows: int
    n_added: int
    n_in_panel: int
    refused: tuple[RefusedRow, ...]
    duplicates: tuple[DuplicateRow, ...]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The rows of a file: those that are right, by blind index, and the others."""

    n_rows: int
    accepted: dict[bytes, ContactDetails]
    refused: tuple[RefusedRow, ...]
    duplicates: tuple[DuplicateRow, ...]


def import_panel(
    *, file: BinaryIO, by: str, at: datetime, progress: Progress = lambda n_sealed, n_new: None
) -> ImportReport:
    """Add the people of a CSV file who are not in the panel yet. `progress` is told now and then how far it is.

    Raises Refused where something is wrong with the file as a whole; then nothing is stored. Otherwise every row that
    is right is stored and each other is reported by its line.
    """
    vault = open_vault()
    try:
        rows = _sort(vault, file.read(MAX_BYTES + 1))
    except FileRefused as error:
        raise Refused("panel.file", str(error)) from None
    known = _known(rows.accepted)
    new = [(index, details) for index, details in rows.accepted.items() if index not in known]
    _RANDOM.shuffle(new)
    n_added = _store(list(_sealed(vault, new, progress)), by=by, at=at)
    return ImportReport(
        n_rows=rows.n_rows,
        n_added=n_added,
        n_in_panel=len(rows.accepted) - n_added,
        refused=rows.refused,
        duplicates=rows.duplicates,
    )


def _sort(vault: Vault, data: bytes) -> _Sorted:
    n_rows = 0
    accepted: dict[bytes, ContactDetails] = {}
    lines: dict[bytes, int] = {}
    refused: list[RefusedRow] = []
    duplicates: list[DuplicateRow] = []
    for row in read_rows(data):
        n_rows += 1
        try:
            details = _details(row)
        except CellRefused as error:
            refused.append(RefusedRow(row.line, str(error)))
            continue
        index = blind_index(vault.index, details.email)
        if index in lines:
            duplicates.append(DuplicateRow(row.line, lines[index]))
        else:
            accepted[index], lines[index] = details, row.line
    return _Sorted(n_rows, accepted, tuple(refused), tuple(duplicates))


def _details(row: RawRow) -> ContactDetails:
    if row.problem:
        raise CellRefused(row.problem)
    return ContactDetails(**check_row(row.cells))


@dataclass(frozen=True, slots=True)
class _NewMember:
    member: Member
    contact: Contact
    bridge: Bridge


def _sealed(vault: Vault, new: Sequence[tuple[bytes, ContactDetails]], progress: Progress) -> Iterator[_NewMember]:
    for n_sealed, (index, details) in enumerate(new):
        if n_sealed % BATCH == 0:
            progress(n_sealed, len(new))
        yield _seal(vault, index, details)
    progress(len(new), len(new))


def _seal(vault: Vault, index: bytes, details: ContactDetails) -> _NewMember:
    member_id = uuid4()
    member = Member(pk=member_id)
    contact = Contact(
        member=member,
        sealed=seal_contact(public_half(vault.contact), member_id, details),
        blind_index=index,
        stop_hash=hash_link(make_stop_link(vault.stop, member_id)),
    )
    bridge = Bridge(member=member, sealed=seal_bridge(vault.bridge, member_id, uuid4()))
    return _NewMember(member, contact, bridge)


@transaction.atomic(using=DEFAULT)
def _store(new: Sequence[_NewMember], *, by: str, at: datetime) -> int:
    """Store whoever is still not in the panel, in an order that tells nothing; returns how many."""
    with connections[DEFAULT].cursor() as cursor:
        # Two imports at once: the second waits here, then sees what the first has added.
        cursor.execute(f"LOCK TABLE {Contact._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    known = _known(bytes(entry.contact.blind_index) for entry in new)
    added = [entry for entry in new if entry.contact.blind_index not in known]
    Member.objects.bulk_create([entry.member for entry in added], batch_size=BATCH)
    Contact.objects.bulk_create([entry.contact for entry in added], batch_size=BATCH)
    Bridge.objects.bulk_create([entry.bridge for entry in added], batch_size=BATCH)
    AuditEntry.objects.create(at=at, by=by, action="import_panel", subject="panel", detail={"n_added": len(added)})
    return len(added)


def _known(indexes: Iterable[bytes]) -> set[bytes]:
    """Those of the blind indexes that belong to a member, or to an address that was erased: nobody is told which."""
    found: set[bytes] = set()
    for batch in batches(indexes, BATCH):
        for model in (Contact, SuppressedAddress):
            stored = model._default_manager.filter(blind_index__in=batch).values_list("blind_index", flat=True)
            found.update(bytes(index) for index in stored)
    return found

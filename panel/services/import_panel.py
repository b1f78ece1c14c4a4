"""Taking people into the panel from a CSV file: checked row by row, sealed at once, nothing repeated."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import uuid4

from django.db import transaction

from outrush_site.routers import DEFAULT
from panel.intake.reading import MAX_BYTES, FileRefused, RawRow, read_rows
from panel.intake.rows import CellRefused, check_row
from panel.models import AuditEntry
from panel.services.keyring import open_vault
from panel.services.new_members import BATCH, NewMember, insert, known_indexes, lock_contacts, seal_member
from panel.vault.blind_index import blind_index
from panel.vault.keys import Vault
from panel.vault.seals import ContactDetails
from surveys.refusals import Refused

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
    known = known_indexes(rows.accepted)
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


def _sealed(vault: Vault, new: Sequence[tuple[bytes, ContactDetails]], progress: Progress) -> Iterator[NewMember]:
    for n_sealed, (index, details) in enumerate(new):
        if n_sealed % BATCH == 0:
            progress(n_sealed, len(new))
        yield seal_member(vault, index, details, uuid4())
    progress(len(new), len(new))


@transaction.atomic(using=DEFAULT)
def _store(new: Sequence[NewMember], *, by: str, at: datetime) -> int:
    """Store whoever is still not in the panel, in an order that tells nothing; returns how many."""
    lock_contacts()
    known = known_indexes(bytes(entry.contact.blind_index) for entry in new)
    added = [entry for entry in new if entry.contact.blind_index not in known]
    insert(added)
    AuditEntry.objects.create(at=at, by=by, action="import_panel", subject="panel", detail={"n_added": len(added)})
    return len(added)

"""The one statement that saves a page, written once: the ORM took several times as long to write it as to run it."""

from collections.abc import Sequence
from functools import lru_cache

from django.db import connections

from outrush_site.routers import ANSWERS
from surveys.models import Interview


def update_columns(interview: Interview, names: Sequence[str]) -> None:
    """Save these fields of an interview that is there, as `save(update_fields=names)` does, without its signals."""
    fields = [Interview._meta.get_field(name) for name in names]
    connection = connections[ANSWERS]
    values = [field.get_db_prep_save(getattr(interview, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_statement(tuple(names)), [*values, interview.pk])


@lru_cache
def _statement(names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{Interview._meta.get_field(name).column}" = %s' for name in names)
    return f'UPDATE "{Interview._meta.db_table}" SET {columns} WHERE "id" = %s'  # noqa: S608  (names of our own)

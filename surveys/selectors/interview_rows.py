"""The one query behind every page: an interview with its wave and version, in one row.

It runs for each request, and writing it anew took Django several times as long as PostgreSQL takes to answer it. So it
is written once, from the models' own columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connections, models

from outrush_site.routers import ANSWERS
from surveys.models import Interview, QuestionnaireVersion, Wave

#: The columns that pages need of these; a model fetches any other by itself where it is asked for after all.
NEEDED = {
    "wave": {"id", "slug", "version", "state", "opens_on", "closes_on", "study_name", "logo", "accent"},
    "version": {"id", "questionnaire", "checksum"},
}

Converter = Callable[[Any, Any, Any], Any]


def interview_where(condition: str, *values: Any, for_update: bool = False) -> Interview | None:
    """The first interview that meets a condition in SQL on `interview`, `wave` and `version`; `%s` stands for a value.

    `for_update` locks the interview until the transaction ends.
    """
    lock = "FOR UPDATE OF interview" if for_update else ""
    with connections[ANSWERS].cursor() as cursor:
        cursor.execute(f"{_select()} WHERE {condition} LIMIT 1 {lock}", values)
        row = cursor.fetchone()
    if row is None:
        return None
    interview, wave, version = (part.read(row) for part in _parts())
    interview.wave, interview.version = wave, version
    return interview


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of one model in the row."""

    alias: str
    model: type[models.Model]
    names: Sequence[str]
    columns: Sequence[str]
    begins: int
    converters: Sequence[tuple[int, Converter]]  # (place in the row, what makes Python of a value)

    def read(self, row: Sequence[Any]) -> Any:
        values = list(row[self.begins : self.begins + len(self.names)])
        for place, convert in self.converters:
            values[place] = convert(values[place], None, connections[ANSWERS])
        return self.model.from_db(ANSWERS, self.names, values)


@lru_cache
def _parts() -> tuple[_Part, ...]:
    parts: list[_Part] = []
    begins = 0
    for alias, model in (("interview", Interview), ("wave", Wave), ("version", QuestionnaireVersion)):
        needed = NEEDED.get(alias)
        fields = [field for field in model._meta.concrete_fields if needed is None or field.name in needed]
        found = [field.get_db_converters(connections[ANSWERS]) for field in fields]
        converters = [(place, convert) for place, converts in enumerate(found) for convert in converts]
        names, columns = [field.attname for field in fields], [str(field.column) for field in fields]
        parts.append(_Part(alias, model, names, columns, begins, converters))
        begins += len(fields)
    return tuple(parts)


@lru_cache
def _select() -> str:
    columns = ", ".join(f'{part.alias}."{column}"' for part in _parts() for column in part.columns)
    interview, wave, version = (f"{part.model._meta.db_table} {part.alias}" for part in _parts())
    joins = f"JOIN {wave} ON wave.id = interview.wave_id JOIN {version} ON version.id = interview.version_id"
    return f"SELECT {columns} FROM {interview} {joins}"  # noqa: S608  (names of our own tables and columns)

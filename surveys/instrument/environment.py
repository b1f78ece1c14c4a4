"""What an evaluation depends on besides the answers. All of it is given: the engine has no clock and no chance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property

from surveys.instrument import languages


@dataclass(frozen=True)
class Environment:
    """`prior` maps the slug of an earlier wave to the answers of this respondent that may be used here.

    `language` is a column header's language as the workbook says it ("Русский (ru)") or its code alone ("ru").
    """

    now: datetime  # aware; its zone is the study's
    today: date
    seed: int
    language: str = ""
    prior: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        return self.now.tzinfo or UTC

    @cached_property
    def language_code(self) -> str:
        return languages.language_code(self.language)

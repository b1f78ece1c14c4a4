"""A record, as a release reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answered:
    """One record, as `surveys/instrument/final.py` left it."""

    respondent: str
    wave: str
    version: int
    values: Mapping[str, Any]
    missing: Mapping[str, Any]

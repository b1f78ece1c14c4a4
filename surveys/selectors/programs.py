"""Compiled programs of versions, kept per process."""

from functools import lru_cache

from surveys.instrument.evaluation import Program
from surveys.instrument.model import Instrument
from surveys.models import QuestionnaireVersion

#: A version in the field, the one before it, and a few that staff look at.
KEPT = 16


def program_for(version: QuestionnaireVersion) -> Program:
    """The version's program. Its content is read from the database only where this process hasn't compiled it yet.

    So whoever loads the version may leave `content` out, as `selectors.versions.versions()` does.
    """
    return _program(version.checksum, version.pk)


@lru_cache(maxsize=KEPT)
def _program(checksum: str, version_id: int) -> Program:
    # The checksum is part of the key, so a version that is replaced (in tests, by a restore) is compiled anew.
    content = QuestionnaireVersion.objects.values_list("content", flat=True).get(pk=version_id, checksum=checksum)
    return Program(Instrument.from_json(content))  # it was checked when it was imported, and never changes

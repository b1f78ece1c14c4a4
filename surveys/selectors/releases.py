"""Where the files of releases are that were built by a job."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from surveys.models import Release


def release_folder(release_id: UUID) -> Path:
    """The folder of a release's files, whether it is there or not."""
    return Path(settings.VAR_DIR) / "releases" / str(release_id)


def file_of(release: Release, name: str) -> Path | None:
    """A file of the release by a name that the ledger holds; None where this machine doesn't have it."""
    file = release_folder(release.pk) / name
    return file if name in release.checksums and file.is_file() else None

"""Giving out a release's file is kept in the audit."""

from datetime import datetime

from surveys.models import AuditEntry, Release


def note_download(*, release: Release, name: str, by: str, at: datetime) -> AuditEntry:
    """Keep who took which file of a release."""
    detail = {"file": name, "sha256": release.checksums[name]}
    return AuditEntry.objects.create(at=at, by=by, action="download_release", subject=str(release.pk), detail=detail)

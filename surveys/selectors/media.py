"""Finding a picture or sound for someone who takes part."""

from uuid import UUID

from surveys.models import MediaFile


def media_of_interview(interview_id: UUID, file: str) -> MediaFile | None:
    """The file of that name, where the interview's own version shows it. One query."""
    if not file.isprintable():  # PostgreSQL takes no text with a NUL in it
        return None
    digest, _, ending = file.partition(".")
    shown = MediaFile.objects.filter(versions__interviews=interview_id)
    return shown.filter(sha256=digest, ending=ending).first()

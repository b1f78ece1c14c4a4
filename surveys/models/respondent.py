import uuid

from django.db import models


class Respondent(models.Model):
    """Someone who answers, as the answers know them. The `default` database holds the key only sealed."""

    respondent_key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.CharField(max_length=50, help_text="slug of the wave they joined in")
    source = models.CharField(max_length=50, blank=True, help_text="of the open link, or 'panel'")
    language = models.CharField(max_length=20, blank=True)
    return_hash = models.BinaryField(
        max_length=32, null=True, unique=True, help_text="keyed hash of a return phrase, of those who have one"
    )

    def __str__(self) -> str:
        return "a respondent"

import uuid

from django.db import models


class SealedRequest(models.Model):
    """What a respondent asks that concerns their contact, sealed to the worker's key and padded. No date, no sender."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    body = models.BinaryField()

    def __str__(self) -> str:
        return "a sealed request"

import uuid

from django.db import models


class AttemptState(models.TextChoices):
    PLANNED = "planned", "planned"
    CLAIMED = "claimed", "claimed"
    SENDING = "sending", "handed to the mail server"
    SENT = "sent", "sent"
    UNKNOWN = "unknown", "in flight when the worker stopped"
    FAILED = "failed", "refused by the mail server"
    OVER = "over", "step over"


class Attempt(models.Model):
    """One mail to one member: the row is the queue. What each kind of mail adds is in its own model."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=8, choices=AttemptState, default=AttemptState.PLANNED)
    # Not moved by a try, and the same for all once the step has ended: it tells neither tries nor a time zone for long.
    due_at = models.DateTimeField()
    retry_at = models.DateTimeField(null=True, blank=True, help_text="not before, after a try that failed")
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="when a worker took it")
    n_tries = models.PositiveSmallIntegerField(default=0, help_text="tries that the mail server put off")

    class Meta:
        abstract = True

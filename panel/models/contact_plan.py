import uuid

from django.db import models

from panel.models.member import Member


class StepKind(models.TextChoices):
    INVITATION = "invitation", "invitation"
    REMINDER = "reminder", "reminder"


class ContactPlan(models.Model):
    """The planned contacts of a wave. The wave lives in the other database, so it is known by its slug."""

    wave = models.CharField(max_length=50, unique=True)
    is_paused = models.BooleanField(default=False)
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="when the wave was closed; its link key goes later"
    )

    def __str__(self) -> str:
        return f"contact plan of {self.wave}"


class ContactStep(models.Model):
    """One planned contact: a wall-clock moment in each member's own time zone."""

    plan = models.ForeignKey(ContactPlan, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField(help_text="0 is the invitation")
    kind = models.CharField(max_length=12, choices=StepKind)
    on = models.DateField(help_text="the date, in the member's zone")
    local_time = models.TimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    n_planned = models.PositiveIntegerField(default=0)
    n_sent = models.PositiveIntegerField(default=0)
    n_not_due = models.PositiveIntegerField(default=0)
    n_unknown = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="contact_step_number_unique")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.plan.wave}"


class AttemptState(models.TextChoices):
    PLANNED = "planned", "planned"
    CLAIMED = "claimed", "claimed"
    SENDING = "sending", "handed to the mail server"
    SENT = "sent", "sent"
    UNKNOWN = "unknown", "in flight when the worker stopped"
    FAILED = "failed", "refused by the mail server"
    OVER = "over", "step over"


class ContactAttempt(models.Model):
    """One try of one step for one member: the row is the queue."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="attempts")
    step = models.ForeignKey(ContactStep, models.CASCADE, related_name="attempts")
    state = models.CharField(max_length=8, choices=AttemptState, default=AttemptState.PLANNED)
    # Not moved by a try, and the same for all once the step has ended: it tells neither tries nor a time zone for long.
    due_at = models.DateTimeField()
    retry_at = models.DateTimeField(null=True, blank=True, help_text="not before, after a try that failed")
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="when a worker took it")
    n_tries = models.PositiveSmallIntegerField(default=0, help_text="tries that the mail server put off")

    class Meta:
        # A step belongs to one plan and a plan to one wave, so this is unique on (member, wave, step).
        constraints = [models.UniqueConstraint(fields=["member", "step"], name="attempt_once_per_member_and_step")]
        indexes = [models.Index(fields=["state", "due_at"], name="attempt_due")]

    def __str__(self) -> str:
        return "a contact attempt"

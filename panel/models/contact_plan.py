from django.db import models

from panel.models.attempt import Attempt
from panel.models.member import Member, MemberState


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


class ContactAttempt(Attempt):
    """One try of one step for one member."""

    #: Members in this state are sent it.
    WRITES_TO = MemberState.ACTIVE

    member = models.ForeignKey(Member, models.CASCADE, related_name="attempts")
    step = models.ForeignKey(ContactStep, models.CASCADE, related_name="attempts")

    # A step belongs to one plan and a plan to one wave, so this is unique on (member, wave, step).
    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "step"], name="attempt_once_per_member_and_step")]
        indexes = [models.Index(fields=["state", "due_at"], name="attempt_due")]

    def __str__(self) -> str:
        return "a contact attempt"

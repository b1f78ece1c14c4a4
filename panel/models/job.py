import uuid

from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    WAITING = "waiting", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"


class JobKind(models.TextChoices):
    OPEN_WAVE = "open_wave", "open a wave"
    CLOSE_WAVE = "close_wave", "close a wave"
    BUILD_RELEASE = "build_release", "build a release"


class Job(models.Model):
    """Work for the worker that a staff action asks for. No personal data in any field."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=JobKind)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=JobState, default=JobState.WAITING)
    progress = models.PositiveSmallIntegerField(default=0, help_text="percent")
    counts = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    asked_by = models.CharField(max_length=50)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=JobState.WAITING, started_at=None, ended_at=None)
                | Q(state=JobState.RUNNING, started_at__isnull=False, ended_at=None)
                | Q(state__in=[JobState.DONE, JobState.FAILED], started_at__isnull=False, ended_at__isnull=False),
                name="job_started_and_ended_when",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="job_progress_in_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @property
    def subject(self) -> str:
        """What it is about: slugs of waves."""
        waves = self.arguments.get("waves", [self.arguments.get("slug", "")])
        return ", ".join(waves)

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED}

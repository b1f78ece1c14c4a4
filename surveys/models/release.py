import uuid

from django.db import models


class ReleaseKind(models.TextChoices):
    TEAM = "team", "team"
    SCIENTIFIC = "scientific", "scientific"
    PUBLIC = "public", "public"


class Release(models.Model):
    """The ledger's row of a file given out, with what is needed to make it again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=ReleaseKind)
    waves = models.JSONField(help_text="slugs")
    recipe = models.JSONField()
    k = models.PositiveIntegerField()
    seed = models.CharField(max_length=64, help_text="of release ids and row order; secret")
    built_at = models.DateTimeField()
    built_by = models.CharField(max_length=50)
    n_rows = models.PositiveIntegerField()
    report = models.JSONField()
    checksums = models.JSONField(help_text="{file name: SHA-256}")

    class Meta:
        ordering = ["-built_at"]

    def __str__(self) -> str:
        return f"{self.kind} release of {', '.join(self.waves)}"

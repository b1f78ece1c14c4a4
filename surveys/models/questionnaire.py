from django.core.validators import validate_slug
from django.db import models
from django.db.models import F, Q

from surveys.models.media import MediaFile


class Questionnaire(models.Model):
    """What is asked, over all its versions."""

    slug = models.CharField(max_length=50, unique=True, validators=[validate_slug])
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class VersionState(models.TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"


class QuestionnaireVersion(models.Model):
    """One state of a questionnaire: the author's workbook and what it compiles to.

    Once published it never changes: triggers of the database refuse it (migrations 0002 and 0004).
    """

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.DRAFT)
    title = models.CharField(max_length=200)
    workbook = models.BinaryField()
    workbook_sha256 = models.CharField(max_length=64)
    content = models.JSONField(help_text="the compiled instrument, see surveys/instrument/model.py")
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the canonical content")
    findings = models.JSONField(default=list, help_text="warnings and notices of the import")
    media = models.ManyToManyField(MediaFile, related_name="versions", help_text="pictures and sounds of its labels")
    n_items = models.PositiveIntegerField()
    imported_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["questionnaire", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="version_number_unique"),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT, published_at=None, published_by="")
                | Q(state=VersionState.PUBLISHED, published_at__isnull=False) & ~Q(published_by=""),
                name="version_published_when_and_by",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_number_from_1"),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(published_at__gte=F("imported_at")),
                name="version_published_after_import",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire.slug}@{self.number}"

    @property
    def is_published(self) -> bool:
        return self.state == VersionState.PUBLISHED

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_slug
from django.db import models
from django.db.models import F, Q

from surveys.colours import LEGIBLE, PAPER, contrast, is_colour
from surveys.models.questionnaire import QuestionnaireVersion


class WaveState(models.TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed"


def validate_accent(colour: str) -> None:
    """A colour that white text can be read on and that can be read on white."""
    if not is_colour(colour):
        raise ValidationError("Write the colour as #rrggbb, in lower case.", code="colour")
    if contrast(colour, PAPER) < LEGIBLE:
        raise ValidationError(
            f"Its contrast against white is {contrast(colour, PAPER):.1f}; {LEGIBLE} is needed. Take a darker one.",
            code="contrast",
        )


#: A file among the static files: no address of another host, no way up.
validate_logo = RegexValidator(r"\A(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.(?:svg|png|webp)\Z", "Name a static file.")


class Wave(models.Model):
    """Fieldwork of a questionnaire version, from one date to another (both included, in the study's time zone)."""

    slug = models.CharField(max_length=50, unique=True, validators=[validate_slug])
    number = models.PositiveIntegerField(unique=True)
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="waves")
    state = models.CharField(max_length=10, choices=WaveState, default=WaveState.OPEN)
    opens_on = models.DateField()
    closes_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    prior_items = models.JSONField(default=list, help_text="prior answers handed on: [[wave slug, item], ...]")
    link_epoch = models.PositiveIntegerField(default=1, help_text="raised when reopening, which makes new links")
    study_name = models.CharField(max_length=100, blank=True, help_text="on its pages; blank for the site's own")
    logo = models.CharField(max_length=100, blank=True, validators=[validate_logo], help_text="path of a static file")
    accent = models.CharField(max_length=7, blank=True, validators=[validate_accent], help_text="colour as #rrggbb")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="wave_opens_before_it_closes"),
            models.CheckConstraint(
                condition=Q(state=WaveState.OPEN, closed_on=None) | Q(state=WaveState.CLOSED, closed_on__isnull=False),
                name="wave_closed_when",
            ),
            models.CheckConstraint(condition=Q(accent="") | Q(accent__regex=r"^#[0-9a-f]{6}$"), name="wave_accent"),
        ]

    def __str__(self) -> str:
        return self.slug


class RecruitmentLink(models.Model):
    """The open link through which one source (a channel, a partner) brings new people into a wave."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="recruitment_links")
    source = models.CharField(max_length=50, validators=[validate_slug])
    code = models.CharField(max_length=26, unique=True, help_text="random, so that the address doesn't tell the source")

    class Meta:
        ordering = ["wave", "source"]
        constraints = [models.UniqueConstraint(fields=["wave", "source"], name="recruitment_link_one_per_source")]

    def __str__(self) -> str:
        return f"{self.wave} from {self.source}"

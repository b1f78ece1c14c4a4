import uuid

from django.db import models
from django.db.models import Q

from surveys.models.questionnaire import QuestionnaireVersion
from surveys.models.respondent import Respondent
from surveys.models.wave import Wave


class OutcomeCode(models.TextChoices):
    """AAPOR Standard Definitions, for web surveys of named persons (reference: AAPOR, 10th edition)."""

    COMPLETE = "1.1", "complete"
    PARTIAL = "1.2", "partial with sufficient information"
    REFUSED = "2.112", "explicit refusal"
    IMPLICIT_REFUSAL = "2.113", "logged in, answered nothing"
    BREAK_OFF = "2.12", "break-off with too little information"
    NOT_STARTED = "3.19", "nothing ever heard"
    SCREENED_OUT = "4.1", "screened out"
    OUT_OF_SCOPE = "4.9", "out of scope"


class InterviewState(models.TextChoices):
    NOT_STARTED = "not_started", "not started"
    IN_PROGRESS = "in_progress", "in progress"
    ENDED = "ended", "ended"


class Interview(models.Model):
    """One respondent in one wave, while it is being answered.

    When it ends, its answers move into a `Record` (or are dropped) and `answers` becomes empty. Dates only, never
    times, of anything the respondent does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="interviews")
    respondent = models.ForeignKey(Respondent, models.CASCADE, related_name="interviews")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="interviews")
    state = models.CharField(max_length=12, choices=InterviewState, default=InterviewState.NOT_STARTED)
    outcome_code = models.CharField(max_length=6, choices=OutcomeCode, blank=True)
    link_hash = models.BinaryField(max_length=32, null=True, unique=True, help_text="SHA-256 of the link's letters")
    language = models.CharField(max_length=50, blank=True, help_text="as the workbook's headers say it")
    answers = models.JSONField(default=dict)
    prior = models.JSONField(default=dict, help_text="prior answers the wave may use: {wave: {item: value}}")
    seed = models.BigIntegerField(help_text="of its random orders")
    page = models.CharField(max_length=200, blank=True, help_text="name of the last page seen")
    progress = models.PositiveSmallIntegerField(default=0, help_text="most that was ever shown, in percent")
    revision = models.PositiveIntegerField(default=0, help_text="raised by each save")
    page_saves = models.JSONField(
        default=dict, help_text="who changed a page last: {page: [revision, load]}, see selectors/page_stamps.py"
    )
    started_on = models.DateField(null=True, blank=True)
    saved_on = models.DateField(null=True, blank=True)
    minutes_class = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="how long it took: 1 under 10 minutes, 2 under 30, 3 under 120, 4 longer"
    )

    wants_no_mail = models.BooleanField(
        default=False, help_text="ended with a refusal, out of scope, or an answer other than yes to being written to"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "respondent"], name="interview_one_per_wave_and_respondent"),
            models.CheckConstraint(
                condition=Q(state="ended") & ~Q(outcome_code="") | ~Q(state="ended") & Q(outcome_code=""),
                name="interview_outcome_when_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | Q(answers={}), name="interview_keeps_no_answers_when_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"an interview of {self.wave_id}"

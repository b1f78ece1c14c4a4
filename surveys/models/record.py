import uuid

from django.db import models

from surveys.models.interview import OutcomeCode
from surveys.models.questionnaire import QuestionnaireVersion
from surveys.models.respondent import Respondent
from surveys.models.wave import Wave


class MissingCode(models.TextChoices):
    """Why an item has no value."""

    NOT_IN_WAVE = "not_in_wave", "the wave was not taken"
    NOT_IN_VERSION = "not_in_version", "the version did not ask it"
    NOT_ROUTED = "not_routed", "routed past"
    NOT_REACHED = "not_reached", "after the break-off"
    LEFT_EMPTY = "left_empty", "seen and left empty"
    DONT_KNOW = "dont_know", "hard to say"
    REFUSED = "refused", "prefers not to answer"
    WITHDRAWN = "withdrawn", "answers withdrawn"
    SUPPRESSED = "suppressed", "suppressed for anonymity"
    TECHNICAL = "technical", "technical problem"


class Record(models.Model):
    """The final answers of an interview, complete or partial.

    The public role may insert one and set its erase mark, and reads nothing of it but which interview it is of.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Not a foreign key: the interview may be erased or pruned while the record stays, and the other way round.
    interview_id = models.UUIDField(unique=True)
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="records")
    respondent = models.ForeignKey(Respondent, models.CASCADE, related_name="records")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="records")
    outcome_code = models.CharField(max_length=6, choices=OutcomeCode)
    language = models.CharField(max_length=50, blank=True)
    answers = models.JSONField(help_text="relevant answers only, as surveys/instrument/final.py gives them")
    missing = models.JSONField(help_text="{item: MissingCode} for the rest")
    prior = models.JSONField(default=dict)
    minutes_class = models.PositiveSmallIntegerField(null=True, blank=True)
    is_erase_marked = models.BooleanField(default=False, help_text="its respondent asked to have it erased")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome_code__in=[OutcomeCode.COMPLETE, OutcomeCode.PARTIAL]),
                name="record_complete_or_partial",
            ),
        ]

    def __str__(self) -> str:
        return f"a record of {self.wave_id}"

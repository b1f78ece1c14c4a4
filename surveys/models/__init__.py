"""The tables of the `answers` database, one noun a file."""

from surveys.models.audit import AuditEntry
from surveys.models.interview import Interview
from surveys.models.media import MediaFile
from surveys.models.questionnaire import Questionnaire, QuestionnaireVersion
from surveys.models.record import Record
from surveys.models.release import Release
from surveys.models.respondent import Respondent
from surveys.models.sealed_request import SealedRequest
from surveys.models.wave import RecruitmentLink, Wave

__all__ = [
    "AuditEntry",
    "Interview",
    "MediaFile",
    "Questionnaire",
    "QuestionnaireVersion",
    "Record",
    "RecruitmentLink",
    "Release",
    "Respondent",
    "SealedRequest",
    "Wave",
]

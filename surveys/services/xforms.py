"""A stored version as an XForm, for those who also interview with ODK Collect."""

from surveys.instrument.authoring.confined import xform_confined
from surveys.instrument.authoring.options import Options
from surveys.models import QuestionnaireVersion


def xform_of_version(version: QuestionnaireVersion) -> str:
    """The XForm of the workbook the version was made of. Raises InstrumentError where ODK's tools refuse it."""
    name = f"{version.questionnaire.slug}.xlsx"
    return xform_confined(bytes(version.workbook), name, Options(allow_duplicate_choices=True))

"""A stored version as an XForm, for those who also interview with ODK Collect."""

from surveys.instrument.authoring.confined import xform_confined
from surveys.instrument.authoring.options import LEFT_OUT, Options
from surveys.models import QuestionnaireVersion
from surveys.selectors.versions import findings


def xform_of_version(version: QuestionnaireVersion) -> str:
    """The XForm of the workbook the version was made of, without the questions that the version left out.

    Raises InstrumentError where ODK's tools refuse it.
    """
    name = f"{version.questionnaire.slug}.xlsx"
    left_out = {finding.place.row for finding in findings(version) if finding.code == LEFT_OUT}
    return xform_confined(bytes(version.workbook), name, Options(allow_duplicate_choices=True), left_out=left_out)

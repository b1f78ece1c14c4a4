"""Simulated respondents walk a questionnaire: is everything reached, does everybody get to the end, how long is it.

`walk_questionnaire` gives a `Report`; `told` turns it into lines, `to_json` into plain values.
"""

from surveys.instrument.walk.report import Length, Report, to_json, told
from surveys.instrument.walk.walker import walk_questionnaire

__all__ = ["Length", "Report", "to_json", "told", "walk_questionnaire"]

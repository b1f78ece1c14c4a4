"""The parts of building a release: what was in the field, which variables come out, their cells, the report.

`surveys/services/releases.py` puts them together; nothing else imports them.
"""

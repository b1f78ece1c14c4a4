"""The staff's pages on what is asked and on results as counts. Nothing here shows an interview or a record."""

from surveys.admin import audit, questionnaires, releases, versions, waves

__all__ = ["audit", "questionnaires", "releases", "versions", "waves"]

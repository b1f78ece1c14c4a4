"""What the overview shows: waves with their totals, jobs under way, and what to do next."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from panel.models import Job
from panel.selectors.members import members_by_state
from surveys.selectors.versions import published_versions, versions
from surveys.selectors.waves import wave_totals, waves

SHOWN = 5


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """django-unfold calls this with the context of the index page."""
    may = request.user.has_perm
    context["title"] = "Overview"
    if may("surveys.view_wave"):
        context["waves"] = [(wave, wave_totals(wave)) for wave in waves()[:SHOWN]]
    if may("panel.view_job"):
        context["jobs"] = Job.objects.all()[:SHOWN]
    if may("panel.view_member"):
        context["members_by_state"] = members_by_state()
    context["next_steps"] = [
        (title, text, reverse(name)) for title, text, name, permission in _next_steps() if may(permission)
    ]
    return context


def _next_steps() -> list[tuple[str, str, str, str]]:
    """(title, text, name of the page, permission) of what a study without a wave needs."""
    if not versions().exists():
        return [
            (
                "Import a questionnaire",
                "Upload an XLSForm workbook. It is checked before anything is stored.",
                "admin:surveys_questionnaireversion_import",
                "surveys.add_questionnaireversion",
            )
        ]
    if not published_versions().exists():
        return [
            (
                "Publish a version",
                "Look the draft over, then freeze it.",
                "admin:surveys_questionnaireversion_changelist",
                "surveys.change_questionnaireversion",
            )
        ]
    if not waves().exists():
        return [
            (
                "Open a wave",
                "Invite the panel to a published version.",
                "admin:panel_job_open_wave",
                "surveys.add_wave",
            )
        ]
    return []

"""Versions of questionnaires: import a workbook, look it over, publish it, download it."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from outrush_site import clock
from outrush_site.admin_skin import PageAdmin, display, require, staff_id
from surveys.admin.forms import ImportForm
from surveys.instrument.authoring.options import Options
from surveys.instrument.problems import Problem, Severity
from surveys.models import QuestionnaireVersion
from surveys.selectors.versions import changed_since_published, findings, outline, versions
from surveys.services.versions import import_version, publish_version

MAY_IMPORT = "surveys.add_questionnaireversion"
MAY_PUBLISH = "surveys.change_questionnaireversion"
WORKBOOK_TYPES = {
    b"PK\x03\x04": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    b"\xd0\xcf\x11\xe0": ("xls", "application/vnd.ms-excel"),
}


@admin.register(QuestionnaireVersion)
class VersionAdmin(PageAdmin):
    list_display = ["label", "title", "shown_state", "n_items", "imported_at", "published_at", "published_by"]
    list_filter = ["state"]
    page_template = "staff/version.html"
    change_list_template = "staff/version_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionnaireVersion]:
        return versions()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="surveys_questionnaireversion_import"),
            path("<int:pk>/publish/", view(self.publish_view), name="surveys_questionnaireversion_publish"),
            path("<int:pk>/workbook/", view(self.workbook_view), name="surveys_questionnaireversion_workbook"),
            *super().get_urls(),
        ]

    @display(description="Version", ordering="questionnaire__slug")
    def label(self, version: QuestionnaireVersion) -> str:
        return str(version)

    @display(description="State", ordering="state", label={"draft": "warning", "published": "success"})
    def shown_state(self, version: QuestionnaireVersion) -> str:
        return version.state

    def page_context(self, request: HttpRequest, obj: QuestionnaireVersion) -> Mapping[str, Any]:
        contents = outline(obj)
        shown = [item for page in contents.pages for item in page.items]
        classes = Counter(item.disclosure for item in [*shown, *contents.calculated] if item.kind != "note")
        return {
            "outline": contents,
            "problems": _by_severity(findings(obj)),
            "changed": changed_since_published(obj),
            "classes": [(name, classes[name]) for name in _CLASSES if classes[name]],
            "may_publish": not obj.is_published and request.user.has_perm(MAY_PUBLISH),
            "waves": obj.waves.all(),
        }

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form, and after a workbook with errors the form with what is wrong and where."""
        require(request, MAY_IMPORT)
        form = ImportForm(request.POST or None, request.FILES or None, initial={"slug": request.GET.get("slug", "")})
        problems: tuple[Problem, ...] = ()
        if request.method == "POST" and form.is_valid():
            workbook = form.cleaned_data["workbook"]
            attachments = form.cleaned_data["attachments"]
            publish = form.cleaned_data["publish"]
            if publish:
                require(request, MAY_PUBLISH)
            result = import_version(
                slug=form.cleaned_data["slug"],
                data=workbook.read(),
                filename=workbook.name,
                by=staff_id(request),
                at=clock.now(),
                publish=publish,
                options=Options({name: file.read() for name, file in attachments.items()}),
            )
            if result.version is not None:
                _say_stored(request, result.version, result.is_new)
                return HttpResponseRedirect(_page(result.version))
            problems = result.problems
        context = {
            "title": "Import a workbook",
            "form": form,
            "problems": _by_severity(problems),
            "submit": "Check and import",
            "cancel": reverse("admin:surveys_questionnaireversion_changelist"),
        }
        return self.show(request, "staff/import.html", context)

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks once more, then publishes."""
        require(request, MAY_PUBLISH)
        version = self.wanted(request, str(pk))
        if request.method == "POST":
            publish_version(version=version, by=staff_id(request), at=clock.now())
            messages.success(request, f"{version} is published. Waves can now be opened with it.")
            return HttpResponseRedirect(_page(version))
        warnings = [problem for problem in findings(version) if problem.severity is Severity.WARNING]
        context = {
            "title": f"Publish {version}?",
            "object": version,
            "lead": [
                f"“{version.title}” with {version.n_items} questions becomes the published version {version.number}.",
                "From then on nobody can change or delete it, not even in the database. A correction is a new version.",
            ],
            "problems": warnings,
            "changed": changed_since_published(version),
            "submit": "Publish",
            "cancel": _page(version),
        }
        return self.show(request, "staff/publish.html", context)

    def workbook_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The author's workbook, byte for byte."""
        version = self.wanted(request, str(pk))
        data = bytes(version.workbook)
        ending, content_type = WORKBOOK_TYPES.get(data[:4], ("bin", "application/octet-stream"))
        name = re.sub(r"[^\w-]", "_", f"{version.questionnaire.slug}_{version.number}", flags=re.ASCII)
        headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
        return HttpResponse(data, content_type=content_type, headers=headers)


_CLASSES = ["direct", "open", "quasi", "sensitive", "none"]
_SEVERITIES = list(Severity)


def _by_severity(problems: tuple[Problem, ...]) -> list[Problem]:
    return sorted(problems, key=lambda problem: _SEVERITIES.index(problem.severity))


def _page(version: QuestionnaireVersion) -> str:
    return reverse("admin:surveys_questionnaireversion_change", args=[version.pk])


def _say_stored(request: HttpRequest, version: QuestionnaireVersion, is_new: bool) -> None:
    if is_new:
        messages.success(request, f"The workbook is stored as {version} ({version.get_state_display()}).")
    else:
        messages.info(request, f"{version} already holds this very workbook; nothing was added.")

"""Jobs with their progress, and the pages that ask for one: open a wave, close it, build a release."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from outrush_site import clock
from outrush_site.admin_skin import PageAdmin, display, require, staff_id
from panel.admin.forms import OpenWaveForm, ReleaseForm
from panel.models import Job
from panel.models.job import JobKind, JobState
from panel.services import jobs
from surveys.selectors.versions import published_versions
from surveys.selectors.waves import open_waves, wave_totals

UNDER_WAY = [JobState.WAITING, JobState.RUNNING]
STATE_LABELS = {"waiting": "info", "running": "warning", "done": "success", "failed": "danger"}


@admin.register(Job)
class JobAdmin(PageAdmin):
    list_display = ["subject", "shown_kind", "shown_state", "bar", "asked_by", "asked_at", "ended_at"]
    list_filter = ["state", "kind"]
    page_template = "staff/job.html"
    change_list_template = "staff/job_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("open-wave/", view(self.open_wave_view), name="panel_job_open_wave"),
            path("close-wave/<slug:wave>/", view(self.close_wave_view), name="panel_job_close_wave"),
            path("build-release/", view(self.build_release_view), name="panel_job_build_release"),
            *super().get_urls(),
        ]

    @display(description="About")
    def subject(self, job: Job) -> str:
        return job.subject or "–"

    @display(description="Job", ordering="kind")
    def shown_kind(self, job: Job) -> str:
        return job.get_kind_display()

    @display(description="State", ordering="state", label=STATE_LABELS)
    def shown_state(self, job: Job) -> str:
        return job.state

    @display(description="Progress", ordering="progress")
    def bar(self, job: Job) -> str:
        return format_html(
            '<progress class="staff-progress" max="100" value="{}">{} %</progress>', job.progress, job.progress
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        is_under_way = Job.objects.filter(state__in=UNDER_WAY).exists()
        return super().changelist_view(request, {**(extra_context or {}), "is_under_way": is_under_way})

    def page_context(self, request: HttpRequest, obj: Job) -> Mapping[str, Any]:
        return {"is_under_way": not obj.is_over, "counts": _lines(obj.counts), "arguments": _lines(obj.arguments)}

    def open_wave_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for a new wave."""
        require(request, "surveys.add_wave")
        today = clock.today()
        initial = {"version": request.GET.get("version", ""), "opens_on": today}
        form = OpenWaveForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            return self._ask(request, JobKind.OPEN_WAVE, form.arguments)
        lead = [
            "The worker makes one interview for each active member, in random order, and plans the invitation and a "
            "reminder in each member's own time zone. Mails go out from the first day on.",
        ]
        if not published_versions().exists():
            messages.warning(request, "There is no published questionnaire version yet. Publish one first.")
        return self._form(request, "Open a wave", form, lead, "Open the wave", "admin:surveys_wave_changelist")

    def close_wave_view(self, request: HttpRequest, wave: str) -> HttpResponse:
        """Asks once more, then asks for the closing of an open wave."""
        require(request, "surveys.change_wave")
        found = open_waves().filter(slug=wave).first()
        if found is None:
            raise Http404
        if request.method == "POST":
            return self._ask(request, JobKind.CLOSE_WAVE, {"slug": wave})
        totals = wave_totals(found)
        lead = [
            f"Unfinished interviews end now: {totals.n_in_progress} in progress become partial or break-offs, "
            f"{totals.n_not_started} were never started.",
            "Entry stops, planned mails are not sent, and personal links stop working.",
        ]
        return self._form(request, f"Close {wave}?", Form(), lead, "Close the wave", "admin:surveys_wave_changelist")

    def build_release_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for anonymised files."""
        require(request, "surveys.add_release")
        form = ReleaseForm(request.POST or None, request.FILES or None, initial={"waves": request.GET.getlist("wave")})
        if request.method == "POST" and form.is_valid():
            return self._ask(request, JobKind.BUILD_RELEASE, form.arguments)
        lead = [
            "Direct and open items are dropped, identifying ones recoded and suppressed until k holds, ids and row "
            "order made anew. The report says what was lost.",
        ]
        return self._form(request, "Build a release", form, lead, "Build", "admin:surveys_release_changelist")

    def _ask(self, request: HttpRequest, kind: JobKind, arguments: Mapping[str, Any]) -> HttpResponse:
        job = jobs.ask(kind=kind, arguments=arguments, by=staff_id(request), at=clock.now())
        messages.success(request, "The worker takes it up within a minute. This page follows it.")
        return HttpResponseRedirect(reverse("admin:panel_job_change", args=[job.pk]))

    def _form(
        self, request: HttpRequest, title: str, form: Form, lead: list[str], submit: str, cancel: str
    ) -> HttpResponse:
        context = {"title": title, "form": form, "lead": lead, "submit": submit, "cancel": reverse(cancel)}
        return self.show(request, "staff/form.html", context)


def _lines(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A flat document as (name, value) for a table."""

    def shown(value: Any) -> str:
        return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)

    return [(name.replace("_", " "), shown(value)) for name, value in document.items()]

"""Contact plans: steps and how many mails went out, as counts."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from outrush_site.admin_skin import PageAdmin, display
from panel.models import ContactPlan
from panel.selectors.contact_plans import step_counts


@admin.register(ContactPlan)
class ContactPlanAdmin(PageAdmin):
    list_display = ["wave", "n_steps", "shown_state"]
    page_template = "staff/contact_plan.html"

    def get_urls(self) -> list[URLPattern]:
        of_wave = self.admin_site.admin_view(self.of_wave_view)
        return [path("of/<slug:wave>/", of_wave, name="panel_contactplan_of_wave"), *super().get_urls()]

    @display(description="Steps")
    def n_steps(self, plan: ContactPlan) -> int:
        return plan.steps.count()

    @display(description="State", label={"closed": "info", "running": "success"})
    def shown_state(self, plan: ContactPlan) -> str:
        return "closed" if plan.closed_at else "running"

    def page_context(self, request: HttpRequest, obj: ContactPlan) -> Mapping[str, Any]:
        return {"steps": step_counts(obj)}

    def of_wave_view(self, request: HttpRequest, wave: str) -> HttpResponse:
        """The plan of a wave, which the other database knows by its slug alone."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        plan = get_object_or_404(ContactPlan, wave=wave)
        return HttpResponseRedirect(reverse("admin:panel_contactplan_change", args=[plan.pk]))

"""Waves with their totals. What needs a key or the other database (open, close) is asked for on the panel's pages."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from outrush_site import clock
from outrush_site.admin_skin import PageAdmin, display, require, staff_id
from surveys.admin.forms import ExtendForm, LookForm
from surveys.models import Wave
from surveys.models.wave import WaveState
from surveys.refusals import Refused
from surveys.selectors.waves import wave_totals, waves
from surveys.services.waves import LOOK, extend_wave, set_look

MAY_CHANGE = "surveys.change_wave"


@admin.register(Wave)
class WaveAdmin(PageAdmin):
    list_display = ["slug", "version", "shown_state", "opens_on", "closes_on", "invited", "complete", "participation"]
    list_filter = ["state"]
    page_template = "staff/wave.html"
    change_list_template = "staff/wave_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wave]:
        return waves()

    def get_urls(self) -> list[URLPattern]:
        extend = self.admin_site.admin_view(self.extend_view)
        look = self.admin_site.admin_view(self.look_view)
        return [
            path("<int:pk>/extend/", extend, name="surveys_wave_extend"),
            path("<int:pk>/look/", look, name="surveys_wave_look"),
            *super().get_urls(),
        ]

    @display(description="State", ordering="state", label={"open": "success", "closed": "info"})
    def shown_state(self, wave: Wave) -> str:
        return wave.state

    # A study has a few waves, so two small queries a row are fine.
    @display(description="Invited")
    def invited(self, wave: Wave) -> int:
        return wave_totals(wave).n_invited

    @display(description="Complete")
    def complete(self, wave: Wave) -> int:
        return wave_totals(wave).n_complete

    @display(description="Participation")
    def participation(self, wave: Wave) -> str:
        share = wave_totals(wave).participation
        return "–" if share is None else f"{share:.0f} %"

    def page_context(self, request: HttpRequest, obj: Wave) -> Mapping[str, Any]:
        return {
            "totals": wave_totals(obj),
            "links": [(link.source, f"{settings.PUBLIC_URL}/r/{link.code}") for link in obj.recruitment_links.all()],
            "is_open": obj.state == WaveState.OPEN,
            "may_change": request.user.has_perm(MAY_CHANGE),
            "days_left": (obj.closes_on - clock.today()).days + 1,
        }

    def extend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A later (or earlier) last day."""
        require(request, MAY_CHANGE)
        wave = self.wanted(request, str(pk))
        page = reverse("admin:surveys_wave_change", args=[wave.pk])
        form = ExtendForm(request.POST or None, initial={"closes_on": wave.closes_on})
        if request.method == "POST" and form.is_valid():
            closes_on = form.cleaned_data["closes_on"]
            try:
                extend_wave(wave=wave, closes_on=closes_on, by=staff_id(request), at=clock.now())
            except Refused as refusal:
                form.add_error("closes_on", str(refusal))
            else:
                messages.success(request, f"{wave} now takes answers until {closes_on:%d %B %Y}.")
                return HttpResponseRedirect(page)
        context = {"title": f"Extend {wave}", "object": wave, "form": form, "submit": "Extend", "cancel": page}
        return self.show(request, "staff/form.html", context)

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The study's name, colour and logo on the pages of a wave."""
        require(request, MAY_CHANGE)
        wave = self.wanted(request, str(pk))
        page = reverse("admin:surveys_wave_change", args=[wave.pk])
        form = LookForm(request.POST or None, initial={name: getattr(wave, name) for name in LOOK})
        if request.method == "POST" and form.is_valid():
            try:
                set_look(wave=wave, **form.cleaned_data, by=staff_id(request), at=clock.now())
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"The pages of {wave} look so from now on.")
                return HttpResponseRedirect(page)
        context = {"title": f"Look of {wave}", "object": wave, "form": form, "submit": "Save", "cancel": page}
        return self.show(request, "staff/form.html", context)

"""The release ledger. Building one is asked for on the panel's job pages."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from outrush_site import clock
from outrush_site.admin_skin import PageAdmin, display, staff_id
from surveys.models import Release
from surveys.selectors.releases import file_of
from surveys.services.downloads import note_download


@admin.register(Release)
class ReleaseAdmin(PageAdmin):
    list_display = ["shown_waves", "shown_kind", "k", "n_rows", "built_at", "built_by"]
    list_filter = ["kind"]
    page_template = "staff/release.html"
    change_list_template = "staff/release_list.html"

    @display(description="Waves")
    def shown_waves(self, release: Release) -> str:
        return ", ".join(release.waves)

    @display(description="Kind", ordering="kind", label={"team": "warning", "scientific": "info", "public": "success"})
    def shown_kind(self, release: Release) -> str:
        return release.kind

    def get_urls(self) -> list[URLPattern]:
        file = self.admin_site.admin_view(self.file_view)
        return [path("<uuid:pk>/files/<str:name>", file, name="surveys_release_file"), *super().get_urls()]

    def page_context(self, request: HttpRequest, obj: Release) -> Mapping[str, Any]:
        # The seed would let its holder remake the row order and the ids: it is never shown.
        return {
            "report": _flat(obj.report),
            "recipe": _flat(obj.recipe),
            "files": [(name, digest, file_of(obj, name) is not None) for name, digest in sorted(obj.checksums.items())],
        }

    def file_view(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """One file of a release, byte for byte as the ledger has its checksum."""
        release = self.wanted(request, str(pk))
        file = file_of(release, name)
        if file is None:
            raise Http404
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != release.checksums[name]:
            messages.error(request, f"{name} is not the file that was built: its checksum differs. It isn't given out.")
            return HttpResponseRedirect(reverse("admin:surveys_release_change", args=[pk]))
        note_download(release=release, name=name, by=staff_id(request), at=clock.now())
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(data, content_type="application/octet-stream", headers=headers)


def _flat(document: Any, prefix: str = "") -> list[tuple[str, str]]:
    """A nested document as lines of `path: value`, for a table."""
    if isinstance(document, dict):
        return [
            line for key, value in document.items() for line in _flat(value, f"{prefix} › {key}" if prefix else key)
        ]
    if isinstance(document, list):
        if all(not isinstance(value, dict | list) for value in document):
            return [(prefix, ", ".join(str(value) for value in document))]
        return [line for number, value in enumerate(document, 1) for line in _flat(value, f"{prefix} {number}")]
    return [(prefix, str(document))]

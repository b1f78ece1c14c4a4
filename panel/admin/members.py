from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from outrush_site.admin_skin import PageAdmin
from panel.models import Member
from panel.models.member import MemberState
from panel.selectors.members import cohorts, members_by_state


@admin.register(Member)
class MemberAdmin(PageAdmin):
    """Members as counts alone: no list of them, no page of one, no address, no id, no search."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            "title": "Members",
            "members_by_state": members_by_state(),
            "states": [state.label for state in MemberState],
            "cohorts": cohorts(),
        }
        return self.show(request, "staff/members.html", context)

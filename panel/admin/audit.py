from django.contrib import admin

from outrush_site.admin_skin import PageAdmin
from panel.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(PageAdmin):
    """Who did what on the side of the panel. Read-only."""

    list_display = ["at", "by", "action", "subject"]
    list_display_links = None
    list_filter = ["action"]
    search_fields = ["subject", "by"]

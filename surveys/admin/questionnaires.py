from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest

from outrush_site.admin_skin import PageAdmin, display
from surveys.models import Questionnaire
from surveys.models.questionnaire import VersionState
from surveys.selectors.versions import versions


@admin.register(Questionnaire)
class QuestionnaireAdmin(PageAdmin):
    list_display = ["slug", "title", "n_versions", "published_number"]
    search_fields = ["slug", "title"]
    page_template = "staff/questionnaire.html"
    change_list_template = "staff/questionnaire_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Questionnaire]:
        is_published = Q(versions__state=VersionState.PUBLISHED)
        return (
            super()
            .get_queryset(request)
            .annotate(n_versions=Count("versions"), newest=Max("versions__number", filter=is_published))
        )

    @display(description="Versions", ordering="n_versions")
    def n_versions(self, questionnaire: Any) -> int:
        return questionnaire.n_versions

    @display(description="Published", ordering="newest")
    def published_number(self, questionnaire: Any) -> str:
        return f"version {questionnaire.newest}" if questionnaire.newest else "not yet"

    def page_context(self, request: HttpRequest, obj: Questionnaire) -> Mapping[str, Any]:
        return {"versions": versions().filter(questionnaire=obj), "title": obj.title}

"""The only module that knows which skin the staff's admin wears (django-unfold); admin modules import from here.

Besides the skin's classes it holds what all our admin pages share: they are read-only, they show an object on a page
of our own, and whatever changes something goes through a confirming form and a service.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms.renderers import BaseRenderer
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as CheckboxesInput
from unfold.widgets import UnfoldAdminFileFieldWidget as FileInput
from unfold.widgets import UnfoldAdminIntegerFieldWidget as NumberInput
from unfold.widgets import UnfoldAdminSelectWidget as SelectInput
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput
from unfold.widgets import UnfoldBooleanSwitchWidget as SwitchInput

__all__ = [
    "AdminPasswordChangeForm",
    "CheckboxesInput",
    "DateInput",
    "FileInput",
    "FilesInput",
    "ModelAdmin",
    "NumberInput",
    "PageAdmin",
    "SelectInput",
    "SwitchInput",
    "TextInput",
    "UserChangeForm",
    "UserCreationForm",
    "display",
    "environment",
    "require",
    "staff_id",
]


class DateInput(TextInput):
    """The browser's own date picker: it needs no script and knows the reader's language."""

    input_type = "date"


class FilesInput(FileInput):
    """Takes several files at once, drawn by the browser, which says how many: the skin's looks the same with none."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The skin's script writes the name of a chosen file into the first text field three elements further up."""
        drawn = super().render(name, value, dict(attrs or {}), renderer)
        return format_html('<div><div><div>{}</div><input type="text" disabled hidden></div></div>', drawn)


def environment(_: HttpRequest) -> list[str] | None:
    """The banner at the top of every page where this is no production site."""
    banners = {"trial": ["Trial: no second factor", "warning"], "test": ["Test", "info"]}
    return banners.get(settings.OUTRUSH_ENV)


def staff_id(request: HttpRequest) -> str:
    """Who acts, for audit rows: the user name, which accounts keep within 50 characters."""
    return request.user.get_username()


def require(request: HttpRequest, permission: str) -> None:
    """Raises PermissionDenied unless the person may do this."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


class PageAdmin(ModelAdmin):
    """Read-only: nothing is added, changed or deleted through the admin's own forms."""

    actions = None
    page_template = ""  # of one object; "" where there is no such page
    list_disable_select_all = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def page_context(self, request: HttpRequest, obj: Any) -> Mapping[str, Any]:
        """What the page of one object shows."""
        return {}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.page_template:
            raise Http404
        obj = self.wanted(request, object_id)
        context = {"object": obj, "title": str(obj), **self.page_context(request, obj)}
        return self.show(request, self.page_template, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit entries are the history."""
        raise Http404

    def wanted(self, request: HttpRequest, object_id: str) -> Any:
        """The object of the page. Raises Http404 where there is none, PermissionDenied where it isn't theirs to see."""
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if obj is None:
            raise Http404
        return obj

    def show(self, request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

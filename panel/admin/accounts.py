"""Staff accounts and groups, in the skin of the rest."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.core.validators import MaxLengthValidator

from outrush_site.admin_skin import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm

#: Audit rows keep the name of who acted, in this many characters.
MAX_NAME = 50

admin.site.unregister(User)
admin.site.unregister(Group)


class ShortName:
    """A form that refuses user names which an audit row couldn't hold whole."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.help_text = f"At most {MAX_NAME} letters, digits and @ . + - _"
        name.validators.append(MaxLengthValidator(MAX_NAME, f"At most {MAX_NAME} characters."))


class StaffCreationForm(ShortName, UserCreationForm):
    pass


class StaffChangeForm(ShortName, UserChangeForm):
    pass


@admin.register(User)
class UserAdmin(BaseUserAdmin, ModelAdmin):
    """No names and addresses of staff are needed: an account is a user name."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "groups"]
    search_fields = ["username"]
    ordering = ["username"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []


@admin.register(Group)
class GroupAdmin(BaseGroupAdmin, ModelAdmin):
    pass

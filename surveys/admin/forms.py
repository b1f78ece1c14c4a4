"""The forms of this app's staff pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_slug

from outrush_site.admin_skin import DateInput, FileInput, FilesInput, SwitchInput, TextInput
from surveys.services.versions import MAX_ATTACHMENTS_BYTES, MAX_WORKBOOK_BYTES


class FilesField(forms.FileField):
    """Several files. What is cleaned is a list of them, empty where none was chosen."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(one, initial) for one in data or []]


class ImportForm(forms.Form):
    """A workbook to be read as the next version of a questionnaire."""

    slug = forms.CharField(
        label="Questionnaire",
        max_length=50,
        validators=[validate_slug],
        widget=TextInput(attrs={"placeholder": "w2024", "autocomplete": "off"}),
        help_text="Short name of the questionnaire. A name that isn't taken yet starts a new questionnaire.",
    )
    workbook = forms.FileField(
        label="Workbook",
        widget=FileInput(attrs={"accept": ".xlsx,.xls"}),
        help_text="An XLSForm (.xlsx). It is checked first; nothing is stored if it has an error.",
    )
    attachments = FilesField(
        label="Files that it names",
        required=False,
        help_text="Pictures (PNG, JPEG, WebP, GIF), sounds (MP3, M4A, AAC, Ogg, WAV) and lists of choices (CSV), up "
        "to 20 MB together. What a file says about where and by whom it was made is taken out.",
    )
    publish = forms.BooleanField(
        label="Publish at once",
        required=False,
        widget=SwitchInput,
        help_text="Otherwise it stays a draft until you have looked it over.",
    )

    def clean_workbook(self) -> object:
        workbook = self.cleaned_data["workbook"]
        if workbook.size > MAX_WORKBOOK_BYTES:
            raise forms.ValidationError(f"At most {MAX_WORKBOOK_BYTES // 1_000_000} MB are read.")
        return workbook

    def clean_attachments(self) -> Mapping[str, UploadedFile]:
        """The files by name."""
        files: list[UploadedFile] = self.cleaned_data["attachments"]
        by_name = {file.name or "": file for file in files}
        if len(by_name) < len(files):
            raise forms.ValidationError("Two files of one name can't be told apart.")
        if sum(file.size or 0 for file in files) > MAX_ATTACHMENTS_BYTES:
            raise forms.ValidationError(f"At most {MAX_ATTACHMENTS_BYTES // 1_000_000} MB are read, all together.")
        return by_name


class LookForm(forms.Form):
    """How the pages of a wave look; blank is the site's own."""

    study_name = forms.CharField(label="Study name", max_length=100, required=False, widget=TextInput)
    accent = forms.CharField(
        label="Colour",
        required=False,
        widget=TextInput(attrs={"placeholder": "#17595f"}),
        help_text="As #rrggbb, dark enough for white text. By dark screens it is lightened by itself.",
    )
    logo = forms.CharField(
        label="Logo",
        required=False,
        widget=TextInput(attrs={"placeholder": "study/logo.svg"}),
        help_text="Path of a file among the static files. Without one pages load no image at all.",
    )


class ExtendForm(forms.Form):
    """The new last day of a wave."""

    closes_on = forms.DateField(
        label="Last day", widget=DateInput, help_text="People may take part until the end of this day."
    )

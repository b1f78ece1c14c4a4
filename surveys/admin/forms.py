"""The forms of this app's staff pages."""

from django import forms
from django.core.validators import validate_slug

from outrush_site.admin_skin import DateInput, FileInput, SwitchInput, TextInput
from surveys.services.versions import MAX_WORKBOOK_BYTES


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

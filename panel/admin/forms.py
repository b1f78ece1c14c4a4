"""Forms that ask the worker for something. Their `arguments` are what `panel/services/job_work.py` reads."""

import re
from typing import Any

from django import forms
from django.core.validators import validate_slug

from outrush_site import clock
from outrush_site.admin_skin import CheckboxesInput, DateInput, FileInput, NumberInput, SelectInput, TextInput
from panel.contactplan.plan import REMIND_AFTER_DAYS
from panel.models import ContactPlan
from surveys.selectors.versions import published_versions
from surveys.selectors.waves import waves

MAX_RECIPE_BYTES = 100_000
RELEASE_KINDS = [("scientific", "scientific"), ("public", "public")]


class OpenWaveForm(forms.Form):
    """Field a published version from one day to another."""

    slug = forms.CharField(
        label="Wave",
        max_length=50,
        validators=[validate_slug],
        widget=TextInput(attrs={"placeholder": "w2024", "autocomplete": "off"}),
        help_text="Short name of the wave. Later waves ask for its answers by this name.",
    )
    version = forms.ChoiceField(
        label="Questionnaire version", widget=SelectInput, help_text="Only published versions can be fielded."
    )
    opens_on = forms.DateField(label="First day", widget=DateInput)
    closes_on = forms.DateField(label="Last day", widget=DateInput, help_text="Included, in the study's time zone.")
    remind_after = forms.IntegerField(
        label="Reminder after",
        initial=REMIND_AFTER_DAYS,
        min_value=0,
        max_value=365,
        widget=NumberInput,
        help_text="Days from the first day, to those who have not completed by then. 0 sends none.",
    )
    sources = forms.CharField(
        label="Sources",
        required=False,
        widget=TextInput(attrs={"placeholder": "telegram partner-a", "autocomplete": "off"}),
        help_text="One open recruitment link is made for each, for new people. Short names with spaces between.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(version), f"{version} – {version.title}") for version in published_versions()]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        wave = waves().filter(slug=slug).first()
        # One that is open and has no plan was cut off half way: asked for again, it is finished.
        if wave and (wave.closed_on or ContactPlan.objects.filter(wave=slug).exists()):
            raise forms.ValidationError("There is a wave of this name already.")
        return slug

    def clean_sources(self) -> list[str]:
        sources = [source for source in re.split(r"[\s,;]+", self.cleaned_data["sources"]) if source]
        for source in sources:
            validate_slug(source)
        return list(dict.fromkeys(sources))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        opens_on, closes_on = data.get("opens_on"), data.get("closes_on")
        if opens_on and closes_on and closes_on < opens_on:
            self.add_error("closes_on", "The last day is before the first.")
        if closes_on and closes_on < clock.today():
            self.add_error("closes_on", "The last day has passed.")
        return data

    @property
    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "slug": data["slug"],
            "questionnaire": data["version"],
            "opens_on": data["opens_on"].isoformat(),
            "closes_on": data["closes_on"].isoformat(),
            "remind_after": data["remind_after"],
            "sources": data["sources"],
        }


class ReleaseForm(forms.Form):
    """Build anonymised files of one or more waves."""

    waves = forms.MultipleChoiceField(label="Waves", widget=CheckboxesInput)
    kind = forms.ChoiceField(label="Kind", choices=RELEASE_KINDS, widget=SelectInput)
    k = forms.IntegerField(
        label="k",
        initial=5,
        min_value=3,
        max_value=100,
        widget=NumberInput,
        help_text="At least so many people share every combination of identifying values.",
    )
    recipe = forms.FileField(
        label="Recipe",
        required=False,
        widget=FileInput(attrs={"accept": ".toml,text/plain"}),
        help_text="A .toml file that says how identifying items are made coarser. Without one they are all left out.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(wave.slug, f"{wave.slug} ({wave.get_state_display()})") for wave in waves()]
        self.fields["waves"].choices = choices  # type: ignore[attr-defined]

    def clean_recipe(self) -> str:
        file = self.cleaned_data["recipe"]
        if not file:
            return ""
        if file.size > MAX_RECIPE_BYTES:
            raise forms.ValidationError("This is too long for a recipe.")
        try:
            return str(file.read(), "utf-8")
        except UnicodeDecodeError:
            raise forms.ValidationError("This is not a text file.") from None

    @property
    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "waves": sorted(data["waves"]),
            "kind": data["kind"],
            "k": data["k"],
            "recipe": data["recipe"].replace("\x00", ""),
        }

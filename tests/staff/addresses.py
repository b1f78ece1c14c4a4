"""Every address of the admin, with the objects of the small study filled in."""

from collections.abc import Iterator

from django.contrib.auth.models import Group, User
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from surveys.models import AuditEntry
from tests.staff.study import Study


def names() -> set[str]:
    """The names of all addresses below /admin/."""
    return {pattern.name for pattern in _patterns(get_resolver().url_patterns) if pattern.name}


def _patterns(entries: list[URLPattern | URLResolver], inside: bool = False) -> Iterator[URLPattern]:
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, inside or entry.namespace == "admin")
        elif inside:
            yield entry


def address(name: str, study: Study) -> str:
    """The address of that name, for an object of the study where it wants one."""
    for arguments in _arguments(name, study):
        return reverse(f"admin:{name}", args=arguments)
    return reverse(f"admin:{name}")


SPECIAL = {
    "app_list": ["surveys"],
    "panel_contactplan_of_wave": ["w2024"],
    "panel_job_close_wave": ["w2024"],
    "view_on_site": [1, "x"],
}
WITHOUT_OBJECT = ("changelist", "add", "import", "open_wave", "build_release")


def _arguments(name: str, study: Study) -> Iterator[list[object]]:
    if name in SPECIAL:
        yield SPECIAL[name]
        return
    app, _, rest = name.partition("_")
    model, _, view = rest.partition("_")
    if not view or view in WITHOUT_OBJECT:
        return
    objects = {
        "surveys_questionnaire": study.version.questionnaire_id,
        "surveys_questionnaireversion": study.draft.pk,
        "surveys_wave": study.wave.pk,
        "surveys_release": study.release.pk,
        "surveys_auditentry": AuditEntry.objects.first().pk,
        "panel_auditentry": 1,
        "panel_contactplan": study.plan.pk,
        "panel_job": study.job.pk,
        "panel_member": study.member_id,
        "auth_user": User.objects.first().pk,
        "auth_group": Group.objects.get_or_create(name="field office")[0].pk,
    }
    key = f"{app}_{model}"
    if key in objects:
        yield [objects[key], "data.csv"] if name == "surveys_release_file" else [objects[key]]

"""How the staff's admin looks: the settings of django-unfold. Callables are named, since settings import nothing."""

from typing import Any

from django.utils.functional import lazy


def _url(name: str) -> Any:
    def resolve() -> str:
        from django.urls import reverse  # noqa: PLC0415  (settings are read before the addresses exist)

        return reverse(f"admin:{name}")

    return lazy(resolve, str)()


def _static(path: str) -> Any:
    def resolve(_: object) -> str:
        from django.templatetags.static import static  # noqa: PLC0415  (as above)

        return static(path)

    return resolve


def _entry(title: str, icon: str, model: str) -> dict[str, Any]:
    app, name = model.split(".")

    def may_see(request: Any) -> bool:
        return bool(request.user.has_perm(f"{app}.view_{name}"))

    return {"title": title, "icon": icon, "link": _url(f"{app}_{name}_changelist"), "permission": may_see}


def unfold_settings(study_name: str) -> dict[str, Any]:
    """The value of the setting UNFOLD."""
    return {
        "SITE_TITLE": study_name,
        "SITE_HEADER": study_name,
        "SITE_SUBHEADER": "Panel survey",
        "SITE_SYMBOL": "hub",
        "SITE_URL": None,
        "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("staff/icon.svg")}],
        "SHOW_HISTORY": False,
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_BACK_BUTTON": True,
        "ENVIRONMENT": "outrush_site.admin_skin.environment",
        "DASHBOARD_CALLBACK": "panel.admin.dashboard.fill",
        "STYLES": [_static("staff/staff.css")],
        "BORDER_RADIUS": "6px",
        "COLORS": {"primary": PRIMARY},
        "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
    }


NAVIGATION = [
    {"items": [{"title": "Overview", "icon": "dashboard", "link": _url("index")}]},
    {
        "title": "What is asked",
        "items": [
            _entry("Questionnaires", "description", "surveys.questionnaire"),
            _entry("Versions", "history", "surveys.questionnaireversion"),
        ],
    },
    {
        "title": "Fieldwork",
        "items": [
            _entry("Waves", "waves", "surveys.wave"),
            _entry("Contact plans", "outgoing_mail", "panel.contactplan"),
            _entry("Members", "groups", "panel.member"),
        ],
    },
    {
        "title": "Results",
        "items": [
            _entry("Releases", "inventory_2", "surveys.release"),
            _entry("Jobs", "pending_actions", "panel.job"),
        ],
    },
    {
        "title": "Office",
        "collapsible": True,
        "items": [
            _entry("Staff accounts", "badge", "auth.user"),
            _entry("Groups", "shield_person", "auth.group"),
            _entry("Audit: answers", "fact_check", "surveys.auditentry"),
            _entry("Audit: panel", "checklist", "panel.auditentry"),
        ],
    },
]

#: A calm teal; text on 600 and darker is white with a contrast above 4.5.
PRIMARY = {
    "50": "oklch(98.4% .014 180.7)",
    "100": "oklch(95.3% .051 180.8)",
    "200": "oklch(91% .096 180.4)",
    "300": "oklch(85.5% .138 181.1)",
    "400": "oklch(77.7% .152 181.9)",
    "500": "oklch(60% .118 184.7)",
    "600": "oklch(51.1% .096 186.4)",
    "700": "oklch(43.7% .078 188.2)",
    "800": "oklch(38.6% .063 188.4)",
    "900": "oklch(31% .05 188.4)",
    "950": "oklch(27.7% .046 192.5)",
}

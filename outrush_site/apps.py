from django.apps import AppConfig
from django.conf import settings


class SiteConfig(AppConfig):
    name = "outrush_site"
    verbose_name = "OutRush site"

    def ready(self) -> None:
        from outrush_site import checks  # noqa: F401, PLC0415  (registers the start-up checks)

        if settings.HAS_PANEL:  # the public role has no broker and never loads Celery
            from outrush_site import celery  # noqa: F401, PLC0415  (tasks bind to the application that is loaded)

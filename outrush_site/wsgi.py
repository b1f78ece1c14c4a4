"""The web process of the public and staff roles. Refuses to start where a check fails."""

import os

from django.core.wsgi import get_wsgi_application

from outrush_site.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outrush_site.settings")
application = get_wsgi_application()
refuse_unsafe_start()

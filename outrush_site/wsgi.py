"""The web process of the public and staff roles. Refuses to start where a check fails."""

import os

import django

from outrush_site.checks import refuse_unsafe_start
from outrush_site.requests import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outrush_site.settings")
django.setup(set_prefix=False)
application = Application()
refuse_unsafe_start()

"""Both, for commands, the worker (which writes links into mails) and tests."""

from outrush_site.urls_public import urlpatterns as public
from outrush_site.urls_staff import urlpatterns as staff

urlpatterns = [*public, *staff[1:]]

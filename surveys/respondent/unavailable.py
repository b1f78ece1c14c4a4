"""What respondents see while the database can't be used, or while the operator has closed the site for work."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from surveys.respondent import languages, posted
from surveys.respondent.pages import show, typed_by

logger = logging.getLogger(__name__)
RETRY_AFTER = 60  # seconds
#: Mails' own stop links: a mail program that got a 503 from one may never try again.
OPEN_ALWAYS = "/u/"


class Unavailable:
    """Answers 503 with a calm page in place of an error. Whatever was typed goes back, to be sent again from there.

    Our script takes a 503 for being offline: it keeps what was entered and tries again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_closed = settings.IS_UNDER_MAINTENANCE and not request.path.startswith(OPEN_ALWAYS)
        return unavailable(request) if is_closed else self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, (OperationalError, InterfaceError)):
            return None
        logger.error("The database could not be used: %s.", type(exception.__cause__ or exception).__name__)
        return unavailable(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The same for every address, good links and wrong ones."""
    if posted.is_by_script(request):
        response = HttpResponse(status=503)
    else:
        context = {"typed": typed_by(request), "address": request.path, "is_shown": request.method == "GET"}
        response = show("unavailable", context, language=languages.of_visitor(request), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response

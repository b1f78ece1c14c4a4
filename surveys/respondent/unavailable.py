"""What respondents see while the database can't be used, or while the operator has closed the site for work."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from psycopg.errors import ReadOnlySqlTransaction

from surveys.respondent import languages, posted
from surveys.respondent.pages import sent_again, show

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
        if not _is_away(exception):
            return None
        logger.error("The database could not be used: %s.", type(exception.__cause__ or exception).__name__)
        return unavailable(request)


def _is_away(exception: Exception) -> bool:
    """Whether the database can't be used, or not be written to, as a standby can't before it takes over."""
    is_read_only = isinstance(exception, InternalError) and isinstance(exception.__cause__, ReadOnlySqlTransaction)
    return is_read_only or isinstance(exception, (OperationalError, InterfaceError))


def unavailable(request: HttpRequest) -> HttpResponse:
    """The same for every address, good links and wrong ones."""
    if posted.is_by_script(request):
        response = HttpResponse(status=503)
    else:
        context = {**sent_again(request), "is_shown": request.method == "GET"}
        response = show("unavailable", context, language=languages.of_visitor(request), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response

"""Answers whose time must not tell why they are what they are.

A link that was never given and one that is closed cost the database a few microseconds more or less, which two
thousand tries on a quiet line can tell apart. So such an answer goes out at a set time after its question came in.
"""

import time
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

#: Seconds; several times what the work takes, and too little for anyone to notice.
AFTER = 0.01

View = Callable[..., HttpResponse]


def evened(view: View) -> View:
    """The view, whose 404 answers all take the same time."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        began = time.monotonic()
        response = view(request, *args, **kwargs)
        if response.status_code == 404:
            time.sleep(max(0.0, began + AFTER - time.monotonic()))
        return response

    return answer

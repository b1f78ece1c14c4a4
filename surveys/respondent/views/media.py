"""Pictures and sounds of the questionnaire that someone is answering.

They need the cookie of an interview whose version shows them, so no address says anything to anyone else: a file of
another wave or of a draft, one that was never there, and no cookie get the same answer. Like every page they aren't
kept by the browser: which picture was loaded may say what was answered before it.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from outrush_site import clock
from surveys.instrument.media import CONTENT_TYPES
from surveys.respondent import cookie, ranges
from surveys.selectors.media import media_of_interview


@require_safe
def media(request: HttpRequest, file: str) -> HttpResponse:
    sitting = cookie.read(request, clock.now())
    found = media_of_interview(sitting.interview_id, file) if sitting else None
    if found is None:
        return HttpResponse(status=404)
    data = bytes(found.data)
    part = ranges.wanted(request.headers.get("Range", ""), len(data))
    if part is None:
        return _answer(data, found.ending, 200)
    if not part:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    answer = _answer(data[part.start : part.stop], found.ending, 206)
    answer["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return answer


def _answer(data: bytes, ending: str, status: int) -> HttpResponse:
    headers = {"Accept-Ranges": "bytes"}
    return HttpResponse(data, status=status, content_type=CONTENT_TYPES[ending], headers=headers)

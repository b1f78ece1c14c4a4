"""Headers that every response carries: pages, errors, redirects and static files."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PUBLIC_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The staff skin (Alpine) evaluates expressions and sets inline styles; respondents' pages never get this policy.
STAFF_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-eval'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), interest-cohort=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


class SecurityHeaders:
    """What Django's own SecurityMiddleware doesn't set. Nothing may be kept by a cache but the static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_staff_page = settings.HAS_PANEL and request.path.startswith("/admin/")
        response.setdefault("Content-Security-Policy", STAFF_POLICY if is_staff_page else PUBLIC_POLICY)
        response.setdefault("Cache-Control", "no-store")
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        if not response.streaming:  # else it goes out in chunks, which costs more than the page is long
            response.setdefault("Content-Length", str(len(response.content)))
            if request.method == "HEAD":
                response.content = b""  # else the web server says in its log that somebody asked, and when
        return response

"""Headers of every response, whatever its status."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from outrush_site.middleware import PUBLIC_POLICY, STAFF_POLICY


def good(request: HttpRequest) -> HttpResponse:
    return HttpResponse("good")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


def moved(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": "/good"})


urlpatterns = [
    path("good", good),
    path("broken", broken),
    path("moved", moved),
    path("admin/good", good),
    path("admin/broken", broken),
]

SNAPSHOT = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), interest-cohort=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.mark.parametrize(
    ("address", "status", "policy"),
    [
        ("/good", 200, PUBLIC_POLICY),
        ("/broken", 500, PUBLIC_POLICY),
        ("/moved", 302, PUBLIC_POLICY),
        ("/nowhere", 404, PUBLIC_POLICY),
        ("/administration", 404, PUBLIC_POLICY),
        ("/admin/good", 200, STAFF_POLICY),
        ("/admin/broken", 500, STAFF_POLICY),
        ("/admin/nowhere", 404, STAFF_POLICY),
    ],
)
def test_every_response_carries_all_headers(address: str, status: int, policy: str) -> None:
    response = Client(raise_request_exception=False).get(address)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in SNAPSHOT} == SNAPSHOT
    assert response.headers["Content-Security-Policy"] == policy


def test_the_policy_of_respondents_pages_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    directives = dict(part.strip().split(" ", 1) for part in PUBLIC_POLICY.split(";"))
    assert directives["default-src"] == "'none'"
    assert set(directives.values()) == {"'none'", "'self'"}

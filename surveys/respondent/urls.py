"""Addresses of the respondents' pages. Only `/w/`, `/r/` and `/u/` carry a secret, and no page of `/i/` does."""

from django.urls import URLPattern, path

from surveys.respondent.views import exits, interview, start

urlpatterns: list[URLPattern] = [
    path("", start.home, name="home"),
    path("w/<str:link>", start.start, name="start"),
    path("w/<str:link>/stop", exits.leave_by_link, {"kind": "stop"}, name="stop"),
    path("w/<str:link>/erase", exits.leave_by_link, {"kind": "erase"}, name="erase"),
    path("r/<str:code>", start.start_open, name="start_open"),
    path("u/<str:letters>", exits.stop_mail, name="stop_mail"),
    path("i/", interview.current, name="current"),
    path("i/stop", exits.leave_by_cookie, {"kind": "stop"}, name="stop_here"),
    path("i/erase", exits.leave_by_cookie, {"kind": "erase"}, name="erase_here"),
    path("i/<str:name>/", interview.page, name="page"),
]

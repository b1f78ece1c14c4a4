"""Addresses of the respondents' pages. Only `/w/`, `/r/` and `/u/` carry a secret, and no page of `/i/` does."""

from django.urls import URLPattern, path

from surveys.respondent.limits import limited
from surveys.respondent.views import exits, interview, leaving, review, start

urlpatterns: list[URLPattern] = [
    path("", start.home, name="home"),
    path("w/<str:link>", limited(start.start), name="start"),
    path("w/<str:link>/stop", limited(exits.leave_by_link), {"kind": "stop"}, name="stop"),
    path("w/<str:link>/erase", limited(exits.leave_by_link), {"kind": "erase"}, name="erase"),
    path("r/<str:code>", limited(start.start_open), name="start_open"),
    path("u/<str:letters>", limited(exits.stop_mail), name="stop_mail"),
    path("i/", interview.current, name="current"),
    path("i/stop", limited(exits.leave_by_cookie), {"kind": "stop"}, name="stop_here"),
    path("i/erase", limited(exits.leave_by_cookie), {"kind": "erase"}, name="erase_here"),
    path("i/review", review.review, name="review"),
    path("i/copy", review.copy, name="copy"),
    path("leave", leaving.leave, name="leave"),
    path("away", leaving.away, name="away"),
    path("favicon.ico", leaving.no_icon, name="no_icon"),
    path("look/<str:accent>.css", leaving.look, name="look"),
    path("i/<str:name>/", interview.page, name="page"),
]

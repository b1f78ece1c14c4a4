"""Addresses of the respondents' pages. Only `/w/`, `/r/`, `/u/` and `/c/` carry a secret, and no page of `/i/` does."""

from django.urls import URLPattern, path

from surveys.respondent.limits import limited, limited_strictly
from surveys.respondent.views import exits, interview, joining, leaving, media, returning, review, start

urlpatterns: list[URLPattern] = [
    path("", start.home, name="home"),
    path("w/<str:link>", limited(start.start), name="start"),
    path("w/<str:link>/stop", limited(exits.leave_by_link), {"kind": "stop"}, name="stop"),
    path("w/<str:link>/erase-contact", limited(exits.leave_by_link), {"kind": "erase_contact"}, name="erase_contact"),
    path("w/<str:link>/erase", limited(exits.leave_by_link), {"kind": "erase"}, name="erase"),
    path("r/<str:code>", limited(start.start_open), name="start_open"),
    path("u/<str:letters>", limited(exits.stop_mail), name="stop_mail"),
    path("c/<str:letters>", limited(joining.confirm), name="confirm"),
    path("return", limited(returning.come), name="return"),
    path("i/", interview.current, name="current"),
    path("i/stop", limited(exits.leave_by_cookie), {"kind": "stop"}, name="stop_here"),
    path("i/erase-contact", limited(exits.leave_by_cookie), {"kind": "erase_contact"}, name="erase_contact_here"),
    path("i/erase", limited(exits.leave_by_cookie), {"kind": "erase"}, name="erase_here"),
    path("i/review", review.review, name="review"),
    path("i/copy", review.copy, name="copy"),
    path("i/opt-in", limited_strictly(joining.opt_in), name="opt_in"),
    path("i/opted-in", joining.opted_in, name="opted_in"),
    path("i/phrase", limited(returning.phrase), name="phrase"),
    path("i/welcome", returning.welcome, name="welcome"),
    path("leave", leaving.leave, name="leave"),
    path("away", leaving.away, name="away"),
    path("favicon.ico", leaving.no_icon, name="no_icon"),
    path("look/<str:accent>.css", leaving.look, name="look"),
    path("m/<str:file>", media.media, name="media"),
    path("i/<path:name>/", interview.page, name="page"),  # of a repeat's entries: i/<page>/<entry>/
]

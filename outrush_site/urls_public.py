"""Respondents' pages: all that the public role serves."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include("surveys.respondent.urls"))]

"""Showing a page of ours. No request goes in, so that no template can reach a session, an account or an address."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import translation
from django.utils.encoding import escape_uri_path

from surveys.respondent import languages, tokens
from surveys.respondent.languages import Language
from surveys.respondent.look import NO_LOOK
from surveys.respondent.posted import EMAIL, PHRASE


def show(template: str, context: dict[str, Any], *, language: Language, status: int = 200) -> HttpResponse:
    with translation.override(language.interface):
        page = (
            engines["respondent"]
            .get_template(f"respondent/{template}.html")
            .render({"look": NO_LOOK, "language": language, **context})
        )
    return HttpResponse(page, status=status)


def see_other(address: str) -> HttpResponse:
    """After a POST: what is shown next is fetched anew, so that reloading posts nothing twice."""
    return HttpResponse(status=303, headers={"Location": address})


def ask_for_link(request: HttpRequest) -> HttpResponse:
    """For someone whose sitting is over or never began: a personal link or six words let them on."""
    return show("ask_for_link", sent_again(request), language=languages.of_visitor(request), status=403)


def refuse(request: HttpRequest, *, may_continue: bool = False) -> HttpResponse:
    """A POST from elsewhere, or from a page that was made for another link or sitting. Nothing has happened."""
    context = {**sent_again(request), "may_continue": may_continue}
    return show("refused", context, language=languages.of_visitor(request), status=403)


def sent_again(request: HttpRequest) -> dict[str, Any]:
    """What a page needs that gives back what was typed, to be sent again or copied (parts/send_again.html)."""
    # An address that begins with two slashes is another host's.
    address = "/" + escape_uri_path(request.path).lstrip("/")
    return {"typed": typed_by(request), "address": address}


def typed_by(request: HttpRequest) -> list[tuple[str, str]]:
    """All that a page of ours has posted, to be sent again as it is; [] where nothing that was typed is among it."""
    if request.method != "POST" or tokens.is_foreign(request):
        return []
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    return typed if any(_is_typed(name) for name, _ in typed) else []


def _is_typed(name: str) -> bool:
    return not name.startswith("-") or name in {EMAIL, PHRASE}

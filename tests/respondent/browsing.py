"""A respondent's browser without a script: it fetches pages, fills their controls and presses their buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

Values = Mapping[str, str | Sequence[str]]


@dataclass
class Form:
    action: str
    values: dict[str, list[str]] = field(default_factory=dict)  # what it would send without any button
    buttons: list[tuple[str, str]] = field(default_factory=list)  # (name, value) in order

    @property
    def items(self) -> dict[str, list[str]]:
        return {name: values for name, values in self.values.items() if not name.startswith("-")}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = Form(has.get("action", ""))
            self.forms.append(self._form)
        if self._form is None:
            return
        name = has.get("name", "")
        if tag == "input" and name and (has.get("type") not in {"radio", "checkbox"} or "checked" in has):
            self._add(name, has.get("value", ""))
        elif tag == "select":
            self._select = name
            self._add(name, "")
        elif tag == "option" and self._select and "selected" in has:
            self._form.values[self._select][-1] = has.get("value", "")
        elif tag == "textarea":
            self._area = name
            self._add(name, "")
        elif tag == "button":
            self._form.buttons.append((name, has.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.values[self._area][-1] += data.removeprefix("\n")

    def _add(self, name: str, value: str) -> None:
        assert self._form is not None
        self._form.values.setdefault(name, []).append(value)


@dataclass(frozen=True)
class Shown:
    """A page as it came back."""

    response: Any
    path: str

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def html(self) -> str:
        return str(self.response.content.decode())

    @property
    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.html)
        return parser.forms

    def form(self, ending: str = "") -> Form:
        """The first form, or the first whose action ends so."""
        return next(form for form in self.forms if form.action.endswith(ending))

    @property
    def values(self) -> dict[str, list[str]]:
        """What the page's form holds for the items."""
        return self.form().items


class Visitor:
    """One browser: its cookies, its language, and the page it is on."""

    def __init__(self, client: Client, language: str) -> None:
        self.client = client
        self.language = language
        self.page: Shown

    def get(self, path: str) -> Shown:
        response = self.client.get(path, HTTP_ACCEPT_LANGUAGE=self.language)
        while response.status_code in {302, 303}:
            path = response["Location"].partition("#")[0]
            response = self.client.get(path, HTTP_ACCEPT_LANGUAGE=self.language)
        self.page = Shown(response, path)
        return self.page

    def post(self, path: str, data: Values, **headers: str) -> Shown:
        sent = {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ACCEPT_LANGUAGE": self.language, **headers}
        response = self.client.post(path, dict(data), **sent)
        if response.status_code == 303:
            return self.get(response["Location"].partition("#")[0])
        self.page = Shown(response, path)
        return self.page

    def send(self, form: Form, values: Values | None = None, button: tuple[str, str] | None = None) -> Shown:
        """Press a button of a form after filling in some of its controls."""
        data: dict[str, Any] = {**form.values, **(values or {})}
        if button and button[0]:
            data[button[0]] = button[1]
        return self.post(form.action or self.page.path, data)

    def take_part(self, link: str, language: str = "en") -> Shown:
        self.get(f"/w/{link}?lang={language}")
        return self.send(self.page.form())

    def finish(self, values: Values | None = None) -> Shown:
        """Answer the last page, if values are given, and press "Finish" on the page that shows every answer."""
        if values is not None:
            self.answer(values)
        assert self.page.path == "/i/review"
        return self.finish_from_here()

    def finish_from_here(self) -> Shown:
        return self.send(self.page.form(), button=("-move", "finish"))

    def answer(self, values: Values | None = None, move: str = "next") -> Shown:
        """Fill in the page and press one of its buttons."""
        return self.send(self.page.form(), values, ("-move", move))

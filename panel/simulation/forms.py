"""The forms of a page, as a browser without scripts would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """`values` is what it would send as it stands, without any button; `controls` are the names of all its controls."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    controls: set[str] = field(default_factory=set)


def forms_of(html: str) -> list[Form]:
    parser = _Forms()
    parser.feed(html)
    return parser.forms


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
        elif tag == "option":
            if self._select and "selected" in has:
                self._put(self._select, has.get("value", ""))
        elif tag in {"input", "select", "textarea"} and has.get("name") and "disabled" not in has:
            self._control(tag, has)

    def _control(self, tag: str, has: dict[str, str]) -> None:
        name = has["name"]
        if self._form is not None:
            self._form.controls.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
        elif has.get("type") not in {"radio", "checkbox", "submit"} or "checked" in has:
            self._put(name, has.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and data.strip():
            self._put(self._area, data.removeprefix("\n"))

    def _put(self, name: str, value: str) -> None:
        if self._form is not None:
            self._form.values.setdefault(name, []).append(value)

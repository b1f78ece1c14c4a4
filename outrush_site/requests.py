"""How requests are read: as UTF-8, which our pages are in, and whole or not at all."""

import codecs
from typing import IO, Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class WholeBody:
    """The body of a request. A form of which half has come would take away what stands in its other half."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.readline = stream.readline

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, which Django never asks for more of than were announced. Raises BadRequest."""
        try:
            data = self._stream.read(size)
        except OSError:
            data = b""
        if len(data) < size:
            raise BadRequest("The connection was lost before all of the request had come.")
        return data


class Request(WSGIRequest):
    """A request whose `encoding` nobody outside can choose.

    Python has codecs that fail on whatever they are given, some of them before any page of ours could say so. So do
    some content types, which are then read as none.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        environ["wsgi.input"] = WholeBody(environ["wsgi.input"])
        environ["CONTENT_TYPE"] = _readable(environ.get("CONTENT_TYPE", ""))
        super().__init__(environ)

    @property
    def encoding(self) -> str | None:
        return None  # that is, the default

    @encoding.setter
    def encoding(self, value: str) -> None:
        pass


def _readable(content_type: str) -> str:
    """The same, or "" for one that Django would raise at."""
    try:
        _, parameters = parse_header_parameters(content_type)
        codecs.lookup(parameters.get("charset", "utf-8"))
    except LookupError:  # an unknown charset, which Django passes over
        return content_type
    except ValueError:
        return ""
    return content_type


class Application(WSGIHandler):
    request_class = Request

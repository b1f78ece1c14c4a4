"""How requests are read: as UTF-8, which our pages are in, and whole or not at all."""

from typing import IO, Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


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
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)
        except ValueError:
            meta["CONTENT_TYPE"] = ""
            super()._set_content_type_params(meta)

    @property
    def encoding(self) -> str | None:
        return None  # that is, the default

    @encoding.setter
    def encoding(self, value: str) -> None:
        pass


class Application(WSGIHandler):
    request_class = Request

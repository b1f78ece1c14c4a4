"""A TCP proxy that loses what a bad connection loses: the request, or the reply to it after the server has done it."""

import socket
import threading
from enum import Enum
from types import TracebackType
from typing import Self


class Cut(Enum):
    NOTHING = "nothing"
    REQUEST = "request"  # the server never hears of it
    HALF_REQUEST = "half of the request"  # the server waits for the rest of what is posted, which never comes
    REPLY = "reply"  # the server has answered, and the browser hears nothing
    HALF_REPLY = "half of the reply"


class CuttingProxy:
    """Passes connections on to a port of this machine; `cut` says what is lost from now on."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.cut = Cut.NOTHING
        self.n_lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._pass_on, args=(browser,), daemon=True).start()

    def _pass_on(self, browser: socket.socket) -> None:
        """One request and its answer: the client opens a connection for each."""
        with browser:
            request = _whole_request(browser)
            if self.cut is Cut.REQUEST:
                self.n_lost += 1
                return
            with socket.create_connection(("127.0.0.1", self._to)) as server:
                request = request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
                server.sendall(_without_half_of_its_body(request) if self.cut is Cut.HALF_REQUEST else request)
                if self.cut is Cut.HALF_REQUEST:
                    server.shutdown(socket.SHUT_WR)
                reply = b"".join(iter(lambda: server.recv(65_536), b""))
            if self.cut is Cut.NOTHING:
                browser.sendall(reply)
            else:
                self.n_lost += 1
                browser.sendall(reply[: len(reply) // 2] if self.cut is Cut.HALF_REPLY else b"")


def _whole_request(browser: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += browser.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += browser.recv(65_536)
    return head + b"\r\n\r\n" + body


def _without_half_of_its_body(request: bytes) -> bytes:
    head, blank, body = request.partition(b"\r\n\r\n")
    return head + blank + body[: len(body) // 2]

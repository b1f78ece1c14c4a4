"""A plain HTTP client that `Visitor` (tests/respondent/browsing.py) can drive against real processes.

Unlike Django's test client it goes through sockets, so that a connection can be cut and a server be gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def __getitem__(self, name: str) -> str:
        return self.headers[name]


class HttpClient:
    """One browser: its cookies, and an address on this machine that it comes from. Each request has a connection."""

    def __init__(self, port: int, address: str = "127.0.0.1", agent: str = "") -> None:
        self.port, self.address, self.agent = port, address, agent
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, headers)

    def head(self, path: str, **headers: str) -> Answer:
        return self.send("HEAD", path, None, headers)

    def post(self, path: str, data: Mapping[str, Any], **headers: str) -> Answer:
        return self.send("POST", path, urlencode(data, doseq=True), headers)

    def send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        """Raises OSError or HTTPException where no answer comes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(self.address, 0))
        try:
            connection.request(method, path, body, self._headers(headers, has_body=body is not None))
            response = connection.getresponse()
            answer = Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return answer

    def _headers(self, given: Mapping[str, str], *, has_body: bool) -> dict[str, str]:
        """`HTTP_ACCEPT_LANGUAGE` and the like are what Django's test client calls them."""
        headers = {name.removeprefix("HTTP_").replace("_", "-").title(): value for name, value in given.items()}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if has_body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.agent:
            headers["User-Agent"] = self.agent
        return headers

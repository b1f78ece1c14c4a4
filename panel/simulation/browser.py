"""Fetching and sending: cookies are kept, redirects followed, and no other machine is ever contacted."""

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from panel.simulation.forms import Form, forms_of

SECONDS = 30


class NotLocal(Exception):
    """An address outside this machine."""


class Unreachable(Exception):
    """Nobody answers at an address. The message names host and port, never the path, which may hold a secret."""


@dataclass(frozen=True)
class Shown:
    """A page as it came back. `address` may hold a link's secret until the interview has begun: it is never printed."""

    status: int
    address: str = field(repr=False)
    html: str = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @cached_property
    def forms(self) -> list[Form]:
        return forms_of(self.html)


def check_local(address: str) -> None:
    """Raises NotLocal unless the address is plain HTTP on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
        raise NotLocal(f"Only this machine is contacted (http://127.0.0.1:PORT), not {parts.scheme}://{parts.netloc}.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _LocalRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        check_local(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Browser:
    """One browser: its cookies, and the page it is on."""

    def __init__(self) -> None:
        # Without proxies: a proxy of the environment would be another machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(), _LocalRedirects()
        )

    def get(self, address: str) -> Shown:
        return self._fetch(address, None)

    def send(self, page: Shown, form: Form, values: Mapping[str, Sequence[str]]) -> Shown:
        """Send a form of the page with these values in place of its own."""
        data = urlencode({**form.values, **values}, doseq=True).encode()
        return self._fetch(urljoin(page.address, form.action), data)

    def _fetch(self, address: str, data: bytes | None) -> Shown:
        check_local(address)
        request = urllib.request.Request(address, data)  # noqa: S310  (checked above: http on this machine)
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                return Shown(response.status, response.url, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Shown(error.code, error.url or address, error.read().decode(errors="replace"))
        except (urllib.error.URLError, HTTPException, OSError):
            raise Unreachable(f"Nobody answers at {urlsplit(address).netloc}. Is the site running?") from None

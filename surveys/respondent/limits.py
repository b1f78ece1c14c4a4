"""How often one network may open links and use exits, so that a flood doesn't keep others from answering.

Nothing of it is ever stored or logged. A network is known to this process alone, as a digest under a key that is made
when the process starts and again each day, and its count goes when the window of time ends. Saving a page is never
limited, and neither is a mobile carrier's one address for thousands: the limit is far above what people do.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from outrush_site import clock
from surveys.respondent import languages
from surveys.respondent.pages import sent_again, show

WINDOW = 600  # seconds
#: A group chat of a thousand that opens a link and takes part behind one address stays below it.
MOST = 3_000
#: Addresses that mail may be asked for: whoever tries to have us write to strangers gets no further.
MOST_ADDRESSES = 100
KEY_LASTS = 86_400  # seconds
#: More networks than this in one window are no respondents; they are forgotten rather than kept in memory.
MOST_NETWORKS = 100_000
#: The smallest network that one IPv6 visitor is given.
IPV6_PREFIX = 64

View = Callable[..., HttpResponse]


class Limiter:
    """Counts by network in fixed windows of time. Safe for threads."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._lock = Lock()
        self._key = b""
        self._day = self._window = -1  # numbers of those that the key and the counts are of
        self._counts: dict[bytes, int] = {}

    def is_too_often(self, network: str, now: datetime) -> bool:
        """Count one more from this network; whether that is more than it may."""
        with self._lock:
            self._forget_what_is_over(int(now.timestamp()))
            name = hmac.digest(self._key, network.encode(), "sha256")[:16]
            count = self._counts[name] = self._counts.get(name, 0) + 1
            return count > self.most

    def _forget_what_is_over(self, seconds: int) -> None:
        if self._day != seconds // KEY_LASTS:
            self._day, self._key, self._counts = seconds // KEY_LASTS, secrets.token_bytes(32), {}
        if self._window != seconds // WINDOW or len(self._counts) >= MOST_NETWORKS:
            self._window, self._counts = seconds // WINDOW, {}


limiter = Limiter()
strict_limiter = Limiter(MOST_ADDRESSES)


def limited(view: View) -> View:
    """The view, or a calm page where its visitor's network has asked too often."""
    return _limited(view, lambda: limiter)


def limited_strictly(view: View) -> View:
    """The same for what makes us write to somebody."""
    return _limited(view, lambda: strict_limiter)


def _limited(view: View, of: Callable[[], Limiter]) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if of().is_too_often(network_of(request), clock.now()):
            return _ask_to_wait(request)
        return view(request, *args, **kwargs)

    return answer


def network_of(request: HttpRequest) -> str:
    """The network a request comes from, as the nearest of our own proxies says; "" where nothing can be read."""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    n_proxies = settings.TRUSTED_PROXIES
    # What stands further left was written by whoever sent the request.
    is_told = 0 < n_proxies <= len(forwarded)
    try:
        address = ip_address(forwarded[-n_proxies] if is_told else request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, IPV6_PREFIX), strict=False))


def _ask_to_wait(request: HttpRequest) -> HttpResponse:
    response = show("too_often", sent_again(request), language=languages.of_visitor(request), status=429)
    response["Retry-After"] = str(WINDOW)
    return response

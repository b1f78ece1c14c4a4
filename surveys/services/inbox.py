"""Emptying the inbox of sealed requests: the worker's side of `requests.leave_request`."""

from collections.abc import Collection
from uuid import UUID

from surveys.models import SealedRequest


def remove_requests(*, ids: Collection[UUID]) -> int:
    """Remove requests that have been done; returns how many were still there."""
    n_removed, _ = SealedRequest.objects.filter(pk__in=ids).delete()
    return n_removed

"""Respondents' sealed requests, as the worker finds them."""

from collections.abc import Collection
from uuid import UUID

from surveys.models import SealedRequest


def waiting_requests() -> list[UUID]:
    """Ids of all requests in the inbox."""
    return list(SealedRequest.objects.order_by().values_list("pk", flat=True))


def bodies_of(ids: Collection[UUID]) -> dict[UUID, bytes]:
    """What is sealed in these requests, of those that are still there."""
    return {pk: bytes(body) for pk, body in SealedRequest.objects.filter(pk__in=ids).values_list("pk", "body")}

"""Cutting long sequences into batches that a query can take."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Value = TypeVar("Value")


def batches(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """`values` in their order, in lists of `size` and a shorter last one."""
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch

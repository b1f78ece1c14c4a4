"""The order in which items are worked out, so that each comes after all it reads."""

from collections.abc import Callable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter


def order(vertices: Sequence[int], reads: Mapping[int, Sequence[int]]) -> list[int]:
    """The vertices, each behind all it reads, otherwise in the order given. Raises CycleError."""
    sorter: TopologicalSorter[int] = TopologicalSorter({vertex: sorted(reads.get(vertex, ())) for vertex in vertices})
    return list(sorter.static_order())


def cycles(vertices: Sequence[int], reads: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """One path for each group of vertices that read each other: first and last are the same vertex."""
    found: list[list[int]] = []
    remaining = {vertex: set(reads.get(vertex, ())) for vertex in vertices}
    while True:
        try:
            TopologicalSorter(remaining).prepare()
        except CycleError as error:
            path: list[int] = list(reversed(error.args[1]))
            found.append(_from_first(path))
            for vertex in path:
                remaining[vertex] = set()
        else:
            return found


def _from_first(path: list[int]) -> list[int]:
    """The same circle, begun at the vertex the author wrote first."""
    circle = path[:-1]
    start = circle.index(min(circle))
    turned = circle[start:] + circle[:start]
    return [*turned, turned[0]]


def described(path: Sequence[int], name: Callable[[int], str]) -> str:
    return " → ".join(name(vertex) for vertex in path)

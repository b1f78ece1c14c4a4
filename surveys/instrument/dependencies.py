"""Which nodes must be worked out before which others."""

from collections.abc import Iterable

from surveys.instrument.expressions import ORDERING, Role
from surveys.instrument.schema import Schema, Spec


class Dependencies:
    """What the expressions of each node read, gathered one by one.

    A choice filter that leads back to its own question, as in "every choice not taken in another instance", decides
    what is offered and nothing else: the answer is not blanked by it, so it makes no circle. Such a filter is `loose`.
    A calculation with a trigger is worked out when its trigger changes, never while others wait for it.
    Instances are worked out one after the other, so that a default may read its own question: what stands there in
    the instances before it is known by then.
    """

    def __init__(self, schema: Schema) -> None:
        self._reads: dict[int, set[int]] = {
            spec.index: {spec.parent.index} if spec.parent else set() for spec in schema.specs
        }
        self._filters: dict[int, set[int]] = {}

    def add(self, spec: Spec, role: Role, reads: Iterable[Spec]) -> None:
        found = {read.index for read in reads}
        if role is Role.DEFAULT and spec.level.outer is not None:
            found.discard(spec.index)
        if role is Role.CHOICE_FILTER:
            self._filters[spec.index] = found
        elif role in ORDERING and not (role is Role.CALCULATION and spec.item and spec.item.trigger):
            self._reads[spec.index] |= found

    def loose(self) -> frozenset[int]:
        """The questions whose choice filter only decides what is offered."""
        return frozenset(index for index, reads in self._filters.items() if self._leads_to(reads, index))

    def reads(self) -> dict[int, list[int]]:
        """By node, those that come before it, in their order."""
        loose = self.loose()
        return {
            index: sorted(reads if index in loose else reads | self._filters.get(index, set()))
            for index, reads in self._reads.items()
        }

    def _leads_to(self, start: set[int], goal: int) -> bool:
        seen, waiting = set(start), list(start)
        while waiting:
            index = waiting.pop()
            if index == goal:
                return True
            further = (self._reads[index] | self._filters.get(index, set())) - seen
            seen |= further
            waiting += further
        return False

"""Members as counts: the only way staff see them."""

from dataclasses import dataclass

from django.db.models import Count

from panel.models import Member
from panel.models.member import MemberState


@dataclass(frozen=True, slots=True)
class Cohort:
    """The members who joined in one wave ("" for those no wave was opened with yet), by state."""

    wave: str
    counts: tuple[int, ...]  # in the order of MemberState

    @property
    def total(self) -> int:
        return sum(self.counts)


def members_by_state() -> list[tuple[MemberState, int]]:
    """How many members are in each state, those with none included."""
    counts = dict(Member.objects.order_by().values_list("state").annotate(n=Count("pk")))
    return [(state, counts.get(state.value, 0)) for state in MemberState]


def cohorts() -> list[Cohort]:
    """Members by the wave they joined in and by state."""
    counts: dict[str, dict[str, int]] = {}
    for wave, state, n in Member.objects.order_by().values_list("joined_wave", "state").annotate(n=Count("pk")):
        counts.setdefault(wave, {})[state] = n
    return [Cohort(wave, tuple(counts[wave].get(state.value, 0) for state in MemberState)) for wave in sorted(counts)]

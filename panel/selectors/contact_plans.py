"""Contact plans with their steps as counts, never as a list of members."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count

from panel.models import ContactAttempt, ContactPlan, ContactStep
from panel.models.attempt import AttemptState


@dataclass(frozen=True, slots=True)
class StepCounts:
    """One step of a plan. Once it has ended `counts` are the totals it kept, before that its attempts by state."""

    number: int
    kind: str
    on: date
    local_time: time
    ended_at: datetime | None
    counts: tuple[tuple[str, int], ...]  # (what happened, how many)
    n_planned: int
    n_sent: int

    @property
    def percent_sent(self) -> float:
        return 100 * self.n_sent / self.n_planned if self.n_planned else 0.0


def step_counts(plan: ContactPlan) -> tuple[StepCounts, ...]:
    """The plan's steps in order, in two queries."""
    attempts = ContactAttempt.objects.filter(step__plan=plan).order_by()
    live: dict[int, dict[str, int]] = {}
    for step_id, state, n in attempts.values_list("step", "state").annotate(n=Count("pk")):
        live.setdefault(step_id, {})[state] = n
    return tuple(_step(step, live.get(step.pk, {})) for step in plan.steps.order_by("number"))


def _step(step: ContactStep, live: dict[str, int]) -> StepCounts:
    if step.ended_at:
        counts = [
            ("sent", step.n_sent),
            ("no longer due", step.n_not_due),
            ("unknown", step.n_unknown),
            ("failed", step.n_failed),
        ]
        n_planned, n_sent = step.n_planned, step.n_sent
    else:
        counts = [(str(state.label), live.get(state.value, 0)) for state in AttemptState]
        n_planned, n_sent = sum(live.values()), live.get(AttemptState.SENT, 0)
    return StepCounts(
        number=step.number,
        kind=step.get_kind_display(),
        on=step.on,
        local_time=step.local_time,
        ended_at=step.ended_at,
        counts=tuple((label, n) for label, n in counts if n),
        n_planned=n_planned,
        n_sent=n_sent,
    )

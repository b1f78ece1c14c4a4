"""Which contacts a wave plans: an invitation when it opens and one reminder, at a time of day in each member's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

#: A step is over this long after it was last due: by then a late or repeated try no longer makes sense.
STEP_LASTS = timedelta(hours=24)

INVITE_AT = time(10, 0)
REMIND_AFTER_DAYS = 7  # evidence: reminders at 4 to 7 days; most answers to an invitation come within the first week


class StepKind(StrEnum):
    INVITATION = "invitation"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    number: int  # 0 is the invitation
    kind: StepKind
    on: date  # in each member's zone
    local_time: time


def plan_steps(*, opens_on: date, closes_on: date, invite_at: time, remind_after: int) -> Sequence[PlannedStep]:
    """The steps of a wave. A reminder that would come after `closes_on` is left out, as is one after 0 days."""
    steps = [PlannedStep(0, StepKind.INVITATION, opens_on, invite_at)]
    remind_on = opens_on + timedelta(days=remind_after)
    if remind_after and remind_on <= closes_on:
        steps.append(PlannedStep(1, StepKind.REMINDER, remind_on, invite_at))
    return tuple(steps)


def is_over(*, last_due_at: datetime | None, is_wave_closed: bool, now: datetime) -> bool:
    """Whether a step has ended: its wave is closed, it was due for nobody, or it was last due long enough ago."""
    return is_wave_closed or last_due_at is None or now >= last_due_at + STEP_LASTS

"""The end of a step: its attempts become alike, and only counts stay.

While a step runs, the row of someone who has answered looks like that of someone whose turn hasn't come. Afterwards
nothing may tell who got a mail and who no longer needed one, nor in which time zone anybody lives, so all rows get one
state and one moment. They are deleted and put in
again in random order in the same statement, because an update alone would leave them lying in the order of what
happened to them.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import connections, transaction
from django.db.models import Max

from outrush_site.routers import DEFAULT
from panel.contactplan.plan import is_over
from panel.models import ContactAttempt, ContactStep
from panel.models.attempt import AttemptState

_UNDER_WAY = (AttemptState.CLAIMED, AttemptState.SENDING)

#: The sort needs all deleted rows before the first goes in, so the two never meet.
_SHUFFLE = """
    WITH gone AS (DELETE FROM {table} WHERE step_id = %s RETURNING *),
    back AS (
        INSERT INTO {table} (id, member_id, step_id, state, due_at, retry_at, claimed_at, n_tries)
        SELECT id, member_id, step_id, %s, (SELECT max(due_at) FROM gone), NULL, NULL, 0
        FROM gone ORDER BY gen_random_uuid()
    )
    SELECT state, count(*) FROM gone GROUP BY state
"""


def end_steps(*, now: datetime, wave: str | None = None) -> Mapping[str, int]:
    """End every step that is over, or those of one wave; returns the counts of what was ended, summed."""
    totals = {"n_steps": 0, "n_sent": 0, "n_not_due": 0, "n_unknown": 0, "n_failed": 0}
    running = ContactStep.objects.filter(ended_at=None).select_related("plan")
    for step in running.filter(plan__wave=wave) if wave else running:
        if _is_over(step, now):
            for name, n in _end(step.pk, now).items():
                totals[name] += n
    return totals


def _is_over(step: ContactStep, now: datetime) -> bool:
    attempts = ContactAttempt.objects.filter(step=step)
    if attempts.filter(state__in=_UNDER_WAY).exists():
        return False  # a mail is on its way, or its worker died: the sweep says which within minutes
    last_due_at = attempts.aggregate(last=Max("due_at"))["last"]
    return is_over(last_due_at=last_due_at, is_wave_closed=step.plan.closed_at is not None, now=now)


@transaction.atomic(using=DEFAULT)
def _end(step_id: int, now: datetime) -> dict[str, int]:
    step = ContactStep.objects.select_for_update().get(pk=step_id)
    if step.ended_at is not None:
        return {}
    with connections[DEFAULT].cursor() as cursor:
        cursor.execute(_SHUFFLE.format(table=ContactAttempt._meta.db_table), [step_id, AttemptState.OVER])
        n_by_state = dict(cursor.fetchall())
    counts = {
        "n_sent": n_by_state.get(AttemptState.SENT, 0),
        "n_not_due": n_by_state.get(AttemptState.PLANNED, 0) + n_by_state.get(AttemptState.CLAIMED, 0),
        "n_unknown": n_by_state.get(AttemptState.UNKNOWN, 0) + n_by_state.get(AttemptState.SENDING, 0),
        "n_failed": n_by_state.get(AttemptState.FAILED, 0),
    }
    ContactStep.objects.filter(pk=step_id).update(ended_at=now, **counts)
    return {"n_steps": 1, **counts}

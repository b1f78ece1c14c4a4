"""Jobs: what staff ask for and the worker does, because it needs a key or both databases."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from outrush_site import clock
from outrush_site.routers import DEFAULT
from panel.models import AuditEntry, Job
from panel.models.job import JobKind, JobState
from panel.services.job_work import WORK, Queue, Report, kinds_of
from surveys.refusals import Refused

log = logging.getLogger(__name__)

#: Celery stops a task long before (outrush_site/celery.py): a job that has run for longer died with its worker.
TIME_LIMIT = timedelta(minutes=15)

TECHNICAL = (
    "It stopped at a technical problem ({}). Nothing half done is left; ask again, or look into the worker's log."
)
OVERDUE = "The worker stopped in the middle of it. Check what is there, then ask again: it is safe to repeat."


def ask(*, kind: JobKind, arguments: Mapping[str, Any], by: str, at: datetime) -> Job:
    """Put a job in the queue. The same one asked again while it waits or runs is not doubled.

    `arguments` are plain JSON without personal data, as `panel/services/job_work.py` reads them.
    """
    with transaction.atomic(using=DEFAULT):
        asked = Job.objects.select_for_update().filter(
            kind=kind, arguments=dict(arguments), state__in=[JobState.WAITING, JobState.RUNNING]
        )
        if job := asked.first():
            return job
        job = Job.objects.create(kind=kind, arguments=dict(arguments), asked_by=by, asked_at=at)
        AuditEntry.objects.create(at=at, by=by, action=f"ask_{kind}", subject=job.subject, detail={"job": str(job.pk)})
        return job


def run(*, job_id: UUID) -> bool:
    """Do a waiting job, once: whoever claims it by the conditional update does it. False where it wasn't waiting."""
    claimed = Job.objects.filter(pk=job_id, state=JobState.WAITING).update(
        state=JobState.RUNNING, started_at=clock.now(), progress=1
    )
    if not claimed:
        return False
    job = Job.objects.get(pk=job_id)
    try:
        counts = WORK[JobKind(job.kind)](job, _reporter(job_id))
    except Refused as refusal:
        _end(job_id, JobState.FAILED, message=str(refusal))
    except Exception as error:
        # The name alone: the text of an unforeseen error may quote data.
        log.error("job %s (%s) failed: %s", job_id, job.kind, type(error).__name__)
        _end(job_id, JobState.FAILED, message=TECHNICAL.format(type(error).__name__))
    else:
        _end(job_id, JobState.DONE, counts=dict(counts))
    return True


def run_waiting(*, queue: Queue, at: datetime) -> dict[str, int]:
    """Report jobs that died as failed, then do the waiting ones of a queue, oldest first."""
    n_overdue = fail_overdue(at=at)
    waiting = Job.objects.filter(state=JobState.WAITING, kind__in=kinds_of(queue))
    job_ids = list(waiting.order_by("asked_at").values_list("pk", flat=True))
    return {"overdue": n_overdue, "run": sum(run(job_id=job_id) for job_id in job_ids)}


def fail_overdue(*, at: datetime) -> int:
    """Report jobs that have run for longer than the time limit as failed. Returns how many there were."""
    overdue = Job.objects.filter(state=JobState.RUNNING, started_at__lt=at - TIME_LIMIT)
    return overdue.update(state=JobState.FAILED, ended_at=at, message=OVERDUE)


def _reporter(job_id: UUID) -> Report:
    def report(percent: int) -> None:
        Job.objects.filter(pk=job_id, state=JobState.RUNNING).update(progress=max(1, min(99, percent)))

    return report


def _end(job_id: UUID, state: JobState, *, message: str = "", counts: Mapping[str, Any] | None = None) -> None:
    Job.objects.filter(pk=job_id, state=JobState.RUNNING).update(
        state=state,
        ended_at=clock.now(),
        message=message,
        counts=dict(counts or {}),
        progress=100 if state == JobState.DONE else F("progress"),
    )

"""What the worker does by itself: thin, counts out, safe to run twice and beside each other.

Beat only ticks. What is due is read from rows, by our own clock, so a tick that was lost or came twice changes nothing.
"""

import logging
from collections.abc import Callable

from outrush_site import clock
from outrush_site.celery import app
from panel.models import Job
from panel.models.job import JobState
from panel.services import close_wave, jobs
from panel.services.end_steps import end_steps
from panel.services.job_work import Queue
from panel.services.send_due import send_due
from surveys.refusals import Refused
from surveys.services.records import purge_marked

log = logging.getLogger(__name__)

#: The hour (UTC) in which records marked for erasure are deleted: together, so that no deletion tells its moment.
PURGE_HOUR = 3


@app.task
def tick() -> None:
    """The minute's work. A part that fails doesn't keep the next from being done."""
    if Job.objects.filter(state__in=[JobState.WAITING, JobState.RUNNING]).exists():
        for queue in ("vault", "desk"):
            run_waiting_jobs.apply_async(args=[queue], queue=queue, expires=300)
    _do("close overdue waves", lambda: close_wave.close_overdue(now=clock.now()))
    _do("send what is due", lambda: send_due(now=clock.now()))
    _do("end steps", lambda: end_steps(now=clock.now()))
    _do("drop link keys", lambda: close_wave.drop_link_keys(now=clock.now()))
    if clock.now().hour == PURGE_HOUR:
        _do("purge records", purge_marked)


@app.task
def run_waiting_jobs(queue: Queue) -> None:
    """Apart from the tick, because a job may take minutes and mails shouldn't wait for it."""
    _do("run waiting jobs", lambda: jobs.run_waiting(queue=queue, at=clock.now()))


def _do(name: str, work: Callable[[], object]) -> None:
    """Do a part and log its counts, or in one line what kept it from being done: an error's text may quote data."""
    try:
        counts = work()
    except Refused as refusal:
        log.error("%s: %s", name, refusal)
    except Exception as error:
        log.error("%s failed: %s", name, type(error).__name__)
    else:
        log.debug("%s: %s", name, counts)

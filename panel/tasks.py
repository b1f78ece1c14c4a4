"""What the worker does by itself: thin, counts out, safe to run twice and beside each other.

Beat only ticks. What is due is read from rows, by our own clock, so a tick that was lost or came twice changes nothing.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from outrush_site import clock
from outrush_site.celery import app
from panel.models import AuditEntry, Job
from panel.models.job import JobState
from panel.services import close_wave, jobs
from panel.services.end_steps import end_steps
from panel.services.job_work import Queue
from panel.services.keyring import open_vault
from panel.services.opting_in import forget_unconfirmed
from panel.services.send_due import SendCounts, send_due
from panel.services.take_requests import RequestCounts, take_requests
from surveys.refusals import Refused
from surveys.services.records import purge_marked

log = logging.getLogger(__name__)

#: The hour (UTC) from which on the work of each night is done: records marked for erasure are deleted and opt-ins taken
#: together, so that nothing tells the moment at which somebody asked for it.
NIGHT_HOUR = 3


@app.task
def tick() -> None:
    """The minute's work. A part that fails doesn't keep the next from being done."""
    if Job.objects.filter(state__in=[JobState.WAITING, JobState.RUNNING]).exists():
        for queue in ("vault", "desk"):
            run_waiting_jobs.apply_async(args=[queue], queue=queue, expires=300)
    now = clock.now()
    _do("close overdue waves", lambda: close_wave.close_overdue(now=now))
    _do("take opt-ins", lambda: _take_opt_ins_once_a_day(now))
    _do("send what is due", lambda: _send_and_end_steps(now))
    _do("drop link keys", lambda: close_wave.drop_link_keys(now=now))
    _do("purge records", lambda: _purge_once_a_day(now))


@app.task
def run_waiting_jobs(queue: Queue) -> None:
    """Apart from the tick, because a job may take minutes and mails shouldn't wait for it."""
    _do("run waiting jobs", lambda: jobs.run_waiting(queue=queue, at=clock.now()))


def _send_and_end_steps(now: datetime) -> tuple[SendCounts, Mapping[str, int]]:
    """A step ends only after everyone due by then was looked at: after an outage mails come late, not never."""
    sent = send_due(now=now)
    return sent, {} if sent.is_stopped else end_steps(now=now)


def _take_opt_ins_once_a_day(now: datetime) -> RequestCounts | None:
    """In the night whoever opted in is asked to confirm, however few they are; who was asked in vain is forgotten."""
    if not _is_its_night(now, action="take_opt_ins"):
        return None
    counts = take_requests(vault=open_vault(), at=now, however_few=True)
    forget_unconfirmed(at=now)
    AuditEntry.objects.create(at=now, by="beat", action="take_opt_ins", subject="panel")
    return counts


def _purge_once_a_day(now: datetime) -> int:
    if not _is_its_night(now, action="purge_records"):
        return 0
    n_deleted = purge_marked()
    # Without a count: how many took their answers back on a day is nobody's business.
    AuditEntry.objects.create(at=now, by="beat", action="purge_records", subject="records")
    return n_deleted


def _is_its_night(now: datetime, *, action: str) -> bool:
    """Whether it wasn't done since it was last time to: the audit remembers, so a worker that was away catches up."""
    last_time = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if last_time > now:
        last_time -= timedelta(days=1)
    return not AuditEntry.objects.filter(action=action, at__gte=last_time, at__lte=now).exists()


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

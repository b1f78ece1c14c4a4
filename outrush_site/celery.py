"""The Celery application: queue `vault` for the worker, `desk` for staff work, a handful of beat entries."""

import logging.config
import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django.conf import settings

from outrush_site import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outrush_site.settings")

app = Celery("outrush")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_default_queue="vault",
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    task_soft_time_limit=240,
    task_time_limit=300,
    timezone="UTC",
    # The entries are ticks: what is due is read from rows, by our own clock.
    # One that wasn't begun before the next came is dropped.
    beat_schedule={
        "tick": {
            "task": "panel.tasks.tick",
            "schedule": float(settings.BEAT_SECONDS),
            "options": {"expires": settings.BEAT_SECONDS},
        },
    },
)
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """With a receiver for this signal Celery leaves logging alone; its own formats would quote arguments."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
@beat_init.connect
def _refuse_unsafe_start(**_: object) -> None:
    """Celery runs Django's checks and ignores what they find."""
    checks.refuse_unsafe_start()

"""Jobs: asked for by staff, done once by the worker, reported whatever becomes of them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction

from panel.models import AuditEntry, Job
from panel.models.job import JobKind, JobState
from panel.services import jobs
from surveys.refusals import Refused

pytestmark = pytest.mark.django_db

AT = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
Work = Callable[[Job, Callable[[int], None]], Mapping[str, Any]]


def asked(slug: str = "w2024", at: datetime = AT) -> Job:
    return jobs.ask(kind=JobKind.CLOSE_WAVE, arguments={"slug": slug}, by="anna", at=at)


def doing(work: Work) -> Any:
    return patch.dict(jobs.WORK, {JobKind.CLOSE_WAVE: work, JobKind.BUILD_RELEASE: work})


def refuse(job: Job, report: Callable[[int], None]) -> Mapping[str, Any]:
    raise Refused("wave.closed", "Wave w2024 is closed already.")


def fail(job: Job, report: Callable[[int], None]) -> Mapping[str, Any]:
    raise ValueError("someone@example.org is not what was expected")


def test_asking_leaves_a_waiting_job_and_an_audit_row() -> None:
    job = asked()

    assert (job.state, job.progress, job.asked_by) == (JobState.WAITING, 0, "anna")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.by) == ("ask_close_wave", "w2024", "anna")


def test_no_job_is_left_when_the_audit_row_cant_be_written() -> None:
    with patch.object(AuditEntry.objects, "create", side_effect=RuntimeError), pytest.raises(RuntimeError):
        asked()

    assert not Job.objects.exists()


def test_the_same_job_asked_twice_is_one_job_until_it_is_over() -> None:
    first = asked()
    assert asked() == first
    assert asked("w2023") != first

    with doing(lambda job, report: {}):
        jobs.run(job_id=first.pk)
    assert asked() != first


def test_a_job_is_done_once_however_often_it_is_run() -> None:
    done = []
    job = asked()
    with doing(lambda job, report: done.append(job.pk) or {"n": 7}):
        assert jobs.run(job_id=job.pk) is True
        assert jobs.run(job_id=job.pk) is False

    job.refresh_from_db()
    assert done == [job.pk]
    assert (job.state, job.progress, job.counts, job.message) == (JobState.DONE, 100, {"n": 7}, "")
    assert job.ended_at is not None


def test_progress_is_seen_while_it_runs() -> None:
    seen = []

    def work(job: Job, report: Callable[[int], None]) -> Mapping[str, Any]:
        report(40)
        seen.append(Job.objects.values_list("state", "progress").get(pk=job.pk))
        return {}

    with doing(work):
        jobs.run(job_id=asked().pk)
    assert seen == [(JobState.RUNNING, 40)]


def test_a_refusal_is_shown_as_it_was_said() -> None:
    job = asked()
    with doing(refuse):
        jobs.run(job_id=job.pk)

    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.FAILED, "Wave w2024 is closed already.")


def test_an_unforeseen_error_tells_its_kind_but_never_its_text(caplog: pytest.LogCaptureFixture) -> None:
    job = asked()
    with doing(fail):
        jobs.run(job_id=job.pk)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "ValueError" in job.message
    assert "ValueError" in caplog.text
    assert "example.org" not in job.message + caplog.text


def test_a_job_whose_worker_died_is_reported_as_failed_after_its_time() -> None:
    job = asked()
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, started_at=AT)

    assert jobs.fail_overdue(at=AT + jobs.TIME_LIMIT) == 0
    assert jobs.fail_overdue(at=AT + jobs.TIME_LIMIT + timedelta(seconds=1)) == 1
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "ask again" in job.message


def test_waiting_jobs_are_done_oldest_first_and_a_failure_keeps_none_back() -> None:
    done = []
    newer, older = asked("newer", AT + timedelta(hours=1)), asked("older", AT)

    def work(job: Job, report: Callable[[int], None]) -> Mapping[str, Any]:
        done.append(job.subject)
        return fail(job, report)

    with doing(work):
        assert jobs.run_waiting(queue="vault", at=AT) == {"overdue": 0, "run": 2}
    assert done == ["older", "newer"]
    assert {newer.pk, older.pk} == set(Job.objects.filter(state=JobState.FAILED).values_list("pk", flat=True))


def test_a_release_is_built_at_the_desk_and_what_needs_a_key_in_the_vault() -> None:
    release = jobs.ask(kind=JobKind.BUILD_RELEASE, arguments={"waves": ["w1"]}, by="anna", at=AT)
    wave = asked("w1", AT)
    with doing(lambda job, report: {}):
        jobs.run_waiting(queue="vault", at=AT)
        assert set(Job.objects.filter(state=JobState.DONE)) == {wave}
        jobs.run_waiting(queue="desk", at=AT)
    assert set(Job.objects.filter(state=JobState.DONE)) == {wave, release}


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": JobState.DONE},
        {"state": JobState.RUNNING},
        {"state": JobState.WAITING, "started_at": AT},
        {"progress": 101},
    ],
)
def test_the_database_refuses_a_job_whose_dates_dont_fit_its_state(wrong: dict[str, Any]) -> None:
    job = asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**wrong)

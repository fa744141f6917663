"""Each periodic job leaves a note of when it really ran, and with what result."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import shared_task
from django.utils import timezone

from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import JobRun
from dispatch.monitoring import job_runs
from runtime.jobs.woken import RUN
from script.launcher.system.simulators import Simulators
from tests.dispatch.celery_worker import CeleryWorker

job_runs.connect()


@pytest.fixture
def worker(tmp_path: Path, simulators: Simulators) -> Iterator[CeleryWorker]:
    worker = CeleryWorker(tmp_path / "worker.log", simulators.environment)
    worker.start()
    yield worker
    worker.stop()


def job_that_returns(*results: object) -> Any:
    """A job with a name of its own, which returns, or raises, the next of the results."""
    left = iter(results)

    def job() -> object:
        result = next(left)
        if isinstance(result, Exception):
            raise result
        return result

    return shared_task(name=f"tests.{uuid4()}")(job)


def ended(run: JobRun) -> datetime:
    assert run.ended_at is not None
    return run.ended_at


@pytest.mark.django_db(transaction=True)
def test_every_job_of_the_schedule_notes_its_run_in_a_real_worker(worker: CeleryWorker) -> None:
    before = timezone.now()
    names = {job.task for job in PERIODIC_JOBS}
    for name in names:
        worker.run(name)
    deadline = time.monotonic() + 90
    while set(JobRun.objects.values_list("name", flat=True)) != names:
        assert time.monotonic() < deadline, worker.log()
        time.sleep(0.05)
    for run in JobRun.objects.all():
        assert before < run.started_at <= ended(run) < timezone.now()
        assert run.result == "0"


@pytest.mark.django_db
def test_a_run_that_did_something_is_noted_unless_one_was_a_moment_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = job_that_returns(3, 4, 5)
    job.apply()
    first = JobRun.objects.get(name=job.name)
    assert first.result == "3"
    job.apply()
    assert JobRun.objects.get(name=job.name).result == "3"
    monkeypatch.setattr(job_runs, "BUSY_SECONDS", 0.0)
    job.apply()
    second = JobRun.objects.get(name=job.name)
    assert second.result == "5"
    assert ended(second) > ended(first)


@pytest.mark.django_db
def test_idle_runs_are_noted_now_and_then_only() -> None:
    job = job_that_returns(0, 0, 0)
    job.apply()
    first = JobRun.objects.get(name=job.name)
    assert first.result == "0"
    job.apply()
    job.apply()
    assert JobRun.objects.get(name=job.name).ended_at == first.ended_at


@pytest.mark.django_db
def test_a_run_that_found_an_earlier_one_at_work_is_not_noted() -> None:
    job = job_that_returns(None)
    job.apply()
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_a_failure_is_noted_by_its_kind_without_its_words() -> None:
    job = job_that_returns(ValueError("+4799999999 cannot be read"))
    job.apply()
    run = JobRun.objects.get(name=job.name)
    assert (run.has_failed, run.result) == (True, "FAILURE: ValueError")


@pytest.mark.django_db
def test_a_success_after_a_failure_keeps_when_that_was() -> None:
    job = job_that_returns(ValueError(), 1)
    job.apply()
    failed_at = JobRun.objects.get(name=job.name).failed_at
    job.apply()
    run = JobRun.objects.get(name=job.name)
    assert (run.has_failed, run.failed_at) == (False, failed_at)


@pytest.mark.django_db
def test_a_worker_that_does_not_know_the_column_leaves_no_failure_standing() -> None:
    job = job_that_returns(ValueError())
    job.apply()
    JobRun.objects.filter(name=job.name).update(ended_at=timezone.now(), result="3")
    assert not JobRun.objects.get(name=job.name).has_failed


@pytest.mark.django_db
def test_while_beat_has_a_job_run_no_more_it_is_late_however_often_it_is_woken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = job_that_returns(1, None, 1, 1)
    job.apply(task_id=f"{RUN}1")
    assert not JobRun.objects.exists()
    job.apply(task_id="by-beat")  # finds the woken one at work
    job.apply(task_id=f"{RUN}2")
    assert JobRun.objects.filter(name=job.name).delete()[0]
    monkeypatch.setattr(job_runs, "BEAT_IS_SILENT_AFTER", 0.0)
    monkeypatch.setattr(job_runs, "BUSY_SECONDS", 0.0)
    job.apply(task_id=f"{RUN}3")
    assert not JobRun.objects.exists()

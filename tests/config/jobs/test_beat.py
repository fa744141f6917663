"""Beat notices changed jobs, without asking for them all the time."""

import os
import subprocess
import sys
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import PeriodicTask, PeriodicTasks

from config.celery import app
from config.jobs.beat import LOOK_EVERY, JobScheduler

JOB = "Ready SMS to the gateway"


@pytest.mark.django_db(transaction=True)
def test_a_job_that_staff_switch_off_is_noticed_after_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    PeriodicTasks.update_changed()  # as other tests may have left it, so the same each time
    scheduler = JobScheduler(app=app, lazy=True)
    now = time.monotonic()
    monkeypatch.setattr("config.jobs.beat.time.monotonic", lambda: now)
    assert JOB in scheduler.schedule
    known = dict(scheduler.schedule)  # the first look learns when the last change was
    assert JOB in known
    assert not scheduler.schedules_equal(known, scheduler.schedule), "it read the jobs anew"
    assert scheduler.schedules_equal(known, scheduler.schedule)
    row = PeriodicTask.objects.get(name=JOB)
    row.enabled = False
    row.save()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert JOB in scheduler.schedule
    assert not asked.captured_queries
    now += LOOK_EVERY
    assert JOB not in scheduler.schedule
    assert not scheduler.schedules_equal(known, scheduler.schedule), "its runs are planned anew"


def test_a_beat_that_starts_without_its_database_waits_for_it_and_can_be_ended() -> None:
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    with subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "WARNING"],
        env=os.environ | nowhere,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as beat:
        assert beat.stderr is not None
        assert any("Beat waits for the database" in line for line in beat.stderr)
        assert beat.poll() is None
        beat.terminate()
        beat.stderr.read()
        assert beat.wait(timeout=30) == 0

"""Every periodic job exists, is consumed, and stays as operators tuned it."""

import pytest
from django.apps import apps
from django_celery_beat.models import PeriodicTask

from config.celery import app
from config.jobs import schedule
from script.launcher.server.run import QUEUES


def test_every_job_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert {job.task for job in schedule.PERIODIC_JOBS} <= set(app.tasks)


def test_every_task_of_ours_is_scheduled() -> None:
    app.loader.import_default_modules()
    apps_of_ours = ("notifications", "dispatch", "events", "back_office")
    ours = {name for name in app.tasks if name.split(".")[0] in apps_of_ours}
    assert ours == {job.task for job in schedule.PERIODIC_JOBS}


def test_every_queue_has_a_consumer() -> None:
    assert {job.queue for job in schedule.PERIODIC_JOBS} == set(QUEUES.split(","))


@pytest.mark.django_db
def test_migrating_installs_every_job_to_be_dropped_when_late() -> None:
    for job in schedule.PERIODIC_JOBS:
        row = PeriodicTask.objects.select_related("interval").get(task=job.task)
        assert (row.interval.every, row.interval.period) == (job.seconds, "seconds")
        assert row.queue == job.queue
        assert row.expire_seconds == job.seconds
        assert row.enabled


@pytest.mark.django_db
def test_migrating_again_leaves_an_operators_changes_alone() -> None:
    PeriodicTask.objects.filter(task="dispatch.send_sms").update(enabled=False)
    schedule.install(apps=apps)
    [row] = PeriodicTask.objects.filter(task="dispatch.send_sms")
    assert not row.enabled

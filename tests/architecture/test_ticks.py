"""Every periodic job exists, is consumed, and stays as operators tuned it."""

import pytest
from django.apps import apps
from django_celery_beat.models import PeriodicTask

from config import schedule
from config.celery import app
from script.launcher.server.run import QUEUES


def test_every_tick_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert {tick.task for tick in schedule.TICKS} <= set(app.tasks)


def test_every_task_of_ours_has_a_tick() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.split(".")[0] in ("notifications", "dispatch")}
    assert ours == {tick.task for tick in schedule.TICKS}


def test_every_queue_has_a_consumer() -> None:
    assert {tick.queue for tick in schedule.TICKS} == set(QUEUES.split(","))


@pytest.mark.django_db
def test_migrating_installs_every_tick_to_be_dropped_when_late() -> None:
    for tick in schedule.TICKS:
        row = PeriodicTask.objects.select_related("interval").get(task=tick.task)
        assert (row.interval.every, row.interval.period) == (tick.seconds, "seconds")
        assert row.queue == tick.queue
        assert row.expire_seconds == tick.seconds
        assert row.enabled


@pytest.mark.django_db
def test_migrating_again_leaves_an_operators_changes_alone() -> None:
    PeriodicTask.objects.filter(task="dispatch.send_sms").update(enabled=False)
    schedule.install(apps=apps)
    [row] = PeriodicTask.objects.filter(task="dispatch.send_sms")
    assert not row.enabled

"""Schedules that operators have changed stay as they are when those that are installed change."""

import importlib

import pytest
from django.apps import apps
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from config.jobs import schedule

slower_runs = importlib.import_module("dispatch.migrations.0014_slower_runs")


def pace() -> dict[str, tuple[int, int | None]]:
    """Of each job: how often it runs, and how long a run may wait, in seconds."""
    return {
        row.task: (row.interval.every, row.expire_seconds)
        for row in PeriodicTask.objects.select_related("interval").filter(interval__isnull=False)
    }


@pytest.mark.django_db
def test_an_upgrade_slows_down_what_is_woken_and_stands_as_it_was_installed() -> None:
    new = pace()
    slower_runs.speed_up(apps, None)  # what an installation of before has
    assert {task for task, of_task in pace().items() if of_task != new[task]} == {
        "dispatch.send_sms",
        "dispatch.send_email",
        "dispatch.send_composed_email",
        "dispatch.apply_delivery_reports",
    }
    every_third, _made = IntervalSchedule.objects.get_or_create(every=3, period="seconds")
    PeriodicTask.objects.filter(task="dispatch.send_sms").update(interval=every_third)
    PeriodicTask.objects.filter(task="dispatch.send_email").update(expire_seconds=30)
    PeriodicTask.objects.filter(task="dispatch.apply_delivery_reports").update(enabled=False)
    begun = timezone.now()
    slower_runs.slow_down(apps, None)
    tuned = {"dispatch.send_sms": (3, 1), "dispatch.send_email": (1, 30)}
    assert pace() == new | tuned
    assert not PeriodicTask.objects.get(task="dispatch.apply_delivery_reports").enabled
    changed = PeriodicTasks.last_change()
    assert changed is not None
    assert changed >= begun, "beat notices"
    schedule.install()
    assert pace() == new | tuned

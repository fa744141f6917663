"""Beat notices changed ticks, without asking for them all the time."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import PeriodicTask

from config.beat import LOOK_EVERY, TickScheduler
from config.celery import app

TICK = "Ready SMS to the gateway"


@pytest.mark.django_db(transaction=True)
def test_a_tick_that_staff_switch_off_is_noticed_after_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheduler = TickScheduler(app=app, lazy=True)
    now = time.monotonic()
    monkeypatch.setattr("config.beat.time.monotonic", lambda: now)
    assert TICK in scheduler.schedule
    assert TICK in scheduler.schedule  # the first look learns when the last change was
    tick = PeriodicTask.objects.get(name=TICK)
    tick.enabled = False
    tick.save()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert TICK in scheduler.schedule
    assert not asked.captured_queries
    now += LOOK_EVERY
    assert TICK not in scheduler.schedule

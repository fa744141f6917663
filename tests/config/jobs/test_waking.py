"""A worker runs a job when what it takes is ready; nothing else starts any, but where said."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from config.celery import app
from config.jobs import waking
from config.jobs.schedule import PERIODIC_JOBS
from config.jobs.waking import SwitchedOff, Waking, woken_by
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from notifications import ready
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders import ready as due
from orders.models import Channel, Creator
from orders.placing.register import register
from orders.requests import Addressee, OrderRequest, SmsText
from runtime.jobs import wake_ups
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.celery_worker import CeleryWorker
from tests.dispatch.waiting import messages_of

S = NotificationStatus
SEND = "dispatch.send_sms"
Workers = Callable[..., list[CeleryWorker]]


@pytest.fixture
def workers(
    tmp_path: Path,
    simulators: Simulators,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Workers]:
    """Starts some on one broker, which this process calls, too; they end with the test."""
    running: list[CeleryWorker] = []
    monkeypatch.setattr(wake_ups, "_caller", wake_ups.Caller())

    def start(count: int = 1, **environment: str) -> list[CeleryWorker]:
        for number in range(count):
            log = tmp_path / f"worker-{number}.log"
            running.append(CeleryWorker(log, simulators.environment | environment))
        settings.REDIS_URL = running[0].environment["REDIS_URL"]
        with redis.Redis.from_url(settings.REDIS_URL) as broker:
            broker.flushdb()
        for worker in running:
            worker.start()
        return running

    yield start
    for worker in running:
        worker.stop()


@dataclass
class OfPool:
    """A worker that has not begun."""

    pool_cls: type
    app: Celery = app


def count_of(status: NotificationStatus) -> int:
    return Notification.objects.filter(status=status).count()


def until(happened: Callable[[], object], workers: list[CeleryWorker]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "".join(worker.log() for worker in workers)
        assert all(worker.is_running for worker in workers), workers[0].log()
        time.sleep(0.01)


def place(creator: Creator, *, number: str = "+4799999999") -> None:
    request = OrderRequest(
        channel=Channel.SMS,
        recipients=[Addressee(mobile_number=number)],
        sms=SmsText("Hei"),
    )
    register(creator=creator, request=request, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_each_stage_wakes_the_next_and_a_worker_that_is_asked_to_stop_ends_what_it_was_woken_for(
    ttd: Creator, simulators: Simulators, workers: Workers, settings: LazySettings
) -> None:
    running = workers(SMS_SEND_WINDOW="00:00-24:00")
    settings.SMS_SEND_WINDOW = "00:00-24:00"
    place(ttd)
    until(lambda: count_of(S.ACCEPTED) == 1, running)
    sent = Notification.objects.get()
    report = ReceivedReport(
        NotificationChannel.SMS,
        sent.gateway_reference or "",
        S.DELIVERED,
        {"receiver": sent.address},
    )
    delivery_reports.store(reports=[report], now=timezone.now())
    until(lambda: count_of(S.DELIVERED) == 1, running)

    simulators.fault("gateway", "late", latency_ms=1_500)
    place(ttd)
    until(lambda: count_of(S.SENDING) == 1, running)
    # The drain that waits for this answer is asked to look for more.
    place(ttd, number="+4799999998")
    until(lambda: count_of(S.SENDING) == 2, running)
    running[0].stop()
    assert count_of(S.ACCEPTED) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_what_is_too_much_for_one(
    ttd: Creator, simulators: Simulators, workers: Workers
) -> None:
    running = workers(2, SMS_IN_FLIGHT="5")
    simulators.fault("gateway", "late", latency_ms=1_500)
    messages_of(processed_order(ttd), 40, now=timezone.now())
    wake_ups.now(ready.SMS)
    until(lambda: count_of(S.SENDING) == 10, running)


@pytest.mark.django_db(transaction=True)
def test_where_every_wake_up_is_lost_the_next_run_does_it_all(
    ttd: Creator, workers: Workers, settings: LazySettings
) -> None:
    running = workers(SMS_SEND_WINDOW="00:00-24:00")
    settings.SMS_SEND_WINDOW = "00:00-24:00"
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        for kind in (due.DUE_ORDERS, ready.SMS):
            broker.set(f"notifications:ready:{kind}", "no list: nothing can be put into it")
    place(ttd)
    running[0].run("notifications.process_past_due_orders")
    until(lambda: count_of(S.NEW) == 1, running)
    running[0].run(SEND)
    until(lambda: count_of(S.ACCEPTED) == 1, running)


@pytest.mark.django_db
def test_a_job_that_staff_have_switched_off_is_not_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr("config.jobs.waking.time.monotonic", lambda: now)
    switched_off = SwitchedOff()
    assert switched_off.may_run(SEND)
    PeriodicTask.objects.filter(task=SEND).update(enabled=False)
    now += waking.LOOK_EVERY
    assert not switched_off.may_run(SEND)
    assert switched_off.may_run("dispatch.send_email")
    with connection.execute_wrapper(_no_statement):
        assert not switched_off.may_run(SEND)


def _no_statement(*_args: object) -> object:
    raise AssertionError("It was looked for a moment ago.")


def test_a_worker_is_woken_for_its_own_queues_and_only_where_it_runs_threads() -> None:
    assert {woken.kind for woken in woken_by({"dispatch-sms"})} == {ready.SMS}
    everything = {woken.by.name for woken in woken_by({job.queue for job in PERIODIC_JOBS})}
    assert everything == {job.task for job in PERIODIC_JOBS} - {
        "dispatch.sweep",
        "dispatch.purge",
        "dispatch.keep_months",
        "notifications.count_days",
        "events.forget",
        "back_office.forget_views",
    }
    for module, is_woken in (("celery.concurrency.thread", True), ("of.forks", False)):
        worker = OfPool(type("TaskPool", (), {"__module__": module}))
        assert Waking(worker).include_if(worker) == is_woken

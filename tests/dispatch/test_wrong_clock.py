"""Workers and beat whose machine is wrong about the time, beside a database that is right."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from notifications.models import Notification, NotificationStatus
from orders.models import Creator
from runtime.uuid7 import uuid7
from script.launcher.system.running_system import RunningSystem
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.contracts.requests import sms
from tests.dispatch.celery_worker import CeleryWorker
from tests.dispatch.waiting import messages_of
from tests.wrong_clock.steps import WrongClock

HOUR = 3600.0


def wait_for(happened: Callable[[], bool], worker: CeleryWorker) -> None:
    deadline = time.monotonic() + 90
    while not happened():
        assert worker.is_running, worker.log()
        assert time.monotonic() < deadline, worker.log()
        time.sleep(0.02)


def leased(message: Notification, now: datetime) -> None:
    """In another worker's hands for a minute and a half yet."""
    message.status, message.lease_token = NotificationStatus.SENDING, uuid7()
    message.lease_until = now + timedelta(seconds=90)
    message.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hours", [49, -49, 0.05])
def test_attack_a16_a_worker_whose_clock_is_far_off_touches_nothing_until_it_is_right(
    ttd: Creator, simulators: Simulators, tmp_path: Path, hours: float
) -> None:
    clock = WrongClock(tmp_path / "clock", "config.settings.test", ahead=hours * HOUR)
    now = timezone.now()
    first, *others = messages_of(
        processed_order(ttd), 5, now=now, expires_at=now + timedelta(hours=48)
    )
    leased(first, now)
    before = list(Notification.objects.order_by("pk").values())
    environment = simulators.environment | clock.environment
    worker = CeleryWorker(tmp_path / "worker.log", environment)
    worker.start()
    try:
        wait_for(lambda: "no job runs here" in worker.log(), worker)
        for task in ("dispatch.sweep", "dispatch.send_sms"):
            worker.run(task)
        clock.is_ahead_by(0)
        wait_for(lambda: _has_run(worker, len(others)), worker)
        first.refresh_from_db()
        assert first.status == NotificationStatus.SENDING, "another's lease, which lives"
    finally:
        worker.stop()
    changed = [row["id"] for row in Notification.objects.order_by("pk").values() if row in before]
    assert changed == [first.pk]
    assert not Notification.objects.filter(status=NotificationStatus.FAILED_TTL).exists()


def _has_run(worker: CeleryWorker, wanted: int) -> bool:
    for task in ("dispatch.sweep", "dispatch.send_sms"):
        worker.run(task)
    time.sleep(0.3)
    return Notification.objects.filter(status=NotificationStatus.ACCEPTED).count() == wanted


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A web process, whose clock is right."""
    system = RunningSystem(
        tmp_path_factory.mktemp("wrong_clock"), name="wrong_clock", programs=["web"]
    )
    yield system
    system.stop()


@pytest.fixture
def system(web: RunningSystem) -> Iterator[RunningSystem]:
    """With the test's own worker and beat, and no run remembered."""
    web.query("UPDATE django_celery_beat_periodictask SET last_run_at = NULL RETURNING id")
    yield web
    for program in {"worker", "beat"} & web.processes.keys():
        web.kill(program)


def start(system: RunningSystem, program: str, clock: WrongClock | None = None) -> None:
    right = system.environment
    system.environment = right | (clock.environment if clock else {})
    system.start(program)
    system.environment = right


def runs_by_beat(system: RunningSystem) -> None:
    """Nothing is placed, so that no wake-up starts this job, which takes due orders."""
    [[now]] = system.query("SELECT clock_timestamp()")
    latest = "SELECT started_at FROM dispatch_tick "
    latest += "WHERE name = 'notifications.process_past_due_orders'"
    system.wait_for(lambda: any(row[0] > now for row in system.query(latest)), "a run of beat")


def test_case_03_a_last_run_in_the_future_counts_as_none(system: RunningSystem) -> None:
    ahead = "UPDATE django_celery_beat_periodictask SET last_run_at = now() + interval '2 hours'"
    system.query(f"{ahead} RETURNING id")
    start(system, "worker")
    start(system, "beat")
    runs_by_beat(system)


@pytest.mark.parametrize("seconds", [2 * HOUR, -2 * HOUR])
def test_case_03_a_beat_lives_through_steps_of_its_clock(
    system: RunningSystem, tmp_path: Path, seconds: float
) -> None:
    clock = WrongClock(tmp_path / "clock", "config.settings.local", ahead=seconds)
    start(system, "worker")
    start(system, "beat", clock)
    runs_by_beat(system)
    clock.is_ahead_by(0)
    runs_by_beat(system)
    clock.is_ahead_by(seconds)
    runs_by_beat(system)
    [[latest]] = system.query(
        "SELECT max(last_run_at) - now() FROM django_celery_beat_periodictask"
    )
    assert latest < timedelta(seconds=5), "it writes the database's time"


@pytest.mark.parametrize("seconds", [20, -20])
def test_a_worker_some_seconds_off_drops_no_run_as_late(
    system: RunningSystem, tmp_path: Path, seconds: float
) -> None:
    clock = WrongClock(tmp_path / "clock", "config.settings.local", ahead=seconds)
    start(system, "worker", clock)
    start(system, "beat")
    runs_by_beat(system)


def test_a_web_process_with_a_wrong_clock_takes_orders_at_the_right_time(tmp_path: Path) -> None:
    clock = WrongClock(tmp_path / "clock", "config.settings.local", ahead=49 * HOUR)
    system = RunningSystem(
        tmp_path, name="wrong_web_clock", programs=["web"], settings=clock.environment
    )
    try:
        assert system.place("orders/sms", sms()).status == 202
        [[off]] = system.query("SELECT created - now() FROM orders_order")
        assert abs(off) < timedelta(seconds=5)
    finally:
        system.stop()

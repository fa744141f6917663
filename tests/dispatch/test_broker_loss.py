"""Redis may go away at any moment: a worker gets over it, and so does what it is about to send."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from notifications.models import Notification, NotificationStatus
from orders.models import Creator
from script.launcher.services import valkey
from script.launcher.services.account import service_account
from script.launcher.services.binaries import find_valkey
from script.launcher.services.processes import Household
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.celery_worker import CeleryWorker
from tests.dispatch.waiting import messages_of


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Household]:
    household = Household(log_folder=tmp_path)
    yield household
    household.stop(seconds=2.0)


def started(household: Household, place: valkey.Place | None = None) -> valkey.Valkey:
    account = service_account()
    return valkey.start(
        find_valkey(account), folder=Path("/"), account=account, household=household, place=place
    )


def killed(broker: valkey.Valkey, household: Household) -> None:
    broker.child.process.send_signal(signal.SIGKILL)
    broker.child.process.wait()
    household.children.remove(broker.child)


def wait_for(happened: Callable[[], bool], worker: CeleryWorker) -> None:
    deadline = time.monotonic() + 90
    while not happened():
        assert worker.is_running, worker.log()
        assert time.monotonic() < deadline, worker.log()
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_worker_outlives_its_broker_records_what_it_sent_and_goes_on_with_the_next(
    ttd: Creator, simulators: Simulators, household: Household, tmp_path: Path
) -> None:
    simulators.fault("gateway", "late", latency_ms=2_000)
    first = messages_of(processed_order(ttd), 20, now=timezone.now())
    broker = started(household)
    worker = CeleryWorker(tmp_path / "worker.log", simulators.environment, broker=broker.url)
    worker.start()
    try:
        worker.run("dispatch.send_sms")
        simulators.wait_for_messages(len(first), seconds=90)
        # The task that waits for these answers loses its broker.
        killed(broker, household)
        accepted = Notification.objects.filter(status=NotificationStatus.ACCEPTED)
        wait_for(lambda: accepted.count() == len(first), worker)

        started(household, broker.place)
        second = messages_of(processed_order(ttd), 20, now=timezone.now())
        worker.run("dispatch.send_sms")
        wait_for(lambda: accepted.count() == len(first) + len(second), worker)
    finally:
        worker.stop()

"""A worker that is killed loses nothing and repeats little; one that is asked to stop, nothing."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from dispatch.models import Attempt
from dispatch.sending.in_flight import BATCH
from notifications.models import Notification, NotificationStatus
from orders.models import Creator
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.celery_worker import CeleryWorker
from tests.dispatch.waiting import messages_of

S = NotificationStatus
IN_FLIGHT = 40


@pytest.fixture
def worker(tmp_path: Path, simulators: Simulators) -> Iterator[CeleryWorker]:
    settings = {"SMS_IN_FLIGHT": str(IN_FLIGHT)}
    worker = CeleryWorker(tmp_path / "worker.log", simulators.environment | settings)
    worker.start()
    yield worker
    worker.stop()


def wait_for(happened: Callable[[], bool], worker: CeleryWorker) -> None:
    deadline = time.monotonic() + 90
    while not happened():
        assert time.monotonic() < deadline, worker.log()
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_after_a_kill_in_the_middle_all_messages_arrive_and_each_repetition_is_explained(
    ttd: Creator, simulators: Simulators, worker: CeleryWorker
) -> None:
    # It takes a message at once, and says so after a while.
    simulators.fault("gateway", "late", latency_ms=200)
    rows = messages_of(processed_order(ttd), 200, now=timezone.now())
    worker.run("dispatch.send_sms")
    simulators.wait_for_messages(90, seconds=90)
    worker.kill()

    at_the_kill = Counter(Notification.objects.values_list("status", flat=True))
    assert at_the_kill[S.ACCEPTED] > 0
    assert at_the_kill[S.NEW] > 0
    in_hand = set(Notification.objects.filter(status=S.SENDING).values_list("pk", flat=True))
    assert 0 < len(in_hand) <= IN_FLIGHT + BATCH

    # The clock goes on to where the leases of the dead worker end.
    lapsed = timezone.now() - timedelta(seconds=1)
    Notification.objects.filter(status=S.SENDING).update(lease_until=lapsed)
    worker.start()
    worker.run("dispatch.sweep")
    wait_for(lambda: not Notification.objects.filter(status=S.SENDING).exists(), worker)
    worker.run("dispatch.send_sms")
    wait_for(lambda: Notification.objects.filter(status=S.ACCEPTED).count() == 200, worker)

    times_sent = Counter(message["clientReference"] for message in simulators.messages())
    assert times_sent.keys() == {str(row.pk) for row in rows}
    assert max(times_sent.values()) <= 2
    repeated = {reference for reference, times in times_sent.items() if times == 2}
    assert repeated
    assert repeated <= {str(pk) for pk in in_hand}
    lost_leases = Attempt.objects.filter(outcome=Attempt.Outcome.LEASE_LOST)
    assert set(lost_leases.values_list("notification", flat=True)) == in_hand


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_asked_to_stop_records_what_is_in_flight_and_begins_no_more(
    ttd: Creator, simulators: Simulators, worker: CeleryWorker
) -> None:
    simulators.fault("gateway", "late", latency_ms=500)
    messages_of(processed_order(ttd), 400, now=timezone.now())
    worker.run("dispatch.send_sms")
    simulators.wait_for_messages(90, seconds=90)
    before = time.monotonic()
    worker.stop()
    assert time.monotonic() - before < 15, "Celery's own patience ended it"

    statuses = Counter(Notification.objects.values_list("status", flat=True))
    sent = len(simulators.messages())
    assert statuses == {S.ACCEPTED: sent, S.NEW: 400 - sent}
    assert sent <= 90 + 2 * IN_FLIGHT

"""Nobody is held hostage: not by another's large order, not by another channel's gateway."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from dispatch.gateways.by_channel import ways_out
from dispatch.sending.sender import CLAIMS_IN_A_ROW, Sender
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, SendingTimePolicy
from script.launcher.system.simulators import Simulators
from tests import building
from tests.building import processed_order
from tests.dispatch.celery_worker import CeleryWorker
from tests.dispatch.waiting import copies_of, messages_of
from tests.proof.conftest import Workers

BACKLOG = 100_000
IN_FLIGHT = 50

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_single_message_overtakes_a_hundred_thousand_of_another_creator(
    ttd: Creator, skd: Creator, simulators: Simulators, settings: LazySettings
) -> None:
    """By its place in the order of sending: what the drain had in hand when the message became
    ready may go before it, and what one round of claims takes with it."""
    settings.SMS_IN_FLIGHT = IN_FLIGHT
    now = timezone.now() - timedelta(minutes=1)
    order = processed_order(ttd, now=now)
    copies_of(building.notification(order, now=now, policy=SendingTimePolicy.ANYTIME), BACKLOG - 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_notification")

    def drain() -> int | None:
        try:
            return Sender(ways_out(NotificationChannel.SMS)).drain(seconds=5)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        draining = beside.submit(drain)
        simulators.wait_for_messages(5 * IN_FLIGHT)
        single = messages_of(processed_order(skd, now=timezone.now()), 1, now=timezone.now())[0]
        before = len(simulators.messages())
        assert draining.result() is not None
    order_of_sending = [message["clientReference"] for message in simulators.messages()]
    place = order_of_sending.index(str(single.pk))
    assert len(order_of_sending) > before + 4 * IN_FLIGHT, "too slow to tell"
    assert place - before <= (1 + CLAIMS_IN_A_ROW) * IN_FLIGHT


@contextmanager
def beat(worker: CeleryWorker, *tasks: str) -> Iterator[None]:
    """Tells the worker what beat tells it, and oftener: as if it had fallen behind."""
    done = Event()

    def tick() -> None:
        while not done.wait(0.3):
            for task in tasks:
                worker.run(task)

    with ThreadPoolExecutor(1) as beside:
        ticking = beside.submit(tick)
        try:
            yield
        finally:
            done.set()
            ticking.result()


def test_e_mail_keeps_its_rate_while_the_sms_gateway_hangs(
    ttd: Creator, simulators: Simulators, start_worker: Workers
) -> None:
    """By one worker with eight threads for all queues, as small installations run it."""
    simulators.fault("gateway", "time-out")
    now = timezone.now()
    texts = messages_of(processed_order(ttd, now=now), 600, now=now)
    worker = start_worker(SMS_IN_FLIGHT="100")
    with beat(worker, "dispatch.send_sms", "dispatch.send_email", "dispatch.sweep"):
        sending = Notification.objects.filter(status=NotificationStatus.SENDING)
        until(lambda: sending.count() == 100, worker)
        # Several runs of the hanging channel later e-mails still leave with the next run.
        time.sleep(4)
        for times in range(1, 4):
            now = timezone.now()
            messages_of(processed_order(ttd, channel=Channel.EMAIL, now=now), 50, now=now)
            until(has_left(50 * times), worker, seconds=5)
    assert not Notification.objects.filter(
        pk__in=[text.pk for text in texts], sent_at__isnull=False
    ).exists()


def has_left(count: int) -> Callable[[], bool]:
    mails = Notification.objects.filter(channel=NotificationChannel.EMAIL, sent_at__isnull=False)
    return lambda: mails.count() == count


def until(happened: Callable[[], bool], worker: CeleryWorker, *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, worker.log()
        time.sleep(0.05)

"""A reader that remembers only a number skips nothing, however long the writers' transactions are.

Whoever records an order's last messages at the same moment is in
tests/notifications/results/test_record.py.
"""

import random
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection, transaction

from notifications.models import Notification, NotificationStatus, StatusFeedEntry
from notifications.results import record
from notifications.results.record import Result
from orders.models import Creator, Order
from tests.building import NOON, ids, processed_order
from tests.notifications.conftest import TIMEOUT, Worker

S = NotificationStatus
WRITERS, READERS = 4, 2
ORDERS_OF_EACH = 20
MAX_PAUSE = 0.03


def recording(orders: list[Order], start: threading.Barrier, seed: int) -> Callable[[], None]:
    """Completes the orders one by one; its transactions stay open before and after."""
    pauses = random.Random(seed)

    def job() -> None:
        start.wait(TIMEOUT)
        for order in orders:
            (message,) = Notification.objects.filter(order=order)
            with transaction.atomic():
                dawdle(pauses)
                record.record([Result(message.pk, S.DELIVERED, finished=True)], now=NOON)
                dawdle(pauses)

    return job


def dawdle(pauses: random.Random) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [pauses.random() * MAX_PAUSE])


def reading(start: threading.Barrier, done: threading.Event) -> Callable[[], list[UUID]]:
    """Asks for what comes after the last number it saw, over and over; returns what it saw."""

    def job() -> list[UUID]:
        seen: list[UUID] = []
        last = 0
        start.wait(TIMEOUT)
        is_last_look = False
        while not is_last_look:
            is_last_look = done.is_set()
            entries = StatusFeedEntry.objects.filter(sequence_number__gt=last)
            for number, order in entries.order_by("sequence_number").values_list(
                "sequence_number", "order_id"
            ):
                seen.append(order)
                last = number
        return seen

    return job


@pytest.mark.django_db(transaction=True)
def test_no_reader_skips_an_entry_while_many_write_in_long_transactions(
    ttd: Creator, skd: Creator
) -> None:
    orders = [
        processed_order(creator, S.ACCEPTED)
        for creator in (ttd, skd)
        for _ in range(WRITERS * ORDERS_OF_EACH // 2)
    ]
    start, done = threading.Barrier(WRITERS + READERS), threading.Event()
    readers = [Worker(reading(start, done)) for _ in range(READERS)]
    writers = [
        Worker(recording(orders[share::WRITERS], start, seed=share)) for share in range(WRITERS)
    ]
    for writer in writers:
        writer.result()
    done.set()
    for reader in readers:
        seen = reader.result()
        assert len(seen) == len(orders)
        assert set(seen) == set(ids(orders))

"""The feed tells how each order ended, and a reader that goes by its numbers skips nothing."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from notifications.models import NotificationChannel, NotificationStatus, StatusFeedEntry
from notifications.results.feed import publish
from orders.models import Channel, Creator, Order
from tests.building import NOON, ids, notification, order, processed_order
from tests.notifications.conftest import TIMEOUT, Worker

S = NotificationStatus


class Reader:
    """Polls the feed with a plain cursor: whatever is numbered higher than the last it saw."""

    def __init__(self) -> None:
        self.cursor = 0
        self.seen: list[object] = []

    def poll(self) -> None:
        newer = StatusFeedEntry.objects.filter(sequence_number__gt=self.cursor)
        for number, order_id in newer.order_by("sequence_number").values_list(
            "sequence_number", "order"
        ):
            self.cursor = number
            self.seen.append(order_id)


def publishing(orders: list[Order]) -> Callable[[], None]:
    def job() -> None:
        with transaction.atomic():
            publish(ids(orders), now=NOON)

    return job


def test_an_entry_tells_where_each_notification_went_and_how_it_ended(ttd: Creator) -> None:
    placed = order(ttd, Channel.EMAIL_AND_SMS, status="Completed")
    later = NOON + timedelta(minutes=1)
    notification(placed, S.DELIVERED, channel=NotificationChannel.SMS)
    notification(placed, S.FAILED_BOUNCED, channel=NotificationChannel.EMAIL, now=later)
    notification(placed, S.FAILED_RECIPIENT_RESERVED, address="", normalized_address="")
    publish([placed.pk], now=NOON)
    entry = StatusFeedEntry.objects.get()
    assert (entry.creator, entry.order, entry.round) == (ttd, placed, 1)
    assert (entry.status, entry.created) == ("Completed", NOON)
    told = sorted(entry.recipients, key=lambda recipient: recipient["status"])
    assert told == [
        {
            "destination": "+4799999999",
            "channel": "Sms",
            "status": "Delivered",
            "lastUpdate": "2025-08-25T10:00:00+00:00",
        },
        {
            "destination": "kari@example.com",
            "channel": "Email",
            "status": "Failed_Bounced",
            "lastUpdate": "2025-08-25T10:01:00+00:00",
        },
        {
            "destination": "",
            "channel": "Sms",
            "status": "Failed_RecipientReserved",
            "lastUpdate": "2025-08-25T10:00:00+00:00",
        },
    ]


def test_an_order_that_made_no_notifications_has_an_entry_without_recipients(ttd: Creator) -> None:
    placed = order(ttd, status="SendConditionNotMet")
    publish([placed.pk], now=NOON)
    entry = StatusFeedEntry.objects.get()
    assert (entry.status, entry.recipients) == ("SendConditionNotMet", [])


def test_an_order_that_ends_again_has_another_round(ttd: Creator, skd: Creator) -> None:
    one, other = processed_order(ttd, S.DELIVERED), processed_order(skd, S.DELIVERED)
    for orders in ([one, other], [one], [one]):
        publish(ids(orders), now=NOON)
    rounds = StatusFeedEntry.objects.order_by("sequence_number").values_list("order", "round")
    assert sorted(rounds[:2]) == sorted([(one.pk, 1), (other.pk, 1)])
    assert list(rounds[2:]) == [(one.pk, 2), (one.pk, 3)]


def test_nothing_to_tell_locks_nothing(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        publish([], now=NOON)


def test_many_orders_are_entered_by_two_statements(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    orders = [processed_order(ttd, S.DELIVERED) for _ in range(20)]
    with django_assert_num_queries(2):
        publish(ids(orders), now=NOON)
    assert StatusFeedEntry.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_a_reader_skips_nothing_when_a_slow_transaction_overlaps_a_fast_one(ttd: Creator) -> None:
    """The slow one gets its number first and commits last, if it can."""
    slow, fast = processed_order(ttd, S.DELIVERED), processed_order(ttd, S.DELIVERED)
    reader = Reader()
    entered, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with transaction.atomic():
            publish([slow.pk], now=NOON)
            entered.set()
            assert may_commit.wait(TIMEOUT)

    slow_worker = Worker(slowly)
    assert entered.wait(TIMEOUT)
    fast_worker = Worker(publishing([fast]))
    fast_worker.wait_until_blocked_or_done()
    reader.poll()
    may_commit.set()
    slow_worker.result()
    reader.poll()
    fast_worker.result()
    reader.poll()
    assert reader.seen == [slow.pk, fast.pk]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_taken_back_leaves_a_gap_and_nothing_else(ttd: Creator) -> None:
    lost, kept = processed_order(ttd, S.DELIVERED), processed_order(ttd, S.DELIVERED)
    reader = Reader()
    with transaction.atomic():
        publish([lost.pk], now=NOON)
        worker = Worker(publishing([kept]))
        worker.wait_until_blocked_or_done()
        transaction.set_rollback(True)
    worker.result()
    reader.poll()
    assert reader.seen == [kept.pk]


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_polls_all_the_time_sees_every_entry_once(ttd: Creator, skd: Creator) -> None:
    orders = [processed_order(creator, S.DELIVERED) for creator in (ttd, skd) for _ in range(200)]
    start = threading.Barrier(5)

    def publish_share(share: list[Order]) -> Callable[[], None]:
        def job() -> None:
            start.wait(TIMEOUT)
            for at in range(0, len(share), 2):
                publishing(share[at : at + 2])()

        return job

    workers = [Worker(publish_share(orders[share::4])) for share in range(4)]
    reader = Reader()
    start.wait(TIMEOUT)
    while any(worker.is_alive() for worker in workers):
        reader.poll()
    for worker in workers:
        worker.result()
    reader.poll()
    assert len(reader.seen) == len(orders)
    assert set(reader.seen) == {placed.pk for placed in orders}

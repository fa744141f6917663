"""Small orders cost little, also where the planner's statistics know a few large ones and nothing
else: it then takes every order for a large one."""

import pytest
from django.db import connection

from bench.plans import most_rows_read
from notifications.control import hold
from notifications.expansion import batches
from notifications.expansion.claims import claim_for_expansion
from notifications.models import NotificationStatus
from notifications.results import record
from orders.models import Creator, Order, OrderStatus
from recipients.models import Recipient
from tests.building import NOON, ids, mobiles, notification, order, processed_order
from tests.dispatch.waiting import copies_of

pytestmark = pytest.mark.django_db(transaction=True)

S = NotificationStatus
LARGE, FEW = 20_000, 20


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def large_order(creator: Creator) -> Order:
    large = processed_order(creator)
    copies_of(notification(large), LARGE)
    analyze()
    return large


def test_completing_small_orders_reads_no_notifications_of_a_large_one(ttd: Creator) -> None:
    large_order(ttd)
    small = [processed_order(ttd, S.DELIVERED) for _ in range(FEW)]
    assert most_rows_read(lambda: record.complete(ids(small), now=NOON)) < LARGE / 20
    assert {one.status for one in Order.objects.filter(pk__in=ids(small))} == {
        OrderStatus.COMPLETED
    }


def test_releasing_small_orders_reads_no_notifications_of_a_large_one(ttd: Creator) -> None:
    large_order(ttd)
    small = [processed_order(ttd, S.ACCEPTED) for _ in range(FEW)]
    hold.hold(ids(small), now=NOON)
    assert most_rows_read(lambda: hold.release(ids(small), now=NOON)) < LARGE / 20
    assert not Order.objects.filter(held_at__isnull=False).exists()


def test_expanding_small_orders_reads_no_recipients_of_a_large_one(ttd: Creator) -> None:
    order(ttd, recipients=mobiles(LARGE), status="Completed")
    analyze()
    small = [order(ttd, recipients=mobiles(1)) for _ in range(FEW)]
    claimed = claim_for_expansion(limit=FEW, now=NOON).orders
    assert most_rows_read(lambda: batches.read(claimed)) < LARGE / 20
    assert sum(len(batch.recipients) for batch in batches.read(claimed)) == len(small)
    assert Recipient.objects.count() == LARGE + FEW

"""A month is added up from daily counts, and from nothing else."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.counting import month
from notifications.counting.month import MonthOfCreator
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Creator
from tests.notifications.counting.days import count, made_at, order_at

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
DECEMBER = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_orders_of_the_month_are_counted_with_what_became_of_them(
    ttd: Creator, skd: Creator
) -> None:
    december = order_at(ttd, DECEMBER)
    order_at(ttd, DECEMBER)
    january = order_at(ttd, DECEMBER, requested_send_time=JANUARY)
    order_at(skd, JANUARY)
    for status in (S.DELIVERED, S.SUCCEEDED, S.FAILED_BOUNCED, S.NEW):
        made_at(december, status, DECEMBER, channel=EMAIL)
    for status in (S.DELIVERED, S.ACCEPTED, S.FAILED_TTL):
        made_at(december, status, DECEMBER, channel=SMS, segments=3)
    made_at(january, S.DELIVERED, JANUARY, channel=SMS, segments=2)
    count(JANUARY)
    assert month.of_all(year=2025, month=12) == [MonthOfCreator("ttd", 2, 4, 2, 9, 6)]
    assert month.of_all(year=2026, month=1) == [
        MonthOfCreator("skd", 1, 0, 0, 0, 0),
        MonthOfCreator("ttd", 1, 0, 0, 2, 2),
    ]
    assert month.of_all(year=2026, month=2) == []


def test_no_notification_is_read(ttd: Creator) -> None:
    with CaptureQueriesContext(connection) as queries:
        month.of_all(year=2025, month=12)
    [query] = queries.captured_queries
    assert "notifications_notification" not in query["sql"]
    assert "orders_order" not in query["sql"]

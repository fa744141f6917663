"""Which failed notifications of a service owner there are to be resent."""

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from notifications.models import Notification
from orders.models import Creator, Order
from tests.building import NOON, notification, processed_order
from tests.notifications.resend.resends import LATER, S, resent

pytestmark = pytest.mark.django_db


def test_the_failed_ones_of_a_creator_without_those_that_were_resent(
    ttd: Creator, completed: Order
) -> None:
    failed = notification(completed, S.FAILED)
    once = notification(completed, S.FAILED_TTL)
    again = resent(once, S.FAILED)
    for status in (S.NEW, S.SENDING, S.ACCEPTED, S.DELIVERED):
        notification(completed, status)
    wanted = Notification.objects.failed_of_creator(
        ttd, since=NOON, before=LATER + timedelta(seconds=1)
    )
    assert set(wanted) == {failed, again}


def test_the_failed_ones_of_a_creator_in_a_period(
    ttd: Creator, skd: Creator, completed: Order
) -> None:
    minute = timedelta(minutes=1)
    first, second, last = (
        notification(completed, S.FAILED, now=NOON + n * minute) for n in (0, 1, 2)
    )
    resent(first, S.DELIVERED)
    notification(processed_order(skd), S.FAILED, now=NOON + minute)
    notification(completed, S.DELIVERED, now=NOON + minute)

    def found(since: datetime, before: datetime) -> list[Notification]:
        return list(Notification.objects.failed_of_creator(ttd, since=since, before=before))

    assert found(NOON, NOON + 2 * minute) == [second]
    assert found(NOON, NOON + 3 * minute) == [second, last]


def test_the_failed_ones_of_a_period_are_found_by_their_index(ttd: Creator) -> None:
    wanted = Notification.objects.failed_of_creator(ttd, since=NOON, before=LATER)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = wanted.explain()
    assert "notification_failed" in found
    assert "notification_resent" in found

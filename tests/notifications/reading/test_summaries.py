"""Summaries of what became of an order's messages."""

from itertools import islice
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import (
    EMAIL_STATUSES,
    SMS_STATUSES,
    NotificationChannel,
    NotificationStatus,
)
from notifications.reading import summaries
from notifications.reading.status_texts import (
    EMAIL_STATUS_TEXTS,
    ORDER_STATUS_TEXTS,
    SMS_STATUS_TEXTS,
)
from notifications.reading.summaries import NotificationWithResult, of_order
from orders.models import Channel, Creator, Order, OrderStatus
from tests import building

S = NotificationStatus


def listed(
    creator: Creator, order: Order, channel: NotificationChannel
) -> list[NotificationWithResult]:
    found = of_order(creator=creator, order_id=order.pk, channel=channel)
    assert found is not None
    return list(found.notifications)


def test_every_status_has_a_sentence_and_no_other() -> None:
    assert set(SMS_STATUS_TEXTS) == set(SMS_STATUSES)
    assert set(EMAIL_STATUS_TEXTS) == set(EMAIL_STATUSES)
    assert set(ORDER_STATUS_TEXTS) == set(OrderStatus)


@pytest.mark.django_db
@pytest.mark.parametrize("channel", NotificationChannel)
@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 14, 20])
def test_a_large_order_is_read_in_pieces_that_lose_and_repeat_nothing(
    ttd: Creator, channel: NotificationChannel, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "_CHUNK", 7)
    order, other = (building.order(ttd, Channel.EMAIL_AND_SMS) for _ in range(2))
    made = [building.notification(order, channel=channel) for _ in range(count)]
    for each in NotificationChannel:
        building.notification(other, channel=each)
    with CaptureQueriesContext(connection) as queries:
        found = listed(ttd, order, channel)
    assert [fate.notification_id for fate in found] == sorted(building.ids(made))
    assert len(queries) == 2


@pytest.mark.django_db
def test_notifications_are_not_read_before_they_are_taken(ttd: Creator) -> None:
    order = building.processed_order(ttd, *[S.NEW] * 3)
    with CaptureQueriesContext(connection) as queries:
        found = of_order(creator=ttd, order_id=order.pk, channel=NotificationChannel.SMS)
    assert len(queries) == 1
    assert found is not None
    assert len(list(islice(found.notifications, 2))) == 2


@pytest.mark.django_db
def test_a_notification_is_told_with_whom_it_was_for(ttd: Creator) -> None:
    order = building.order(ttd)
    made = building.notification(order, S.DELIVERED, national_identity_number=building.KARI)
    assert listed(ttd, order, NotificationChannel.SMS) == [
        NotificationWithResult(
            notification_id=made.pk,
            succeeded=True,
            address="+4799999999",
            organization_number="",
            national_identity_number=building.KARI,
            status="Delivered",
            description="The SMS was successfully delivered to its destination.",
            at=building.NOON,
        )
    ]


@pytest.mark.django_db
def test_another_creators_order_is_no_order(ttd: Creator, skd: Creator) -> None:
    order = building.order(ttd)
    for channel in NotificationChannel:
        assert of_order(creator=skd, order_id=order.pk, channel=channel) is None
        assert of_order(creator=ttd, order_id=uuid4(), channel=channel) is None

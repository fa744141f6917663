"""Summaries of what became of an order's SMS."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from notifications import summaries
from notifications.models import (
    EMAIL_STATUSES,
    SMS_STATUSES,
    MessageChannel,
    Notification,
    NotificationStatus,
)
from notifications.summaries import SMS_DESCRIPTIONS, sms_of_order
from orders.models import Channel, Creator, Order, SendingTimePolicy

NOW = datetime(2025, 1, 31, 12, tzinfo=UTC)


def order_of(creator: Creator) -> Order:
    return Order.objects.create(
        creator=creator,
        created=NOW,
        senders_reference="ref",
        requested_send_time=NOW,
        channel=Channel.SMS,
        sms_body="Hello.",
        status_at=NOW,
        next_attempt_at=NOW,
    )


def make(order: Order, count: int, status: NotificationStatus = NotificationStatus.NEW) -> None:
    Notification.objects.bulk_create(
        Notification(
            order=order,
            creator=order.creator,
            channel=MessageChannel.SMS,
            policy=SendingTimePolicy.DAYTIME,
            address=f"+4790{index:06}",
            status=status,
            status_at=NOW,
            finished_at=None if status == "New" else NOW,
            expires_at=NOW + timedelta(hours=48) if status == "New" else None,
            next_attempt_at=NOW,
            created=NOW,
        )
        for index in range(count)
    )


def test_every_status_of_an_sms_has_a_sentence_and_no_other() -> None:
    assert set(SMS_DESCRIPTIONS) == set(SMS_STATUSES)
    assert set(EMAIL_STATUSES) - set(SMS_DESCRIPTIONS)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 14, 20])
def test_a_large_order_is_read_in_chunks_that_lose_and_repeat_nothing(
    ttd: Creator, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "_CHUNK", 7)
    order = order_of(ttd)
    make(order, count)
    make(order_of(ttd), 3)
    found = sms_of_order(creator=ttd, order_id=order.id)
    assert found is not None
    ids = list(Notification.objects.filter(order=order).order_by("id").values_list("id", flat=True))
    assert [fate.notification_id for fate in found.fates] == ids
    assert found.generated == count


@pytest.mark.django_db
def test_all_rows_count_and_the_delivered_ones_have_succeeded(ttd: Creator) -> None:
    order = order_of(ttd)
    make(order, 2)
    make(order, 3, NotificationStatus.DELIVERED)
    make(order, 1, NotificationStatus.FAILED)
    found = sms_of_order(creator=ttd, order_id=order.id)
    assert found is not None
    assert (found.generated, found.succeeded) == (6, 3)


@pytest.mark.django_db
def test_another_creators_order_is_no_order(ttd: Creator, skd: Creator) -> None:
    order = order_of(ttd)
    assert sms_of_order(creator=skd, order_id=order.id) is None
    assert sms_of_order(creator=ttd, order_id=uuid4()) is None

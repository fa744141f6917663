"""How far an order has come, and what it waits for."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django import DjangoAssertNumQueries

from dispatch.models import ChannelPause
from dispatch.monitoring import progress
from dispatch.monitoring.progress import Progress, Reason, Wait
from dispatch.sending import pauses
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Creator, Order, OrderStatus
from tests import building
from tests.building import NOON

pytestmark = pytest.mark.django_db

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
LATER = NOON + timedelta(minutes=5)


def of(order: Order) -> Progress:
    found = progress.of_order(creator=order.creator, order_id=order.pk, now=NOON)
    assert found is not None
    return found


def test_notifications_are_counted_by_status(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = building.processed_order(
        ttd, S.NEW, S.DELIVERED, S.DELIVERED, S.FAILED_EXPIRED, S.ACCEPTED
    )
    building.notification(order, S.SUCCEEDED, channel=EMAIL, finished_at=NOON, expires_at=None)
    with django_assert_num_queries(3):
        found = progress.of_order(creator=ttd, order_id=order.pk, now=NOON)
    assert found is not None
    assert found.by_status == {
        SMS: {S.NEW: 1, S.DELIVERED: 2, S.FAILED_EXPIRED: 1, S.ACCEPTED: 1},
        EMAIL: {S.SUCCEEDED: 1},
    }
    assert (found.under_way, found.succeeded, found.failed) == (2, 3, 1)
    assert not found.is_final


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"requested_send_time": LATER}, Wait(Reason.SCHEDULED, LATER)),
        ({"requested_send_time": LATER, "held_at": NOON}, Wait(Reason.HELD, None)),
        ({"next_attempt_at": LATER}, None),
        ({"next_attempt_at": LATER, "attempts": 2}, Wait(Reason.RETRY, LATER)),
        (
            {"next_attempt_at": LATER, "awaits_condition": True, "condition_asked_at": NOON},
            Wait(Reason.SEND_CONDITION, LATER),
        ),
        ({"status": OrderStatus.CANCELLED, "held_at": NOON}, None),
        ({}, None),
    ],
)
def test_an_order_that_is_not_processed_waits_for_one_thing(
    ttd: Creator, fields: dict[str, Any], waits: Wait | None
) -> None:
    found = of(building.order(ttd, **fields))
    assert found.waits == waits
    assert found.is_final is (fields.get("status") == OrderStatus.CANCELLED)


@pytest.mark.parametrize(
    ("status", "fields", "waits"),
    [
        (S.NEW, {}, None),
        (S.NEW, {"next_attempt_at": LATER}, Wait(Reason.RETRY, LATER, SMS)),
        (S.NEW, {"is_held": True}, Wait(Reason.HELD, None, SMS)),
        (S.ACCEPTED, {"expires_at": LATER}, Wait(Reason.DELIVERY_REPORT, LATER, SMS)),
    ],
)
def test_a_processed_order_waits_for_its_notifications(
    ttd: Creator,
    settings: LazySettings,
    status: NotificationStatus,
    fields: dict[str, Any],
    waits: Wait | None,
) -> None:
    settings.SMS_SEND_WINDOW = "00:00-24:00"
    order = building.processed_order(ttd)
    building.notification(order, status, **fields)
    assert of(order).waits == waits


def test_it_waits_for_the_window_or_a_paused_channel_unless_another_goes_on(
    ttd: Creator, settings: LazySettings
) -> None:
    settings.SMS_SEND_WINDOW = "20:00-21:00"
    order = building.processed_order(ttd, S.NEW)
    waits = of(order).waits
    assert waits is not None
    assert (waits.reason, waits.channel) == (Reason.SEND_WINDOW, SMS)
    assert waits.until is not None
    assert waits.until > NOON

    pauses.pause(SMS, ChannelPause.Cause.RATE_LIMIT, until=LATER, reason="429", now=NOON)
    assert of(order).waits == Wait(Reason.CHANNEL_PAUSED, LATER, SMS)

    building.notification(order, S.NEW, channel=EMAIL)
    assert of(order).waits is None


def test_nobody_elses_order_is_told(ttd: Creator) -> None:
    skd = Creator.objects.create(short_name="skd")
    order = building.order(skd)
    assert progress.of_order(creator=ttd, order_id=order.pk, now=NOON) is None

"""Turns of expansion, and what became of an order in them."""

from datetime import datetime, timedelta

from notifications.expansion.claims import LEASE
from notifications.expansion.expand import process_past_due_orders
from notifications.models import Notification, StatusFeedEntry
from orders.models import Order
from orders.requests import SmsText
from tests.building import (
    NOON,
)

KARIS_NUMBER = "+4793000002"
BY_NAME = SmsText("Hi $recipientName$")
SECOND = timedelta(seconds=1)
AFTER_THE_LEASE = LEASE + timedelta(seconds=31)


def turns(count: int, *, now: datetime = NOON) -> None:
    for _ in range(count):
        process_past_due_orders(now=now)


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def addresses(order: Order) -> list[str]:
    rows = Notification.objects.filter(order=order).order_by("id")
    return list(rows.values_list("address", flat=True))


def outcomes(order: Order) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(order=order).order_by("id")
    return list(rows.values_list("channel", "status"))


def feed_of(order: Order) -> list[tuple[str, int]]:
    entries = StatusFeedEntry.objects.filter(order=order)
    return [(entry.status, len(entry.recipients)) for entry in entries]

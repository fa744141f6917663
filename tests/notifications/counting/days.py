"""Orders and notifications of certain moments, and what the daily counts make of them."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notifications.counting import hours
from notifications.models import DailyCount, DailyOrderCount, Notification, NotificationStatus
from orders.models import Channel, Creator, Order
from runtime.uuid7 import lowest_at
from tests.building import notification
from tests.building import order as store

EXPIRY = timedelta(hours=48)


def id_at(moment: datetime, number: int) -> UUID:
    return UUID(int=lowest_at(moment).int + number)


def order_at(creator: Creator, moment: datetime, **fields: Any) -> Order:
    """One whose id tells that it was placed at the moment."""
    stored = store(creator, now=moment, **{"channel": Channel.EMAIL_AND_SMS} | fields)
    placed = id_at(moment, Order.objects.count())
    Order.objects.filter(pk=stored.pk).update(id=placed)
    return Order.objects.get(pk=placed)


def made_at(of: Order, status: NotificationStatus, moment: datetime, **fields: Any) -> Notification:
    """One whose id tells that it was made at the moment."""
    own = id_at(moment, Notification.objects.count())
    return notification(of, status, now=moment, **{"id": own} | fields)


def count(now: datetime) -> int:
    """Everything that is due; returns how many turns that took."""
    turns = 0
    while hours.count_next(now=now):
        turns += 1
        assert turns < 1_000
    return turns


def counted() -> Counter[tuple[str, str, str, str]]:
    """Day, owner, channel and status of all notifications, as the daily counts have them."""
    return Counter(
        {
            (f"{row.day}", row.creator.short_name, row.channel, row.status): row.notifications
            for row in DailyCount.objects.select_related("creator")
            if row.notifications
        }
    )


def there_are() -> Counter[tuple[str, str, str, str]]:
    """The same, of the notifications themselves."""
    return Counter(
        (f"{n.order.requested_send_time:%Y-%m-%d}", n.creator.short_name, n.channel, n.status)
        for n in Notification.objects.select_related("order", "creator")
    )


def orders_counted() -> dict[tuple[str, str], int]:
    return {
        (f"{row.day}", row.creator.short_name): row.orders
        for row in DailyOrderCount.objects.select_related("creator")
    }

"""Many messages of an order that wait to be sent."""

from datetime import datetime
from typing import Any

from django.db import connection

from notifications.models import Notification, NotificationChannel
from orders.models import Order, SendingTimePolicy
from runtime.uuid7 import uuid7
from tests import building


def messages_of(order: Order, count: int, *, now: datetime, **fields: Any) -> list[Notification]:
    """Messages that may leave at any hour, each to an address of its own; fields as the model's."""
    values: dict[str, Any] = {"policy": SendingTimePolicy.ANYTIME, "created": now} | fields
    first = building.notification(order, now=now, **values)
    is_sms = first.channel == NotificationChannel.SMS
    rows = [first]
    for number in range(1, count):
        address = f"+47{99000000 + number}" if is_sms else f"reader-{number}@example.com"
        row = Notification(**_values(first))
        row.pk, row.address, row.normalized_address = uuid7(), address, address
        rows.append(row)
    Notification.objects.bulk_create(rows[1:])
    return rows


def copies_of(row: Notification, count: int) -> None:
    """Very many more messages like this one, to the same address."""
    names = ", ".join(name for name in _columns() if name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO notifications_notification (id, {names})"  # noqa: S608
            f" SELECT gen_random_uuid(), {names} FROM notifications_notification"
            " CROSS JOIN generate_series(1, %s) WHERE id = %s",
            [count, row.pk],
        )


def _columns() -> list[str]:
    return [field.column for field in Notification._meta.concrete_fields if field.column]


def _values(row: Notification) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}

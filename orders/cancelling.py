"""Cancels an order that nobody has begun to process."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from orders.models import Creator, Order, OrderStatus

# https://docs.altinn.studio/notifications: an order can be cancelled until five minutes before.
LATEST = timedelta(minutes=5)


class OrderNotFound(Exception):
    """The creator has no such order."""


class CannotCancel(Exception):
    """The order's send time is too near, or the order is past being registered."""


def cancel(*, creator: Creator, order_id: UUID, now: datetime) -> None:
    """Cancel the order; cancelling it again changes nothing.

    The row is locked while it is judged, so a worker that claims the order at the same moment
    either comes first, and the order cannot be cancelled, or finds it cancelled. A cancelled order
    has no feed entry. Raises OrderNotFound or CannotCancel.
    """
    with transaction.atomic():
        try:
            order = (
                Order.objects.of_creator(creator).select_for_update(no_key=True).get(pk=order_id)
            )
        except Order.DoesNotExist:
            raise OrderNotFound(f"{creator} has no order {order_id}.") from None
        if order.status == OrderStatus.CANCELLED:
            return
        if order.status != OrderStatus.REGISTERED or order.requested_send_time <= now + LATEST:
            raise CannotCancel(f"Order {order_id} is being processed, or is about to be.")
        _cancel([order_id], now=now)


def cancel_by_staff(order_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Cancel those of the orders that nobody has begun to process, however near their time;
    returns which these are. The others stay as they are."""
    return _cancel(order_ids, now=now)


def _cancel(order_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Whoever claims one of them at the same moment either comes first, or finds it cancelled."""
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL, {"ids": list(order_ids), "now": now})
        return {row[0] for row in cursor.fetchall()}


# Rows are locked in the order of their ids, as by everybody who locks several orders.
_CANCEL = """
WITH locked AS MATERIALIZED (
    SELECT id FROM orders_order
    WHERE id = ANY(%(ids)s) AND status = 'Registered'
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE orders_order o
SET status = 'Cancelled', status_at = %(now)s, held_at = NULL
FROM locked WHERE o.id = locked.id
RETURNING o.id
"""

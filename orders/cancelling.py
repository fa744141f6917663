"""Cancels an order that nobody has begun to process."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

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
        order.status = OrderStatus.CANCELLED
        order.status_at = now
        order.save(update_fields=["status", "status_at"])

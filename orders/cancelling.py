"""Cancels an order that nobody has begun to process."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from orders.models import Creator, Order, OrderStatus
from runtime.database.locking import lock

# https://docs.altinn.studio/notifications: an order can be cancelled until five minutes before.
LATEST = timedelta(minutes=5)


class OrderNotFound(Exception):
    """The creator has no such order."""


class CannotCancel(Exception):
    """The order's send time is too near, or the order is past being registered."""


def cancel(*, creator: Creator, order_id: UUID, now: datetime) -> bool:
    """Cancel the order; False where it was cancelled before, which changes nothing.

    The row is locked while it is judged, so a worker that claims the order at the same moment
    either comes first, and the order cannot be cancelled, or finds it cancelled. Raises
    OrderNotFound or CannotCancel.
    """
    with transaction.atomic():
        try:
            order = (
                Order.objects.of_creator(creator).select_for_update(no_key=True).get(pk=order_id)
            )
        except Order.DoesNotExist:
            raise OrderNotFound(f"{creator} has no order {order_id}.") from None
        if order.status == OrderStatus.CANCELLED:
            return False
        if not order.can_cancel or order.requested_send_time <= now + LATEST:
            raise CannotCancel(f"Order {order_id} is being processed, or is about to be.")
        _cancel([order_id], now=now)
        return True


def cancel_by_staff(order_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Cancel those of the orders that nobody has begun to process, however near their time;
    returns which these are. The others stay as they are."""
    return _cancel(order_ids, now=now)


def _cancel(order_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Whoever claims one of them at the same moment either comes first, or finds it cancelled."""
    with transaction.atomic():
        ids = lock(Order.objects.cancellable(), order_ids)
        Order.objects.filter(pk__any_of=ids).update(
            status=OrderStatus.CANCELLED, status_at=now, held_at=None
        )
    return set(ids)

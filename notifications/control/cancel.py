"""Cancels orders, and enters them in the feed, from which their owners' webhooks are told."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications.results import feed
from orders import cancelling
from orders.models import Creator


def cancel(*, creator: Creator, order_id: UUID, now: datetime) -> None:
    """Cancel the order; cancelling it again changes nothing. Raises as `orders.cancelling`."""
    with transaction.atomic():
        if cancelling.cancel(creator=creator, order_id=order_id, now=now):
            feed.publish([order_id], now=now)


def cancel_by_staff(order_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Cancel those of the orders that nobody has begun to process, however near their time;
    returns which these are. Where it stands in a transaction, it is to be the last write."""
    with transaction.atomic():
        ids = cancelling.cancel_by_staff(order_ids, now=now)
        feed.publish(ids, now=now)
    return ids

"""A shipment, which is an order under another name, and how each of its notifications stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from notifications.models import Notification, NotificationChannel, NotificationQuerySet
from orders.models import Creator, Order

# Rows in memory at a time: a shipment may have 100,000 notifications.
PAGE = 1_000


class ShipmentNotFound(Exception):
    """The creator has no such shipment; that somebody else has one is never told."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """`at` is when the status last changed."""

    id: UUID
    senders_reference: str | None
    type: str
    status: str
    at: datetime
    is_purged: bool


class Delivery(NamedTuple):
    """One notification and how it stands. `address` is "" where none was found, and also once it is
    purged."""

    id: UUID
    channel: str
    address: str
    status: str
    at: datetime


def with_id(shipment_id: UUID, *, creator: Creator) -> Shipment:
    """Raises ShipmentNotFound."""
    found = (
        Order.objects.of_creator(creator)
        .filter(pk=shipment_id)
        .values_list("senders_reference", "type", "status", "status_at", "purged_at")
        .first()
    )
    if found is None:
        raise ShipmentNotFound(f"{creator} has no shipment {shipment_id}.")
    reference, type_, status, at, purged_at = found
    return Shipment(shipment_id, reference, type_, status, at, purged_at is not None)


def deliveries(shipment_id: UUID) -> Iterator[Sequence[Delivery]]:
    """All e-mails, then all SMS, each in the order they were made, page by page.

    A page is read when it is taken, by a query of its own that goes on behind the page before: no
    connection is needed between. So the pages of a large shipment are of different moments, but
    none is older than the shipment's own status, and no notification is left out or comes twice.
    """
    notifications = Notification.objects.filter(order_id=shipment_id)
    first = _after(None, notifications, limit=PAGE + 1)
    if len(first) <= PAGE:
        yield sorted(first, key=lambda delivery: delivery.channel != NotificationChannel.EMAIL)
        return
    for channel in (NotificationChannel.EMAIL, NotificationChannel.SMS):
        last: UUID | None = None
        while page := _after(last, notifications.filter(channel=channel), limit=PAGE):
            yield page
            last = page[-1].id


def _after(last: UUID | None, notifications: NotificationQuerySet, *, limit: int) -> list[Delivery]:
    if last is not None:
        notifications = notifications.filter(id__gt=last)
    rows = notifications.order_by("id").values_list(*Delivery._fields[:4], "status_at")
    return [Delivery(*row) for row in rows[:limit]]

"""Finds a service owner's orders, and whom they were placed for."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from orders.models import Creator, Order, OrderQuerySet
from orders.requests import Addressee
from recipients.models import Recipient

# Rows held in memory at a time: an order may have 100,000 recipients.
_CHUNK = 2_000


def with_id(order_id: UUID, *, creator: Creator) -> OrderQuerySet:
    """The one order, or none: that somebody else has it is never told."""
    return Order.objects.of_creator(creator).select_related("creator").filter(pk=order_id)


def with_reference(reference: str, *, creator: Creator) -> OrderQuerySet:
    """Those whose reference is exactly this, letter case included; the oldest first."""
    orders = Order.objects.of_creator(creator).select_related("creator")
    return orders.filter(senders_reference=reference).order_by("created", "id")


def part_of(
    orders: OrderQuerySet, *, status: str | None, after: UUID | None, limit: int | None
) -> OrderQuerySet:
    """In the order of ids, which is that of their making but for milliseconds.

    Chosen once: what is read of them afterwards does not change with their status.
    """
    if status is not None:
        orders = orders.filter(status=status)
    if after is not None:
        orders = orders.filter(pk__gt=after)
    chosen = list(orders.order_by("id").values_list("pk", flat=True)[:limit])
    return Order.objects.select_related("creator").filter(pk__in=chosen).order_by("id")


def recipients_of(orders: OrderQuerySet) -> Iterator[tuple[UUID, Iterator[Addressee]]]:
    """The recipients of each of the orders, as submitted and in the order of the request.

    One query, read in pieces: those of one order have to be taken before the next order's. Orders
    come in no particular order.
    """
    rows = (
        Recipient.objects.filter(order__in=orders.order_by().values("pk"))
        .order_by("order_id", "id")
        .values_list("order_id", *Addressee._fields)
        .iterator(chunk_size=_CHUNK)
    )
    for order_id, of_order in groupby(rows, key=itemgetter(0)):
        yield order_id, (Addressee(*row[1:]) for row in of_order)

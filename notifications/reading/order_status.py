"""How far an order has come, and how many notifications it has led to."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from notifications.models import SUCCEEDED, Notification, NotificationChannel
from orders import queries
from orders.models import Creator, Order


@dataclass(frozen=True, slots=True)
class Tally:
    """How many notifications of one channel there are, and how many have succeeded."""

    generated: int
    succeeded: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The order as it stands, with a tally for each channel that it has led to any on."""

    order: Order
    tallies: Mapping[NotificationChannel, Tally]


def of_order(*, creator: Creator, order_id: UUID) -> Progress | None:
    """None where the creator has no such order; that somebody else has one is never told.

    The order is read first: one that is told to be completed has all its
    notifications counted as such.
    """
    order = queries.with_id(order_id, creator=creator).first()
    return None if order is None else Progress(order, _tallies(order_id))


def _tallies(order_id: UUID) -> dict[NotificationChannel, Tally]:
    """Re-sent notifications count, too."""
    counted = (
        Notification.objects.filter(order_id=order_id)
        .values_list("channel")
        .annotate(generated=Count("pk"), succeeded=Count("pk", filter=Q(status__in=SUCCEEDED)))
    )
    return {
        NotificationChannel(channel): Tally(generated, succeeded)
        for channel, generated, succeeded in counted
    }

"""What became of an order's notifications, in the words its service owner reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from notifications.models import (
    FAILED,
    SUCCEEDED,
    Notification,
    NotificationChannel,
    NotificationQuerySet,
)
from notifications.reading import status_texts
from orders.models import Creator, Order

# Rows held in memory at a time: an order may have led to 100,000 notifications.
_CHUNK = 2_000


class NotificationWithResult(NamedTuple):
    """One notification and what became of it. `address` is "" where none was found, None once
    purged; the numbers are "" where the recipient was addressed otherwise. `at` is when the status
    last changed."""

    notification_id: UUID
    succeeded: bool
    address: str | None
    organization_number: str
    national_identity_number: str
    status: str
    description: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """All notifications of one channel that an order has led to so far, re-sent ones included.

    `notifications`, in the order they were made, are read while they are taken, and only once.
    """

    order_id: UUID
    senders_reference: str | None
    notifications: Iterator[NotificationWithResult]


class Wanted(StrEnum):
    """Of what outcome so far."""

    UNDER_WAY = "UnderWay"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Part:
    """Which of an order's notifications are read: behind one of them, and at most so many."""

    wanted: Wanted | None = None
    after: UUID | None = None
    limit: int | None = None

    def of(self, notifications: NotificationQuerySet) -> NotificationQuerySet:
        match self.wanted:
            case Wanted.UNDER_WAY:
                notifications = notifications.open()
            case Wanted.SUCCEEDED:
                notifications = notifications.filter(finished_at__isnull=False).exclude(FAILED)
            case Wanted.FAILED:
                notifications = notifications.filter(FAILED)
        if self.after is not None:
            notifications = notifications.filter(pk__gt=self.after)
        return notifications[: self.limit]


ALL = Part()


def of_order(
    *, creator: Creator, order_id: UUID, channel: NotificationChannel, part: Part = ALL
) -> Summary | None:
    """None where the creator has no such order; that somebody else has one is never told."""
    order = Order.objects.of_creator(creator).filter(id=order_id)
    found = order.values_list("senders_reference", "purged_at").first()
    if found is None:
        return None
    reference, purged_at = found
    notifications = _notifications(
        part.of(Notification.objects.of_order(order_id, channel)),
        channel,
        is_purged=purged_at is not None,
    )
    return Summary(order_id, reference, notifications)


def _notifications(
    found: NotificationQuerySet, channel: NotificationChannel, *, is_purged: bool
) -> Iterator[NotificationWithResult]:
    """One query, so that all rows are of the same moment."""
    rows = found.values_list(
        "id",
        "status",
        "address",
        "organization_number",
        "national_identity_number",
        "status_at",
        "sent_at",
    )
    for key, status, address, organization, person, status_at, sent_at in rows.iterator(_CHUNK):
        shown, description = status_texts.of_notification(
            status, channel=channel, was_sent=sent_at is not None
        )
        yield NotificationWithResult(
            notification_id=key,
            succeeded=status in SUCCEEDED,
            address=None if is_purged else address,
            organization_number=organization,
            national_identity_number=person,
            status=shown,
            description=description,
            at=status_at,
        )

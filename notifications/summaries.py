"""What became of an order's messages, in the words its service owner reads."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import Q

from notifications import descriptions
from notifications.models import SUCCEEDED, MessageChannel, Notification
from orders.models import Creator, Order

# Rows unpacked at a time: an order may have led to 100,000 messages.
_CHUNK = 1_000


class Fate(NamedTuple):
    """One message and what became of it. `address` is "" where none was found, and None once
    purged; the numbers are "" where the recipient was addressed otherwise. `at` is when the status
    last changed."""

    notification_id: str
    succeeded: bool
    address: str | None
    organization_number: str
    national_identity_number: str
    status: str
    description: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """All messages of one channel that an order has led to so far, re-sent ones included: as they
    were at one moment, which the counts are of, too.

    `fates`, in the order the messages were made, can be taken only once. All have been read by
    then, and wait packed in some 100 bytes each: whoever takes them slowly needs no database, and
    is told of no error half-way.
    """

    order_id: UUID
    senders_reference: str | None
    generated: int
    succeeded: int
    fates: Iterator[Fate]


def of_order(*, creator: Creator, order_id: UUID, channel: MessageChannel) -> Summary | None:
    """None where the creator has no such order; that somebody else has one is never told."""
    order = Order.objects.of_creator(creator).filter(id=order_id)
    found = order.values_list("senders_reference", "purged_at").first()
    if found is None:
        return None
    reference, purged_at = found
    generated = succeeded = 0
    packed: deque[bytes] = deque()
    for rows in _chunks(order_id, channel):
        generated += len(rows)
        succeeded += sum(status in SUCCEEDED for status, *_ in rows)
        # A copy, since what orjson returns keeps up to twice the room that it needs.
        packed.append(bytes(memoryview(orjson.dumps(rows))))
    fates = _fates(packed, channel, is_purged=purged_at is not None)
    return Summary(order_id, reference, generated, succeeded, fates)


def _chunks(order_id: UUID, channel: MessageChannel) -> Iterator[list[tuple[Any, ...]]]:
    """One query, so that all rows are of the same moment."""
    rows = (
        Notification.objects.of_order(order_id, channel)
        .annotate(was_handed_over=Q(sent_at__isnull=False))
        .values_list(
            "status",
            "was_handed_over",
            "id",
            "address",
            "organization_number",
            "national_identity_number",
            "status_at",
        )
        .iterator(_CHUNK)
    )
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _fates(packed: deque[bytes], channel: MessageChannel, *, is_purged: bool) -> Iterator[Fate]:
    """Forgets each chunk when it is unpacked."""
    while packed:
        for status, was_handed_over, key, address, organization, person, at in orjson.loads(
            packed.popleft()
        ):
            shown, description = descriptions.of_message(
                status, channel=channel, was_handed_over=was_handed_over
            )
            yield Fate(
                notification_id=key,
                succeeded=status in SUCCEEDED,
                address=None if is_purged else address,
                organization_number=organization,
                national_identity_number=person,
                status=shown,
                description=description,
                at=datetime.fromisoformat(at),
            )

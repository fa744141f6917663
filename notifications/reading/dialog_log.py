"""What was sent about a dialog in Dialogporten, and what became of it."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from notifications.models import Notification
from orders.models import Creator

MAX_ENTRIES = 1_000
"""The newest ones are told of; nobody reads so many."""


class LogEntry(NamedTuple):
    """One notification that has ended. `destination` is "" where no address was found, and also
    once it is purged."""

    notification_id: UUID
    dialog_id: str | None
    transmission_id: str | None
    type: str
    channel: str
    destination: str
    status: str
    requested_send_time: datetime
    at: datetime
    purged_at: datetime | None


_COLUMNS = (
    "id",
    "order__chain__dialog_id",
    "order__chain__transmission_id",
    "order__type",
    "channel",
    "address",
    "status",
    "order__requested_send_time",
    "status_at",
    "order__purged_at",
)


def entries(
    *,
    dialog_ids: Collection[str] = (),
    transmission_ids: Collection[str] = (),
    creator: Creator | None = None,
) -> list[LogEntry]:
    """Those of the dialog and of the transmission, where they are given, the newest first.

    Each may be written in several ways, of which any counts. Without a creator those of all are
    told of: whoever asks has seen to it that the dialog is the reader's.
    """
    found = Notification.objects.filter(finished_at__isnull=False)
    if dialog_ids:
        found = found.filter(order__chain__dialog_id__in=dialog_ids)
    if transmission_ids:
        found = found.filter(order__chain__transmission_id__in=transmission_ids)
    if not (dialog_ids or transmission_ids):
        found = found.none()
    if creator is not None:
        found = found.filter(order__chain__creator=creator)
    rows = found.order_by("-order__chain_id", "-id").values_list(*_COLUMNS)
    return [LogEntry(*row) for row in rows[:MAX_ENTRIES]]


def as_written(guid: UUID) -> list[str]:
    """The ways in which senders write one: it is stored as they gave it."""
    ways = [str(guid), guid.hex, f"{{{guid}}}"]
    return [*ways, *(way.upper() for way in ways)]

"""Marks hours whose counts have become wrong: a notification that had ended has ended otherwise."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from notifications.models import LateChange
from runtime.uuid7 import made_at


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def note(notification_ids: Iterable[UUID]) -> None:
    """Needs the transaction that changes them. Each call leaves rows of its own: one that is
    shared could be taken away by a count that does not see the change yet."""
    hours = {hour_of(made_at(notification_id)) for notification_id in notification_ids}
    LateChange.objects.bulk_create(LateChange(hour=hour) for hour in sorted(hours))

"""What the notifications of an order have gone through, in one aggregate whatever their number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q

from notifications.models import Notification


@dataclass(frozen=True, slots=True)
class Steps:
    """What all notifications of one channel and status have gone through, and when."""

    channel: str
    status: str
    finished: bool
    is_resend: bool
    count: int
    created: tuple[datetime, datetime]
    never_sent: int
    sent: tuple[datetime, datetime] | None
    changed: tuple[datetime, datetime]

    @property
    def sent_count(self) -> int:
        return self.count - self.never_sent


def steps_of(order_id: UUID, *, only: UUID | None = None) -> list[Steps]:
    """One query, whatever the number of notifications; `only` is the id of one of them."""
    notifications = Notification.objects.filter(order_id=order_id)
    if only:
        notifications = notifications.filter(pk=only)
    groups = (
        notifications.order_by()
        .values(
            "channel",
            "status",
            finished=Q(finished_at__isnull=False),
            is_resend=Q(resend_of__isnull=False),
            # Those that failed as they were made apart from those that failed later.
            at_once=Q(created=F("status_at")),
        )
        .annotate(
            count=Count("id"),
            sent_count=Count("sent_at"),
            made_first=Min("created"),
            made_last=Max("created"),
            sent_first=Min("sent_at"),
            sent_last=Max("sent_at"),
            changed_first=Min("status_at"),
            changed_last=Max("status_at"),
        )
        .order_by("channel", "is_resend", "status", "at_once")
    )
    return [
        Steps(
            channel=group["channel"],
            status=group["status"],
            finished=group["finished"],
            is_resend=group["is_resend"],
            count=group["count"],
            created=(group["made_first"], group["made_last"]),
            never_sent=group["count"] - group["sent_count"],
            sent=(group["sent_first"], group["sent_last"]) if group["sent_count"] else None,
            changed=(group["changed_first"], group["changed_last"]),
        )
        for group in groups
    ]

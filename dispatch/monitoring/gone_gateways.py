"""Notifications that wait for a gateway which the settings do not name (any more).

What a gateway may have taken is given to no other: unless it is named again they expire.
"""

from dataclasses import dataclass
from datetime import datetime

from dispatch.gateways import configured
from dispatch.monitoring.backlog import MAX_COUNTED
from notifications.models import NotificationChannel
from runtime.database import sql


@dataclass(frozen=True, slots=True)
class Gone:
    """`notifications` is at least so many, where they are more than MAX_COUNTED."""

    channel: NotificationChannel
    gateway: str
    notifications: int
    first_expiry: datetime


def waited_for() -> list[Gone]:
    """One for each gateway that is gone and waited for."""
    named = {(one.channel, one.name) for one in configured.all_gateways()}
    found = [
        Gone(NotificationChannel(channel), gateway, count, first_expiry)
        for channel, gateway, count, first_expiry in sql.rows(_WAITED_FOR, most=MAX_COUNTED)
    ]
    return [one for one in found if (one.channel, one.gateway) not in named]


# Its cost grows with what is bound, which is little: the index notification_bound has nothing else.
_WAITED_FOR = """
SELECT channel, gateway, count(*), min(expires_at)
FROM (
    SELECT channel, gateway, expires_at FROM notifications_notification
    WHERE status = 'New' AND gateway IS NOT NULL LIMIT %(most)s
) AS looked_at
GROUP BY channel, gateway
ORDER BY channel, gateway
"""

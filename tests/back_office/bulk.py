"""Many messages at once, spread over the days before, for tests that look at plans and memory."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from notifications.models import Notification
from orders.models import Order

NOW = datetime(2025, 8, 25, 10, 0, tzinfo=UTC)

_MANY = """
    INSERT INTO notifications_notification (
        id, order_id, creator_id, channel, policy, address, normalized_address,
        national_identity_number, organization_number, status, status_at, finished_at, reason,
        next_attempt_at, expires_at, attempts, created, is_held
    )
    SELECT
        (lpad(to_hex((extract(epoch FROM made) * 1000)::bigint), 12, '0') || '7000'
            || '8' || lpad(to_hex(number), 15, '0'))::uuid,
        %(order)s, %(creator)s, 'Sms', 'Daytime', '+4799999999', '+4799999999', '', '',
        CASE WHEN fails THEN 'Failed' ELSE 'Delivered' END,
        made, made, CASE WHEN fails THEN 'It failed.' ELSE '' END, made, NULL, 1, made, false
    FROM (
        SELECT number, number %% %(failing)s = 0 AS fails,
            %(now)s::timestamptz - number * %(step)s::interval AS made
        FROM generate_series(1, %(count)s) AS number
    ) AS rows
"""


def messages(of: Order, count: int, *, step: timedelta, failing: int = 1000) -> None:
    """So many finished messages of the order, one each `step`, the latest just before NOW; every
    `failing`th failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MANY,
            {
                "order": of.pk,
                "creator": of.creator_id,
                "now": NOW,
                "step": f"{step.total_seconds()} seconds",
                "count": count,
                "failing": failing,
            },
        )
        cursor.execute("ANALYZE notifications_notification")


def newest() -> Notification:
    return Notification.objects.order_by("-id")[0]

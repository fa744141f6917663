"""Records what became of messages, and completes the orders whose last message that was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from notifications import status_feed
from notifications.models import NotificationStatus


@dataclass(frozen=True, slots=True)
class Result:
    """What is now known of one message.

    `finished` says whether nothing more is to come: true for final states, and for Succeeded where
    the transport sends no delivery reports. `lease_token` is given by whoever was sending; None
    for a delivery report, which holds no lease.
    """

    notification_id: UUID
    status: NotificationStatus
    finished: bool
    reason: str = ""
    lease_token: UUID | None = None
    gateway_reference: str | None = None


def record(results: Sequence[Result], *, now: datetime) -> set[UUID]:
    """Write the results and complete the orders that have nothing open left; returns the ids of
    the notifications that changed.

    A result never overwrites one of the same or a higher rank, and a final one stays, but that a
    real `Delivered` replaces `Failed_TTL`. A result whose lease was lost is not written. Of two
    results for one message in the same call the higher wins.
    """
    best: dict[UUID, Result] = {}
    for result in results:
        known = best.get(result.notification_id)
        if known is None or known.status.rank < result.status.rank:
            best[result.notification_id] = result
    rows = list(best.values())
    if not rows:
        return set()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _RECORD,
                {
                    "now": now,
                    "ids": [row.notification_id for row in rows],
                    "statuses": [row.status.value for row in rows],
                    "ranks": [row.status.rank for row in rows],
                    "finished": [row.finished for row in rows],
                    "reasons": [row.reason for row in rows],
                    "tokens": [row.lease_token for row in rows],
                    "references": [row.gateway_reference for row in rows],
                },
            )
            changed: list[tuple[UUID, UUID, bool]] = cursor.fetchall()
        complete({order for _, order, finished in changed if finished}, now=now)
    return {notification for notification, _, _ in changed}


def complete(order_ids: Collection[UUID], *, now: datetime) -> list[UUID]:
    """Complete those of the orders that are processed and have no open message, and enter them in
    the feed; returns their ids. Needs a transaction, as its last step.

    The lock comes in a statement of its own: the second statement then sees what other recorders
    have committed. In one statement two recorders could each see the other's message as open.
    """
    if not order_ids:
        return []
    ids = sorted(order_ids)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": ids})
        cursor.execute(_COMPLETE, {"ids": ids, "now": now})
        completed = [row[0] for row in cursor.fetchall()]
    status_feed.publish(completed, now=now)
    return completed


# Rows are locked in the order of their ids, so that recorders of overlapping sets cannot deadlock.
# The lease and the rank decide, never `status = 'Sending'`, which would scan all that is in flight.
_RECORD = """
WITH result AS (
    SELECT * FROM unnest(
        %(ids)s::uuid[], %(statuses)s::text[], %(ranks)s::int[], %(finished)s::boolean[],
        %(reasons)s::text[], %(tokens)s::uuid[], %(references)s::text[]
    ) AS r (id, status, rank, finished, reason, token, reference)
),
held AS MATERIALIZED (
    SELECT n.id FROM notifications_notification n
    WHERE n.id = ANY(%(ids)s)
    ORDER BY n.id FOR NO KEY UPDATE
)
UPDATE notifications_notification n
SET status = result.status,
    status_at = %(now)s,
    finished_at = CASE WHEN result.finished THEN %(now)s END,
    expires_at = CASE WHEN NOT result.finished THEN n.expires_at END,
    reason = CASE WHEN result.reason <> '' THEN result.reason ELSE n.reason END,
    gateway_reference = coalesce(result.reference, n.gateway_reference),
    sent_at = CASE WHEN result.status IN ('Accepted', 'Succeeded') THEN %(now)s ELSE n.sent_at END,
    lease_until = NULL,
    lease_token = NULL
FROM held, result
WHERE n.id = held.id AND n.id = result.id
    AND (result.token IS NULL OR n.lease_token = result.token)
    AND (
        (n.finished_at IS NULL AND result.rank > CASE n.status
            WHEN 'New' THEN 0 WHEN 'Sending' THEN 1 WHEN 'Accepted' THEN 2
            WHEN 'Succeeded' THEN 2 ELSE 3 END)
        OR (n.status = 'Failed_TTL' AND result.status = 'Delivered')
    )
RETURNING n.id, n.order_id, n.finished_at IS NOT NULL
"""

_LOCK = """
SELECT FROM orders_order WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
"""

# The order's open messages are written as a range, in an order that only an index has: where the
# statistics know a few large orders and nothing else, the planner takes it that one of any order's
# messages will soon come along, and reads the whole table if none does.
_COMPLETE = """
UPDATE orders_order o
SET status = 'Completed', status_at = %(now)s
FROM (
    SELECT processed.id
    FROM orders_order processed
    LEFT JOIN LATERAL (
        SELECT 1 AS found FROM notifications_notification n
        WHERE n.order_id >= processed.id AND n.order_id <= processed.id AND n.finished_at IS NULL
        ORDER BY n.order_id
        LIMIT 1
    ) AS still_open ON true
    WHERE processed.id = ANY(%(ids)s)
        AND processed.status = 'Processed'
        AND still_open.found IS NULL
) AS done
WHERE o.id = done.id
RETURNING o.id
"""

"""The feed of finished orders: entries get their numbers in the order of their commits."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from notifications import ready

# Any constant will do, as long as nothing else in this database locks it.
FEED_LOCK = 0x6665_6564  # "feed"


def publish(order_ids: Collection[UUID], *, now: datetime) -> None:
    """Enter the orders, which have just reached a final state, in the feed.

    Must be the last write of the transaction: the lock is held until its commit, so an entry with
    a lower number can never appear after one with a higher, and a reader's plain cursor skips
    nothing. Entering an order again makes its next round.
    """
    if not order_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FEED_LOCK])
        cursor.execute(_PUBLISH, {"ids": list(order_ids), "now": now})
    ready.tell_of_entries()


# E-mails come before SMS. An order's messages are written as a range, for only the index on order
# and id has them in this order: see `results._COMPLETE`.
_PUBLISH = """
INSERT INTO notifications_statusfeedentry (
    creator_id, order_id, type, senders_reference, round, status, recipients, created
)
SELECT
    o.creator_id,
    o.id,
    o.type,
    o.senders_reference,
    1 + (SELECT count(*) FROM notifications_statusfeedentry f WHERE f.order_id = o.id),
    o.status,
    coalesce(
        (
            SELECT jsonb_agg(its.entry ORDER BY its.channel, its.id)
            FROM (
                SELECT
                    n.channel,
                    n.id,
                    jsonb_build_object(
                        'destination', n.address,
                        'channel', n.channel,
                        'status', n.status,
                        'lastUpdate', n.status_at
                    ) AS entry
                FROM notifications_notification n
                WHERE n.order_id >= o.id AND n.order_id <= o.id
                ORDER BY n.order_id, n.id
            ) AS its
        ),
        '[]'::jsonb
    ),
    %(now)s
FROM orders_order o WHERE o.id = ANY(%(ids)s)
ORDER BY o.id
"""

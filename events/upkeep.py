"""Forgets deliveries that ended long ago, and what is left of deleted webhooks."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

PIECE = 2_000


def forget(*, now: datetime) -> int:
    """One piece, the oldest first; returns how many rows went. What waits is never forgotten."""
    if settings.WEBHOOK_RETENTION_DAYS == 0:
        return 0
    before = now - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, {"before": before, "limit": PIECE})
        forgotten: int = cursor.rowcount
        if not forgotten:
            cursor.execute(_SUBSCRIPTIONS, {"before": before, "limit": PIECE})
            forgotten = cursor.rowcount
    return forgotten


_DELIVERIES = """
DELETE FROM events_delivery WHERE id IN (
    SELECT id FROM events_delivery
    WHERE ended_at < %(before)s
    ORDER BY ended_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""

_SUBSCRIPTIONS = """
DELETE FROM events_subscription WHERE id IN (
    SELECT s.id FROM events_subscription s
    WHERE s.state = 'Deleted' AND s.state_at < %(before)s
        AND NOT EXISTS (SELECT FROM events_delivery d WHERE d.subscription_id = s.id)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
"""

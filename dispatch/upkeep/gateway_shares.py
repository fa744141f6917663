"""Counts what the reports of each gateway have lately said, where a channel has several."""

from datetime import datetime, timedelta

from dispatch.gateways import configured
from notifications.models import NotificationChannel
from runtime.database import sql

LATELY = timedelta(minutes=15)
MAX_REPORTS = 10_000
"""The last ones are looked at, of all channels together."""


def count(*, now: datetime) -> int:
    """How many gateways were counted; none, and nothing is asked, where each channel has one."""
    channels = [
        channel.value for channel in NotificationChannel if len(configured.gateways(channel)) > 1
    ]
    if not channels:
        return 0
    return sql.change(_COUNT, channels=channels, since=now - LATELY, now=now, most=MAX_REPORTS)


# By the primary key, whose order is that of arrival.
_COUNT = """
INSERT INTO dispatch_gatewaystate AS known
    (channel, gateway, cause, reason, delivered, undelivered, counted_at)
SELECT
    channel, gateway, '', '',
    count(*) FILTER (WHERE status = 'Delivered'),
    count(*) FILTER (WHERE status LIKE 'Failed%%'),
    %(now)s
FROM (
    SELECT channel, gateway, status, received, is_uncertain, state
    FROM dispatch_deliveryreport ORDER BY id DESC LIMIT %(most)s
) AS last_ones
WHERE channel = ANY(%(channels)s) AND gateway <> '' AND received >= %(since)s
    AND state = 'Applied' AND NOT is_uncertain
GROUP BY channel, gateway
ON CONFLICT (channel, gateway) DO UPDATE
SET delivered = excluded.delivered, undelivered = excluded.undelivered,
    counted_at = excluded.counted_at
"""

"""Takes waiting deliveries for sending: fairly between subscriptions, and few where calls fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from events import signing
from events.payload import Event

LEASE = timedelta(seconds=60)
"""A try takes 10 seconds at most."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event that is ours to send until its lease ends; the token proves it when we record."""

    delivery_id: UUID
    lease_token: UUID
    subscription_id: UUID
    endpoint: str
    secrets: tuple[str, ...]
    """As they are kept: opened where they are needed."""
    event: Event

    def opened_secrets(self) -> list[str]:
        return [signing.opened(secret) for secret in self.secrets]


def claim(
    *, limit: int, of_each: int, in_flight: Mapping[UUID, int], now: datetime
) -> list[Claimed]:
    """Take up to `limit` deliveries that are due, of each subscription no more than `of_each` less
    what this process has in flight of it; the longest waiting of each first.

    After each batch of tries that all failed, a subscription gets half as many, down to one. Events
    of the same shipment go in the order of the feed: a later one waits for the earlier.
    """
    if limit <= 0:
        return []
    token = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "now": now,
                "until": now + LEASE,
                "token": token,
                "limit": limit,
                "of_each": of_each,
                "busy": list(in_flight),
                "counts": list(in_flight.values()),
            },
        )
        return [_claimed(token, *row) for row in cursor.fetchall()]


def _claimed(
    token: UUID,
    delivery_id: UUID,
    subscription_id: UUID,
    endpoint: str,
    secret: str,
    previous_secret: str,
    *event: object,
) -> Claimed:
    secrets = (secret, previous_secret) if previous_secret else (secret,)
    return Claimed(delivery_id, token, subscription_id, endpoint, secrets, Event(*event))  # type: ignore[arg-type]


# The states stand as they are written, for the planner must see that they imply the predicates of
# the partial indexes.
_CLAIM = """
WITH ready AS MATERIALIZED (
    SELECT
        s.id, s.endpoint, s.secret,
        CASE WHEN s.previous_secret_until > %(now)s THEN s.previous_secret ELSE '' END AS previous,
        greatest(1, %(of_each)s::int >> least(s.failed_rounds, 30)) - coalesce(busy.count, 0)
            AS free
    FROM events_subscription s
    LEFT JOIN unnest(%(busy)s::uuid[], %(counts)s::int[]) AS busy (subscription_id, count)
        ON busy.subscription_id = s.id
    WHERE s.state = 'Active' AND s.rests_until <= %(now)s
        AND EXISTS (
            SELECT FROM events_delivery d
            WHERE d.subscription_id = s.id AND d.state = 'Waiting' AND d.next_attempt_at <= %(now)s
        )
),
turns AS MATERIALIZED (
    SELECT id, endpoint, secret, previous, free, count(*) OVER () AS subscriptions
    FROM ready WHERE free > 0
    ORDER BY random() LIMIT %(limit)s::bigint
),
picked AS MATERIALIZED (
    SELECT mine.id, turns.endpoint, turns.secret, turns.previous
    FROM turns
    CROSS JOIN LATERAL (
        SELECT d.id FROM events_delivery d
        WHERE d.subscription_id = turns.id AND d.state = 'Waiting'
            AND d.next_attempt_at <= %(now)s
            AND NOT EXISTS (
                SELECT FROM events_delivery earlier
                WHERE earlier.subscription_id = d.subscription_id
                    AND earlier.shipment_id = d.shipment_id
                    AND earlier.state = 'Waiting'
                    AND earlier.sequence_number < d.sequence_number
            )
        ORDER BY d.next_attempt_at
        LIMIT least(turns.free, greatest(1, %(limit)s::bigint / turns.subscriptions))
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS mine
    LIMIT %(limit)s::bigint
)
UPDATE events_delivery d
SET next_attempt_at = %(until)s, lease_token = %(token)s
FROM picked
WHERE d.id = ANY(ARRAY(SELECT id FROM picked)) AND d.id = picked.id
RETURNING
    d.id, d.subscription_id, picked.endpoint, picked.secret, picked.previous,
    d.event, d.occurred_at, d.sequence_number, d.shipment_id, d.shipment_type, d.senders_reference
"""

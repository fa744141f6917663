"""How webhooks are, how many events wait, and how late they are: asked by metrics and doctor."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

MAX_COUNTED = 200_000
"""Beyond it, a count says "at least"."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """`failing` are active, but their last tries failed; `given_up` were paused for that.
    `late` is for how long the first event of one that does not fail could have been posted."""

    active: int
    failing: int
    paused: int
    given_up: int
    ended: int
    waiting: int
    late: timedelta


def webhooks(*, now: datetime) -> Webhooks:
    with connection.cursor() as cursor:
        cursor.execute(_WEBHOOKS, {"now": now, "most": MAX_COUNTED})
        active, failing, paused, given_up, ended, waiting, since = cursor.fetchone()
    late = max(now - since, timedelta()) if since else timedelta()
    return Webhooks(active, failing, paused, given_up, ended, waiting, late)


# An entry of the feed that is not taken up yet is late, too.
_WEBHOOKS = """
SELECT
    count(*) FILTER (WHERE s.state = 'Active' AND s.failing_since IS NULL),
    count(*) FILTER (WHERE s.state = 'Active' AND s.failing_since IS NOT NULL),
    count(*) FILTER (WHERE s.state = 'Paused' AND s.failing_since IS NULL),
    count(*) FILTER (WHERE s.state = 'Paused' AND s.failing_since IS NOT NULL),
    count(*) FILTER (WHERE s.state = 'Ended'),
    (
        SELECT count(*) FROM (
            SELECT 1 FROM events_delivery WHERE state = 'Waiting' LIMIT %(most)s
        ) AS looked_at
    ),
    min(least(first.next_attempt_at, untaken.created))
        FILTER (WHERE s.state = 'Active' AND s.failing_since IS NULL)
FROM events_subscription s
LEFT JOIN LATERAL (
    SELECT d.next_attempt_at FROM events_delivery d
    WHERE d.subscription_id = s.id AND d.state = 'Waiting'
    ORDER BY d.next_attempt_at LIMIT 1
) AS first ON TRUE
LEFT JOIN LATERAL (
    SELECT f.created FROM notifications_statusfeedentry f
    WHERE (f.creator_id, f.sequence_number) > (s.creator_id, s.cursor)
        AND f.creator_id <= s.creator_id
    ORDER BY f.creator_id, f.sequence_number LIMIT 1
) AS untaken ON TRUE
"""

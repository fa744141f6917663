"""How much waits, how late it is and what is stopped, at a cost that does not grow with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import TupleRow

from notifications.expansion.claims import BACK_OFF, CREATORS_WITH_WAITING_ORDERS, JITTER
from notifications.models import NotificationChannel
from notifications.results.feed import FEED_LOCK
from notifications.send_window import earliest
from orders.models import SendingTimePolicy
from runtime.database import sql

MAX_COUNTED = 200_000
"""Rows looked at for one count, shared equally between the creators: beyond it, a count says "at
least"."""
MAX_BACK_OFF = BACK_OFF[-1] * (1 + JITTER)
DEAD_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one creator has waiting on one channel; `late` is for how long the first of it could
    have left, which is nothing while its send window has not opened."""

    channel: NotificationChannel
    creator: str
    notifications: int
    late: timedelta


@dataclass(frozen=True, slots=True)
class Sending:
    """Claimed on one channel; the overdue ones' leases have lapsed, and a sweep is due."""

    channel: NotificationChannel
    notifications: int
    overdue: int


@dataclass(frozen=True, slots=True)
class WaitingOrders:
    """Orders that processing may look at now, is at work on, or has put off after a failure."""

    due: int
    in_work: int
    backing_off: int
    late: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """Single numbers; a moment is None where there is nothing that it would be the first of.
    `unpurged_since` is when the first order ended that still has its personal data."""

    first_expiry: datetime | None
    orders_held: int
    owners_held: int
    unpurged_since: datetime | None
    reports_waiting: int
    reports_waiting_since: datetime | None
    reports_dead: int
    feed_number: int
    feed_entered: datetime | None
    feed_writers_waiting: int
    connections_allowed: int
    oldest_transaction_seconds: float


def backlogs(*, now: datetime) -> list[Backlog]:
    """One for each channel and creator with notifications that are ready, or will be."""
    found: dict[tuple[str, str], Backlog] = {}
    for channel, policy, creator, waiting, oldest in _rows(_BACKLOG, now=now):
        late = max(now - earliest(SendingTimePolicy(policy), oldest), timedelta())
        other = found.get((channel, creator))
        found[channel, creator] = Backlog(
            NotificationChannel(channel),
            creator,
            waiting + (other.notifications if other else 0),
            max(late, other.late) if other else late,
        )
    return list(found.values())


def sending(*, now: datetime) -> list[Sending]:
    return [Sending(NotificationChannel(c), *counts) for c, *counts in _rows(_SENDING, now=now)]


def waiting_orders(*, now: datetime) -> WaitingOrders:
    """Also those that wait for the answer of their condition endpoint first."""
    rows = [
        row
        for awaits in ("NOT awaits_condition", "awaits_condition")
        for row in _rows(_ORDERS.format(awaits=awaits), now=now)
    ]
    since = min((row[3] for row in rows if row[3]), default=now)
    due, in_work, backing_off = (sum(row[i] for row in rows) for i in range(3))
    return WaitingOrders(due, in_work, backing_off, max(now - since, timedelta()))


def figures(*, now: datetime) -> Figures:
    [row] = _rows(_FIGURES, now=now)
    return Figures(*row)


def connections() -> dict[str, int]:
    """Connections to this database by state, whosever they are."""
    return dict(sql.rows(_CONNECTIONS))


def _rows(statement: str, *, now: datetime) -> list[TupleRow]:
    return sql.rows(
        statement,
        now=now,
        most=MAX_COUNTED,
        until=now + MAX_BACK_OFF,
        dead_after=now - DEAD_WITHIN,
        feed_lock=FEED_LOCK,
    )


# As the claim does, `ready` hops from creator to creator along the index notification_ready.
_BACKLOG = """
WITH RECURSIVE ready AS (
    SELECT c.channel, p.policy, first.creator_id, first.next_attempt_at
    FROM (VALUES ('Sms'), ('Email')) AS c (channel)
    CROSS JOIN (VALUES ('Anytime'), ('Daytime'), ('Fetched')) AS p (policy)
    CROSS JOIN LATERAL (
        SELECT creator_id, next_attempt_at FROM notifications_notification
        WHERE status = 'New' AND NOT is_held AND channel = c.channel AND policy = p.policy
        ORDER BY creator_id, next_attempt_at LIMIT 1
    ) AS first
    UNION ALL
    SELECT ready.channel, ready.policy, following.creator_id, following.next_attempt_at
    FROM ready
    CROSS JOIN LATERAL (
        SELECT creator_id, next_attempt_at FROM notifications_notification
        WHERE status = 'New' AND NOT is_held
            AND channel = ready.channel AND policy = ready.policy
            AND creator_id > ready.creator_id
        ORDER BY creator_id, next_attempt_at LIMIT 1
    ) AS following
)
SELECT ready.channel, ready.policy, c.short_name, mine.notifications, ready.next_attempt_at
FROM ready
JOIN orders_creator c ON c.id = ready.creator_id
CROSS JOIN LATERAL (
    SELECT count(*) AS notifications FROM (
        SELECT 1 FROM notifications_notification n
        WHERE n.status = 'New' AND NOT n.is_held
            AND n.channel = ready.channel AND n.policy = ready.policy
            AND n.creator_id = ready.creator_id
        LIMIT greatest(1, %(most)s / (SELECT count(*) FROM ready))
    ) AS looked_at
) AS mine
"""

_SENDING = """
SELECT channel, count(*), count(*) FILTER (WHERE lease_until < %(now)s)
FROM (
    SELECT channel, lease_until FROM notifications_notification
    WHERE status = 'Sending' ORDER BY lease_until LIMIT %(most)s
) AS looked_at
GROUP BY channel
"""

# Orders for later lie beyond the longest back-off and are not looked at.
_ORDERS = (
    CREATORS_WITH_WAITING_ORDERS  # noqa: S608 - nothing from outside
    + """
SELECT
    count(*) FILTER (WHERE mine.next_attempt_at <= %(now)s),
    count(*) FILTER (WHERE mine.next_attempt_at > %(now)s AND lease_token IS NOT NULL),
    count(*) FILTER (WHERE mine.next_attempt_at > %(now)s AND lease_token IS NULL AND attempts > 0),
    min(mine.next_attempt_at)
FROM waiting
CROSS JOIN LATERAL (
    SELECT next_attempt_at, lease_token, attempts FROM orders_order
    WHERE status IN ('Registered', 'Processing') AND held_at IS NULL AND {awaits}
        AND creator_id = waiting.creator_id AND next_attempt_at <= %(until)s
    ORDER BY next_attempt_at
    LIMIT greatest(1, %(most)s / (SELECT count(*) FROM waiting))
) AS mine
"""
)

_FIGURES = """
SELECT
    (
        SELECT expires_at FROM notifications_notification
        WHERE finished_at IS NULL AND expires_at IS NOT NULL ORDER BY expires_at LIMIT 1
    ),
    (
        SELECT count(*)
        FROM (SELECT 1 FROM orders_order WHERE held_at IS NOT NULL LIMIT %(most)s) AS looked_at
    ),
    (SELECT count(*) FROM orders_creator WHERE new_orders_held_at IS NOT NULL),
    (
        SELECT status_at FROM orders_order
        WHERE purged_at IS NULL AND status IN ('Completed', 'SendConditionNotMet', 'Cancelled')
        ORDER BY status_at LIMIT 1
    ),
    reports.waiting,
    reports.since,
    (
        SELECT count(*) FROM (
            SELECT 1 FROM dispatch_deliveryreport
            WHERE state = 'Dead' AND received > %(dead_after)s LIMIT %(most)s
        ) AS looked_at
    ),
    coalesce(feed.sequence_number, 0),
    feed.created,
    (
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted AND objid::bigint = %(feed_lock)s
    ),
    current_setting('max_connections')::int,
    (
        SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float
        FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
    )
FROM (
    SELECT count(*) AS waiting, min(received) AS since
    FROM (
        SELECT received FROM dispatch_deliveryreport
        WHERE state = 'Waiting' ORDER BY next_attempt_at LIMIT %(most)s
    ) AS looked_at
) AS reports
LEFT JOIN (
    SELECT sequence_number, created FROM notifications_statusfeedentry
    ORDER BY sequence_number DESC LIMIT 1
) AS feed ON TRUE
"""

_CONNECTIONS = """
SELECT coalesce(state, 'starting'), count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
GROUP BY 1
"""

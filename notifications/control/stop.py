"""Ends for good what has not left of an order, and counts what had."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from notifications.models import SUCCEEDED, NotificationStatus
from notifications.results import feed, record
from notifications.results.record import Result
from orders.models import Order, OrderStatus
from runtime.database import sql
from runtime.database.locking import lock

MAX_ORDERS = 1_000
# Recording is made for small batches; in large ones it costs more for each message.
MAX_ROWS = 200

STOPPED = "Stopped by staff before it was sent: {reason}"


def stop(order_ids: Collection[UUID], *, reason: str, now: datetime) -> int:
    """End what has not left of the orders, held or not; returns how many were not stopped before.

    An order that nobody has begun to process is cancelled, however near its time. Any other
    completes as usual: its waiting messages fail with the reason, and so do its recipients that
    are still to be expanded, in the next turns of processing (whoever is expanding it loses its
    lease). What is being sent when this returns ends as it does; if it comes back unsent,
    `end_returned` sees to it.

    If this ends half-way, processing and `end_returned` do the rest. Runs in transactions of its
    own.
    """
    why = STOPPED.format(reason=reason)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        ids = lock(Order.objects.stoppable(), order_ids)
        cursor.execute(_STOP, {"ids": ids, "reason": why, "now": now})
        stopped = cursor.fetchall()
        feed.publish([pk for pk, status in stopped if status == OrderStatus.CANCELLED], now=now)
    _end_waiting(list(order_ids), now=now)
    return len(stopped)


def end_returned(*, now: datetime) -> int:
    """End the messages of stopped orders that came back from sending, or were left waiting;
    returns how many. The cost grows with the stopped orders that are not complete."""
    stopped = Order.objects.filter(status=OrderStatus.PROCESSED, stopped_at__isnull=False)
    return _end_waiting(list(stopped.values_list("pk", flat=True)), now=now)


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the messages of some orders have come; each is counted once.

    A recipient counts as one until it is expanded. `left` were handed to the gateway, whatever
    came of it; `in_hand` are being sent at this moment; `ended_unsent` never left and never will.
    """

    not_expanded: int
    waiting: int
    in_hand: int
    left: int
    ended_unsent: int


def tally(order_ids: Collection[UUID]) -> Tally:
    """Says how many have left, by one query."""
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, {"ids": list(order_ids), "succeeded": SUCCEEDED})
        return Tally(*cursor.fetchone())


def _end_waiting(order_ids: list[UUID], *, now: datetime) -> int:
    """Fail the waiting messages of those of the orders that are stopped, batch by batch."""
    count = 0
    for start in range(0, len(order_ids), MAX_ORDERS):
        waiting = sql.rows(_WAITING, orders=order_ids[start : start + MAX_ORDERS])
        ids = [row[0] for row in waiting]
        for first in range(0, len(ids), MAX_ROWS):
            count += _end(ids[first : first + MAX_ROWS], now=now)
    return count


def _end(ids: list[UUID], *, now: datetime) -> int:
    """A message that was claimed just before its order was stopped is on its way: the lock waits
    for the claim, and then leaves the message alone."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_LOCK_WAITING, {"ids": ids})
        ended = [
            Result(
                pk,
                NotificationStatus.FAILED,
                finished=True,
                reason=reason,
                is_uncertain=may_have_left,
            )
            for pk, reason, may_have_left in cursor.fetchall()
        ]
        return len(record.record(ended, now=now))


# The order keeps the reason, which its recipients still to be expanded will get (see
# `expansion.expand.end`).
_STOP = """
UPDATE orders_order o
SET stopped_at = %(now)s,
    held_at = NULL,
    lease_token = NULL,
    reason = %(reason)s,
    status = CASE o.status WHEN 'Registered' THEN 'Cancelled' ELSE o.status END,
    status_at = CASE o.status WHEN 'Registered' THEN %(now)s ELSE o.status_at END,
    awaits_condition = o.awaits_condition AND o.status <> 'Processing',
    next_attempt_at = CASE o.status WHEN 'Processing' THEN %(now)s ELSE o.next_attempt_at END
WHERE o.id = ANY(%(ids)s)
RETURNING o.id, o.status
"""

_WAITING = """
SELECT id FROM notifications_notification
WHERE order_id = ANY(%(orders)s) AND finished_at IS NULL AND status = 'New'
ORDER BY id
"""

# What waits and has a reference was tried, and nobody knows whether the gateway took it.
_LOCK_WAITING = """
SELECT n.id, o.reason, n.gateway_reference IS NOT NULL
FROM notifications_notification n JOIN orders_order o ON o.id = n.order_id
WHERE n.id = ANY(%(ids)s) AND n.status = 'New' AND o.stopped_at IS NOT NULL
ORDER BY n.id
FOR NO KEY UPDATE OF n
"""

_TALLY = """
WITH unexpanded AS (
    SELECT
        count(*) FILTER (WHERE o.status IN ('Registered', 'Processing')) AS to_come,
        count(*) FILTER (WHERE o.status IN ('Cancelled', 'SendConditionNotMet')) AS never
    FROM orders_order o
    JOIN recipients_recipient r
        ON r.order_id = o.id AND r.id > o.expanded_up_to AND NOT r.is_repeat
    WHERE o.id = ANY(%(ids)s)
),
notification AS (
    SELECT
        status, finished_at,
        sent_at IS NOT NULL OR status = ANY(%(succeeded)s) AS has_left
    FROM notifications_notification WHERE order_id = ANY(%(ids)s)
),
made AS (
    SELECT
        count(*) FILTER (WHERE status = 'New') AS waiting,
        count(*) FILTER (WHERE status = 'Sending') AS in_hand,
        count(*) FILTER (WHERE has_left) AS gone,
        count(*) FILTER (WHERE finished_at IS NOT NULL AND NOT has_left) AS unsent
    FROM notification
)
SELECT to_come, waiting, in_hand, gone, unsent + never FROM unexpanded CROSS JOIN made
"""

"""Holds back what has not left of an order, and lets it go again."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from notifications import ready
from orders import ready as due
from orders.models import Creator, Order
from runtime.database import sql
from runtime.database.locking import lock

MAX_ORDERS = 1_000
# Recorders of the same messages, and the completion of their orders, wait for one such batch.
MAX_ROWS = 5_000


def hold(order_ids: Collection[UUID], *, now: datetime) -> int:
    """Hold back the orders that have not ended; returns how many were not held before.

    From the first commit on, no claim that begins takes an order or a message of them; when this
    returns, none at all does: what is being sent by then is all that still leaves. Whoever is
    expanding such an order, or asking its condition endpoint, loses its lease, so that nothing of
    that is written; it is done again after the release.

    The order's `held_at` is the truth. The marks on its messages only keep them out of the way of
    others; if this ends half-way, `put_right` sets them. Runs in transactions of its own.
    """
    with transaction.atomic(durable=True):
        ids = lock(Order.objects.holdable(), order_ids)
        count = Order.objects.filter(pk__any_of=ids).update(held_at=now, lease_token=None)
    _mark(order_ids)
    return count


def release(order_ids: Collection[UUID], *, now: datetime) -> int:
    """Let the orders go on; returns how many had been held.

    What became due meanwhile leaves at once, within the send window; what expired meanwhile ends
    as expired. An order in processing is tried at once, and not given up for the time it was held.

    The marks go first, and an order is let go only when none is left: so there is no message that
    stays behind marked, where nobody would look for it. If this ends half-way the order is still
    held. Runs in transactions of its own.
    """
    count = 0
    for some in _slices(list(order_ids), MAX_ORDERS):
        # A hold or a sweep may be marking at the same time; then some are to be done again.
        while held := _held(some):
            _set_marks(_UNMARK, held, marked=True)
            count += _let_go(held, now=now)
    due.tell_of_some()
    ready.tell_of_some()
    return count


def put_right() -> int:
    """Mark the messages of held orders that are not marked, and forget the holds of orders that
    have ended; returns how many messages were marked.

    The cost grows with what is held, not with the tables.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_FORGET)
    held = Order.objects.filter(held_at__isnull=False)
    return _mark(list(held.values_list("pk", flat=True)))


def unended_orders_of(creator: Creator) -> list[UUID]:
    """All that is still to be held, released or stopped of the creator's.

    Orders placed afterwards are not among them: a creator is shut out by its `is_active`.
    """
    return [row[0] for row in sql.rows(_UNENDED, creator=creator.pk)]


def _mark(order_ids: Collection[UUID]) -> int:
    return sum(
        _set_marks(_MARK, some, marked=False) for some in _slices(list(order_ids), MAX_ORDERS)
    )


def _set_marks(statement: str, order_ids: list[UUID], *, marked: bool) -> int:
    """Change the messages of the orders that are (not) marked, each batch in its own transaction;
    returns how many were changed."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(_TO_CHANGE, {"orders": order_ids, "marked": marked})
        ids = [row[0] for row in cursor.fetchall()]
        for some in _slices(ids, MAX_ROWS):
            with transaction.atomic(durable=True):
                cursor.execute(statement, {"ids": some})
                count += cursor.rowcount
    return count


def _held(order_ids: list[UUID]) -> list[UUID]:
    held = Order.objects.releasable().filter(pk__any_of=order_ids)
    return list(held.values_list("pk", flat=True))


def _let_go(order_ids: list[UUID], *, now: datetime) -> int:
    """End the hold of those that have no marked message left.

    The lock comes in a statement of its own: the second statement then sees the marks of whoever
    held the lock before. Whoever comes later finds the order no longer held, and marks nothing.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        lock(Order.objects.all(), order_ids)
        cursor.execute(_LET_GO, {"ids": order_ids, "now": now})
        count: int = cursor.rowcount
    return count


def _slices(ids: list[UUID], size: int) -> list[list[UUID]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


# Messages are locked before their orders (decision 26).
_TO_CHANGE = """
SELECT id FROM notifications_notification
WHERE order_id = ANY(%(orders)s) AND finished_at IS NULL
    AND status IN ('New', 'Sending') AND is_held = %(marked)s
ORDER BY id
"""

# Under the lock of its order, which must be held to this moment (see `_let_go`).
_MARK = """
WITH found AS MATERIALIZED (
    SELECT id, order_id FROM notifications_notification
    WHERE id = ANY(%(ids)s) AND status IN ('New', 'Sending') AND NOT is_held
    ORDER BY id FOR NO KEY UPDATE
),
held AS MATERIALIZED (
    SELECT id FROM orders_order
    WHERE id IN (SELECT order_id FROM found) AND held_at IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE notifications_notification n
SET is_held = true
FROM found JOIN held ON held.id = found.order_id
WHERE n.id = found.id
"""

_UNMARK = """
WITH found AS MATERIALIZED (
    SELECT id FROM notifications_notification
    WHERE id = ANY(%(ids)s) AND is_held
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE notifications_notification n
SET is_held = false
FROM found WHERE n.id = found.id
"""

_LET_GO = """
UPDATE orders_order o
SET held_at = NULL,
    attempts = 0,
    next_attempt_at = CASE o.status
        WHEN 'Processing' THEN least(o.next_attempt_at, %(now)s) ELSE o.next_attempt_at END
FROM (
    SELECT held.id
    FROM orders_order held
    LEFT JOIN LATERAL (
        SELECT 1 AS found FROM notifications_notification n
        WHERE n.order_id >= held.id AND n.order_id <= held.id AND n.finished_at IS NULL
            AND n.status IN ('New', 'Sending') AND n.is_held
        ORDER BY n.order_id
        LIMIT 1
    ) AS still_marked ON true
    WHERE held.id = ANY(%(ids)s) AND held.held_at IS NOT NULL AND still_marked.found IS NULL
) AS free
WHERE o.id = free.id
"""

_FORGET = """
WITH locked AS MATERIALIZED (
    SELECT id FROM orders_order
    WHERE held_at IS NOT NULL AND status IN ('Completed', 'SendConditionNotMet', 'Cancelled')
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE orders_order o SET held_at = NULL FROM locked WHERE o.id = locked.id
"""

# Each part by an index of what has not ended; the creator's orders of all times are many more.
_UNENDED = """
SELECT id FROM orders_order
WHERE status IN ('Registered', 'Processing') AND held_at IS NULL AND NOT awaits_condition
    AND creator_id = %(creator)s
UNION ALL
SELECT id FROM orders_order
WHERE status IN ('Registered', 'Processing') AND held_at IS NULL AND awaits_condition
    AND creator_id = %(creator)s
UNION ALL
SELECT id FROM orders_order
WHERE status IN ('Registered', 'Processing') AND held_at IS NOT NULL
    AND creator_id = %(creator)s
UNION ALL
SELECT id FROM orders_order
WHERE status = 'Processed' AND creator_id = %(creator)s
"""

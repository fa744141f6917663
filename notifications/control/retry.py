"""Lets staff hurry what waits: orders that back off, and messages that wait for another try."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection


def process_now(order_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Let the next tick take those whose requested time has come; returns which had to wait.

    An order whose worker died is taken from it: should the worker live after all, it finds its
    lease gone and writes nothing. Failed tries stay counted, so that an order that kills its
    workers is still given up in the end.
    """
    return _changed(_PROCESS_NOW, ids=list(order_ids), now=now)


def send_now(
    notification_ids: Collection[UUID], *, ignore_window: bool = False, now: datetime
) -> set[UUID]:
    """Let the next tick take those that wait; returns which had to.

    What is being sent is never touched, however long it takes: only its lease keeps it from being
    sent twice, and the sweeper returns it when that has lapsed. Without `ignore_window` a message
    of the daytime goes on waiting for the day; with it, for nothing.
    """
    statement = _SEND_NOW.format(waits=_WAITS_AT_ALL if ignore_window else _WAITS_FOR_A_TRY)
    return _changed(statement, ids=list(notification_ids), ignore_window=ignore_window, now=now)


def _changed(statement: str, **parameters: Any) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {row[0] for row in cursor.fetchall()}


# Rows are locked in the order of their ids, as by everybody who locks several.
_PROCESS_NOW = """
WITH waiting AS MATERIALIZED (
    SELECT id FROM orders_order
    WHERE id = ANY(%(ids)s) AND status IN ('Registered', 'Processing') AND held_at IS NULL
        AND requested_send_time <= %(now)s AND next_attempt_at > %(now)s
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE orders_order o
SET next_attempt_at = %(now)s, lease_token = NULL
FROM waiting WHERE o.id = waiting.id
RETURNING o.id
"""

_SEND_NOW = """
WITH waiting AS MATERIALIZED (
    SELECT id FROM notifications_notification
    WHERE id = ANY(%(ids)s) AND status = 'New' AND NOT is_held AND {waits}
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE notifications_notification n
SET next_attempt_at = least(n.next_attempt_at, %(now)s),
    policy = CASE WHEN %(ignore_window)s THEN 'Anytime' ELSE n.policy END
FROM waiting WHERE n.id = waiting.id
RETURNING n.id
"""

_WAITS_FOR_A_TRY = "next_attempt_at > %(now)s"
_WAITS_AT_ALL = "(next_attempt_at > %(now)s OR policy = 'Daytime')"

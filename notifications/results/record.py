"""Records what became of messages, and completes the orders whose last message that was.

The one place that decides which of two results is the better knowledge (decision 19).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from notifications.counting import late_changes
from notifications.models import FINAL_RANK, RANKS, UNCERTAIN_RANK, NotificationStatus
from notifications.results import feed

# An order of more messages is told about anew a minute after the first change, with all that came
# meanwhile: each entry of the feed lists every message of its order.
MAX_REOPENED = 100


@dataclass(frozen=True, slots=True)
class Result:
    """What is now known of one message.

    `finished` says whether nothing more is to come: true for final states, and for Succeeded where
    the transport sends no delivery reports. `is_uncertain` marks a failure that only says that
    nothing is known. `lease_token` is given by whoever was sending; None for a delivery report,
    which holds no lease. `is_simulated` says that no gateway was asked, which no report changes.
    """

    notification_id: UUID
    status: NotificationStatus
    finished: bool
    reason: str = ""
    lease_token: UUID | None = None
    gateway_reference: str | None = None
    is_uncertain: bool = False
    is_simulated: bool = False

    @property
    def rank(self) -> int:
        return UNCERTAIN_RANK if self.is_uncertain else self.status.rank


def record(results: Sequence[Result], *, now: datetime) -> set[UUID]:
    """Write the results and complete the orders that have nothing open left; returns the ids of
    the notifications that changed.

    A result overwrites only one of a lower rank, also where that was final: then the order, which
    may have been completed and told of, gets another entry in the feed. A result whose lease was
    lost is not written. Of two results for one message in the same call the higher wins.
    """
    best: dict[UUID, Result] = {}
    for result in results:
        known = best.get(result.notification_id)
        if known is None or known.rank < result.rank:
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
                    "ranks": [row.rank for row in rows],
                    "finished": [row.finished for row in rows],
                    "uncertain": [row.is_uncertain for row in rows],
                    "reasons": [row.reason for row in rows],
                    "tokens": [row.lease_token for row in rows],
                    "references": [row.gateway_reference for row in rows],
                    "simulated": [row.is_simulated for row in rows],
                },
            )
            changed: list[tuple[UUID, UUID, bool, bool]] = cursor.fetchall()
        if late := [row[0] for row in changed if row[3]]:
            late_changes.note(late)
        complete(
            {order for _, order, finished, _ in changed if finished},
            corrected={order for _, order, _, was_finished in changed if was_finished},
            now=now,
        )
    return {notification for notification, _, _, _ in changed}


def complete(
    order_ids: Collection[UUID], *, corrected: Collection[UUID] = (), now: datetime
) -> list[UUID]:
    """Complete those of the orders that are processed and have no open message, and enter them in
    the feed; returns their ids. Needs a transaction, as its last step.

    Of the `corrected` a message that had ended has now ended otherwise. Where they were completed
    already they are processed again, which is shown in the same word: small orders are completed
    here and now, large ones by the sweep.

    The lock comes in a statement of its own: the second statement then sees what other recorders
    have committed. In one statement two recorders could each see the other's message as open.
    """
    if not order_ids:
        return []
    ids = sorted(order_ids)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"ids": ids})
        if corrected:
            again = sorted(corrected)
            cursor.execute(_REOPEN, {"ids": again, "now": now, "at_once": MAX_REOPENED})
            large = {row[0] for row in cursor.fetchall()}
            ids = [order_id for order_id in ids if order_id not in large]
        cursor.execute(_COMPLETE, {"ids": ids, "now": now})
        completed = [row[0] for row in cursor.fetchall()]
    feed.publish(completed, now=now)
    return completed


# Recorders of overlapping sets cannot deadlock (decision 26).
# The lease and the rank decide, never `status = 'Sending'`, which would scan all that is in flight.
# Where a final status is replaced its reason goes with it.
_RANK_OF_ROW = (
    f"CASE WHEN n.is_uncertain THEN {UNCERTAIN_RANK} ELSE CASE n.status "
    + " ".join(f"WHEN '{status.value}' THEN {rank}" for status, rank in RANKS.items())
    + f" ELSE {FINAL_RANK} END END"
)
_RECORD = f"""
WITH result AS (
    SELECT id, status, rank, finished, is_uncertain, reason, token, reference, is_simulated
    FROM unnest(
        %(ids)s::uuid[], %(statuses)s::text[], %(ranks)s::int[], %(finished)s::boolean[],
        %(uncertain)s::boolean[], %(reasons)s::text[], %(tokens)s::uuid[], %(references)s::text[],
        %(simulated)s::boolean[]
    ) AS r (id, status, rank, finished, is_uncertain, reason, token, reference, is_simulated)
),
held AS MATERIALIZED (
    SELECT n.id, n.finished_at IS NOT NULL AS was_finished
    FROM notifications_notification n
    WHERE n.id = ANY(%(ids)s)
    ORDER BY n.id FOR NO KEY UPDATE
)
UPDATE notifications_notification n
SET status = result.status,
    status_at = %(now)s,
    finished_at = CASE WHEN result.finished THEN %(now)s END,
    expires_at = CASE WHEN NOT result.finished THEN n.expires_at END,
    is_uncertain = result.is_uncertain,
    reason = CASE WHEN held.was_finished OR result.reason <> '' THEN result.reason
        ELSE n.reason END,
    gateway_reference = coalesce(result.reference, n.gateway_reference),
    is_simulated = CASE WHEN result.token IS NULL THEN n.is_simulated
        ELSE result.is_simulated END,
    sent_at = CASE WHEN result.status IN ('Accepted', 'Succeeded') THEN %(now)s ELSE n.sent_at END,
    lease_until = NULL,
    lease_token = NULL
FROM held, result
WHERE n.id = held.id AND n.id = result.id
    AND (result.token IS NULL OR n.lease_token = result.token)
    AND result.rank > {_RANK_OF_ROW}
RETURNING n.id, n.order_id, n.finished_at IS NOT NULL, held.was_finished
"""  # noqa: S608 - nothing from outside

_LOCK = """
SELECT FROM orders_order WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
"""

# The returned ones are too large to be completed at once.
_REOPEN = """
WITH reopened AS (
    UPDATE orders_order SET status = 'Processed', status_at = %(now)s
    WHERE id = ANY(%(ids)s) AND status = 'Completed'
    RETURNING id
)
SELECT o.id
FROM unnest(%(ids)s::uuid[]) AS o (id)
CROSS JOIN LATERAL (
    SELECT count(*) AS messages FROM (
        SELECT FROM notifications_notification n
        WHERE n.order_id >= o.id AND n.order_id <= o.id
        ORDER BY n.order_id
        LIMIT %(at_once)s + 1
    ) AS first
) AS of_order
WHERE of_order.messages > %(at_once)s
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

"""Takes past-due orders for one turn of work, and gives them back."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from orders.models import Order
from orders.traces import Traced
from runtime.local_time import later

LEASE = timedelta(minutes=1)
SPREAD = timedelta(seconds=30)
BACK_OFF = [timedelta(seconds=s) for s in (5, 30, 120, 600, 1800)]
JITTER = 0.2
# Silent endpoints of one creator must not keep the others' orders waiting.
MAX_ASKED_OF_CREATOR = 50
NOTHING_TAKEN: Mapping[int, int] = MappingProxyType({})


class DueOrder(NamedTuple):
    """What expansion needs of an order, as it was claimed.

    A tuple, since orders are claimed by the thousand: as a model each would cost eight times as
    much, a fifth of all that Python does for an order of one recipient.
    """

    id: UUID
    creator_id: int
    requested_send_time: datetime
    channel: str
    sending_time_policy: str
    email_sending_time_policy: str
    ignore_reservation: bool | None
    use_stale_contact_information: bool
    resource_id: str | None
    resource_action: str | None
    email_subject: str | None
    email_body: str | None
    email_content_type: str | None
    sms_body: str | None
    expanded_up_to: int
    attempts: int
    reason: str
    stopped_at: datetime | None
    trace_id: UUID | None

    @property
    def traced(self) -> Traced:
        return Traced(self.id, self.trace_id)

    @property
    def pk(self) -> UUID:
        return self.id

    @property
    def may_reach_reserved(self) -> bool:
        """See `Order`."""
        return bool(self.ignore_reservation)


Claimed = TypeVar("Claimed", Order, DueOrder)


@dataclass(frozen=True, slots=True)
class OrderLease(Generic[Claimed]):
    """Orders that are ours until the lease ends; `token` proves it when we write."""

    token: UUID
    orders: list[Claimed]


def claim_for_expansion(*, now: datetime, limit: int) -> OrderLease[DueOrder]:
    """Take up to `limit` due orders whose condition, if any, has been answered: of each creator an
    equal share, the longest waiting first."""
    token = uuid4()
    columns = ", ".join(f"orders_order.{column}" for column in DueOrder._fields)
    statement = _CLAIM.format(awaits="NOT awaits_condition", places="%(limit)s", columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(statement, _terms(token, now=now, limit=limit))
        return OrderLease(token, [DueOrder(*row) for row in cursor.fetchall()])


def claim_for_condition(
    *, now: datetime, limit: int, taken: Mapping[int, int] = NOTHING_TAKEN
) -> OrderLease[Order]:
    """Take up to `limit` due orders whose condition endpoint is still to be asked, as fairly.

    `taken` says how many of each creator, by its id, the process has in hand already: of these and
    the new ones there are at most MAX_ASKED_OF_CREATOR.
    """
    token = uuid4()
    columns = ", ".join(f"orders_order.{field.column}" for field in Order._meta.concrete_fields)
    statement = _CLAIM.format(awaits="awaits_condition", places=_PLACES_LEFT, columns=columns)
    terms = _terms(token, now=now, limit=limit) | {
        "creators": list(taken.keys()),
        "taken": list(taken.values()),
        "limit_of_creator": MAX_ASKED_OF_CREATOR,
    }
    return OrderLease(token, list(Order.objects.raw(statement, terms)))


def _terms(token: UUID, *, now: datetime, limit: int) -> dict[str, Any]:
    return {"token": token, "now": now, "until": now + LEASE, "spread": SPREAD, "limit": limit}


def lock_own(token: UUID, order_ids: Collection[UUID]) -> set[UUID]:
    """Lock those orders that are still ours; whoever lost its lease writes nothing.

    Needs a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_OWN, {"ids": list(order_ids), "token": token})
        return {order_id for (order_id,) in cursor}


def back_off(token: UUID, orders: Collection[DueOrder], *, reason: str, now: datetime) -> None:
    """Give orders back after a failed try, each to be tried again later the more it has failed.

    With some jitter, so that orders that failed together, perhaps by the fault of one of them, do
    not come back together.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _BACK_OFF,
            {
                "token": token,
                "ids": [order.pk for order in orders],
                "next": [now + _wait(failed_tries=order.attempts) for order in orders],
                "reason": reason,
            },
        )


def _wait(*, failed_tries: int) -> timedelta:
    return BACK_OFF[min(failed_tries, len(BACK_OFF)) - 1] * random.uniform(1, 1 + JITTER)


def has_used_all_tries(order: Order | DueOrder) -> bool:
    """Whether an order, just claimed, has failed after each of the waits at least once. A try that
    ended its worker counts too: it was claimed, and never given back."""
    return order.attempts > len(BACK_OFF)


def is_hopeless(order: DueOrder, *, now: datetime) -> bool:
    """Whether an order, just claimed, has been tried often and for too long (setting
    ORDER_GIVE_UP_HOURS): it is not tried again, for the try itself may be what goes wrong."""
    if not has_used_all_tries(order):
        return False
    return now >= gives_up_at(order)


def gives_up_at(order: Order | DueOrder) -> datetime:
    return later(order.requested_send_time, timedelta(hours=settings.ORDER_GIVE_UP_HOURS))


# Hops from creator to creator along an index (a skip scan) and sees the longest waiting order of
# each, so that a burst of one creator delays no other. The statuses are literals: the planner must
# see that they imply the partial index's predicate. `awaits` is to be filled in.
CREATORS_WITH_WAITING_ORDERS = """
WITH RECURSIVE waiting AS (
    (
        SELECT creator_id, next_attempt_at FROM orders_order
        WHERE status IN ('Registered', 'Processing') AND held_at IS NULL AND {awaits}
        ORDER BY creator_id, next_attempt_at LIMIT 1
    )
    UNION ALL
    SELECT following.creator_id, following.next_attempt_at
    FROM waiting
    CROSS JOIN LATERAL (
        SELECT creator_id, next_attempt_at FROM orders_order
        WHERE status IN ('Registered', 'Processing') AND held_at IS NULL AND {awaits}
            AND creator_id > waiting.creator_id
        ORDER BY creator_id, next_attempt_at LIMIT 1
    ) AS following
)
"""

# How many more orders the creator may have in one process's hands.
_PLACES_LEFT = """%(limit_of_creator)s - coalesce((
        SELECT taken.orders
        FROM unnest(%(creators)s::bigint[], %(taken)s::integer[]) AS taken (creator_id, orders)
        WHERE taken.creator_id = waiting.creator_id
    ), 0)"""

# `Registered -> Processing` happens once; a retry stays `Processing`. A lapsed lease needs no
# sweeper: its end is the order's next attempt. Leases differ in length, so that orders whose worker
# died, perhaps by the fault of one of them, are not claimed together again.
_CLAIM = (
    CREATORS_WITH_WAITING_ORDERS  # noqa: S608 - nothing from outside
    + """,
turns AS MATERIALIZED (
    SELECT creator_id, {places} AS places, count(*) OVER () AS creators
    FROM waiting WHERE next_attempt_at <= %(now)s AND {places} > 0
    ORDER BY random() LIMIT %(limit)s
),
due AS MATERIALIZED (
    SELECT mine.id
    FROM turns
    CROSS JOIN LATERAL (
        SELECT id FROM orders_order
        WHERE status IN ('Registered', 'Processing') AND held_at IS NULL AND {awaits}
            AND creator_id = turns.creator_id AND next_attempt_at <= %(now)s
        ORDER BY next_attempt_at
        LIMIT least(greatest(1, %(limit)s / turns.creators), turns.places)
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS mine
    LIMIT %(limit)s
)
UPDATE orders_order
SET status = 'Processing',
    status_at = CASE WHEN status = 'Registered' THEN %(now)s ELSE status_at END,
    lease_token = %(token)s,
    next_attempt_at = %(until)s::timestamptz + random() * %(spread)s::interval,
    attempts = attempts + 1
WHERE id = ANY(ARRAY(SELECT id FROM due))
RETURNING {columns}
"""
)

# The ids travel as one array: a thousand parameters would take longer than the locks.
_LOCK_OWN = """
SELECT id FROM orders_order
WHERE id = ANY(%(ids)b::uuid[]) AND lease_token = %(token)s
ORDER BY id FOR NO KEY UPDATE
"""

# An order that staff stopped keeps their reason, which its recipients are to get.
_BACK_OFF = """
WITH held AS MATERIALIZED (
    SELECT id FROM orders_order
    WHERE id = ANY(%(ids)s) AND lease_token = %(token)s
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE orders_order
SET next_attempt_at = back.next,
    lease_token = NULL,
    reason = CASE WHEN stopped_at IS NULL THEN %(reason)s ELSE reason END
FROM held JOIN unnest(%(ids)s::uuid[], %(next)s::timestamptz[]) AS back (id, next) USING (id)
WHERE orders_order.id = held.id
"""

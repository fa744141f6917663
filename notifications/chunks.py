"""The recipients that one turn takes of each due order, and the writing of what they became."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from notifications import results
from notifications.drafting import Row, needs_names, resource_of
from notifications.order_claims import lock_own
from orders.models import Order
from orders.requests import Addressee
from recipients.clients import authorization, profile, register
from recipients.uuid7 import uuid7

LARGEST = 1_000  # what the registers take in one call
RECIPIENTS_PER_TURN = 10_000
PERSONAL_CHARACTERS_PER_TURN = 50_000_000  # bounds the memory that texts with keywords take


@dataclass(frozen=True, slots=True)
class Chunk:
    """One order's share of a turn.

    `expanded_up_to` is how far the order comes with it; `is_last` when nothing is left then.
    """

    order: Order
    recipients: Sequence[Addressee]
    expanded_up_to: int
    is_last: bool

    def registers_needed(self) -> Iterator[str]:
        """In the words of RegisterUnavailable."""
        if any(recipient.needs_look_up for recipient in self.recipients):
            yield profile.REGISTER
            if needs_names(self.order):
                yield register.REGISTER
        has_organizations = any(recipient.organization_number for recipient in self.recipients)
        if has_organizations and resource_of(self.order):
            yield authorization.REGISTER


def read(orders: Sequence[Order]) -> list[Chunk]:
    """The next recipients of each order, fewer the more orders share the turn."""
    shares = [share_of(order, orders_in_turn=len(orders)) for order in orders]
    found: list[list[tuple[int, Addressee]]] = [[] for _ in orders]
    with connection.cursor() as cursor:
        # One more than its share shows whether the chunk is the order's last.
        cursor.execute(
            _NEXT,
            {
                "ids": [order.pk for order in orders],
                "limits": [share + 1 for share in shares],
                "after": [order.expanded_up_to for order in orders],
            },
        )
        for turn, recipient_id, *entry in cursor:
            found[turn - 1].append((recipient_id, Addressee(*entry)))
    return [_chunk(*each) for each in zip(orders, shares, found, strict=True)]


def _chunk(order: Order, share: int, found: Sequence[tuple[int, Addressee]]) -> Chunk:
    taken = found[:share]
    return Chunk(
        order,
        recipients=[addressee for _, addressee in taken],
        expanded_up_to=taken[-1][0] if taken else order.expanded_up_to,
        is_last=len(found) <= share,
    )


def share_of(order: Order, *, orders_in_turn: int) -> int:
    """How many recipients of the order one turn takes."""
    share = min(LARGEST, RECIPIENTS_PER_TURN // orders_in_turn)
    if needs_names(order):
        texts = (order.email_subject, order.email_body, order.sms_body)
        characters = sum(len(text) for text in texts if text)
        share = min(share, PERSONAL_CHARACTERS_PER_TURN // orders_in_turn // characters)
    return max(1, share)


def write(
    chunks: Sequence[Chunk],
    rows: Sequence[Row],
    *,
    token: UUID,
    ended: bool = False,
    now: datetime,
) -> None:
    """Insert the rows and move the orders on: both, or nothing.

    Orders whose lease was lost meanwhile, or taken away by who held or stopped them, are left as
    they are. One that is `ended` before its time keeps the record of its failures and the reason,
    so that its next chunk ends too.
    """
    with transaction.atomic():
        own = lock_own(token, [chunk.order.pk for chunk in chunks])
        insert([row for row in rows if row.order_id in own], now=now)
        chunks = [chunk for chunk in chunks if chunk.order.pk in own]
        done = [chunk.order.pk for chunk in chunks if chunk.is_last]
        with connection.cursor() as cursor:
            cursor.execute(
                _MOVE_ON,
                {
                    "ids": [chunk.order.pk for chunk in chunks],
                    "up_to": [chunk.expanded_up_to for chunk in chunks],
                    "are_done": [chunk.is_last for chunk in chunks],
                    "ended": ended,
                    "now": now,
                },
            )
        results.complete(done, now=now)


def insert(rows: Sequence[Row], *, now: datetime) -> None:
    """Insert by binary arrays, which equals COPY in speed; ids ascend in the order of the rows."""
    if not rows:
        return
    columns = dict(zip(Row._fields, map(list, zip(*rows, strict=True)), strict=True))
    ids = sorted((uuid7() for _ in rows), key=int)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {**columns, "id": ids, "now": now})


_NEXT = """
SELECT
    claimed.turn, r.id, r.national_identity_number, r.organization_number, r.email_address,
    r.mobile_number
FROM unnest(%(ids)b::uuid[], %(limits)b::int[], %(after)b::bigint[])
    WITH ORDINALITY AS claimed (id, count, after, turn)
CROSS JOIN LATERAL (
    SELECT * FROM recipients_recipient
    WHERE order_id = claimed.id AND id > claimed.after AND NOT is_repeat
    ORDER BY id
    LIMIT claimed.count
) AS r
"""

_INSERT = """
INSERT INTO notifications_notification (
    id, order_id, creator_id, channel, policy, address, normalized_address,
    national_identity_number, organization_number, subject, body, status, status_at, reason,
    finished_at, next_attempt_at, expires_at, segments, created, attempts
)
SELECT
    r.id, r.order_id, o.creator_id, r.channel, r.policy, r.address, r.normalized_address,
    r.nin, r.organization, r.subject, r.body, r.status, %(now)s, r.reason,
    CASE WHEN r.expires_at IS NULL THEN %(now)s END, %(now)s, r.expires_at, r.segments, %(now)s, 0
FROM unnest(
    %(id)b::uuid[], %(order_id)b::uuid[], %(channel)b::text[], %(policy)b::text[],
    %(address)b::text[], %(normalized_address)b::text[], %(national_identity_number)b::text[],
    %(organization_number)b::text[], %(subject)b::text[], %(body)b::text[], %(status)b::text[],
    %(reason)b::text[], %(expires_at)b::timestamptz[], %(segments)b::smallint[]
) AS r (
    id, order_id, channel, policy, address, normalized_address, nin, organization, subject, body,
    status, reason, expires_at, segments
)
JOIN orders_order o ON o.id = r.order_id
"""

_MOVE_ON = """
UPDATE orders_order o
SET status = CASE WHEN moved.is_done THEN 'Processed' ELSE status END,
    status_at = CASE WHEN moved.is_done THEN %(now)s ELSE status_at END,
    next_attempt_at = %(now)s,
    lease_token = NULL,
    expanded_up_to = moved.up_to,
    attempts = CASE WHEN %(ended)s THEN attempts ELSE 0 END,
    reason = CASE WHEN %(ended)s THEN reason ELSE '' END
FROM unnest(
    %(ids)b::uuid[], %(up_to)b::bigint[], %(are_done)b::boolean[]
) AS moved (id, up_to, is_done)
WHERE o.id = moved.id
"""

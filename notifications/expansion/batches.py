"""The recipients that one turn takes of each due order, and the writing of what they became."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from notifications import ready
from notifications.expansion import covering
from notifications.expansion.claims import DueOrder
from notifications.expansion.covering import Reached
from notifications.expansion.rendering import Row, needs_names, resource_of
from notifications.results import record
from orders.requests import Addressee
from recipients.registers import RegisterUnavailable, authorization, profile, register
from runtime.uuid7 import ascending

# As many as four calls of a register tell about, which run at once. More for each commit would be
# faster still; but who holds or stops the order waits for the commit.
MAX_BATCH = 4_000
RECIPIENTS_PER_TURN = 10_000
PERSONAL_CHARACTERS_PER_TURN = 50_000_000  # bounds the memory that texts with keywords take


class Batch(NamedTuple):
    """One order's share of a turn.

    `expanded_up_to` is how far the order comes with it; `is_last` when nothing is left then. `rows`
    are the notifications that its recipients become, once that is known, each with its recipient's
    place in the batch.
    """

    order: DueOrder
    recipients: Sequence[Addressee]
    expanded_up_to: int
    is_last: bool
    recipient_ids: Sequence[int] = ()
    rows: Iterable[tuple[int, Row]] = ()

    def needs(self, missing: RegisterUnavailable) -> bool:
        """Whether it is among what the register cannot answer."""
        return missing.register in self.registers_needed() and (
            not missing.about
            or any(recipient.identifier in missing.about for recipient in self.recipients)
        )

    def registers_needed(self) -> Iterator[str]:
        """In the words of RegisterUnavailable."""
        has_organizations = any(recipient.organization_number for recipient in self.recipients)
        has_persons = any(recipient.national_identity_number for recipient in self.recipients)
        if any(recipient.needs_look_up for recipient in self.recipients):
            yield profile.REGISTER
        if (has_organizations or has_persons) and needs_names(self.order):
            yield register.REGISTER
        if has_organizations and resource_of(self.order):
            yield authorization.REGISTER


def read(orders: Sequence[DueOrder]) -> list[Batch]:
    """The next recipients of each order, fewer the more orders share the turn."""
    shares = [share_of(order, orders_in_turn=len(orders)) for order in orders]
    found: list[list[tuple[int, Addressee]]] = [[] for _ in orders]
    with connection.cursor() as cursor:
        # One more than its share shows whether the batch is the order's last.
        cursor.execute(
            _NEXT,
            {
                "ids": [order.pk for order in orders],
                "limits": [share + 1 for share in shares],
                "after": [order.expanded_up_to for order in orders],
            },
        )
        for turn, recipient_id, *entry in cursor.fetchall():
            found[turn - 1].append((recipient_id, Addressee(*entry)))
    return [_batch(*each) for each in zip(orders, shares, found, strict=True)]


def _batch(order: DueOrder, share: int, found: Sequence[tuple[int, Addressee]]) -> Batch:
    taken = found[:share]
    return Batch(
        order,
        recipients=[addressee for _, addressee in taken],
        expanded_up_to=taken[-1][0] if taken else order.expanded_up_to,
        is_last=len(found) <= share,
        recipient_ids=[recipient_id for recipient_id, _ in taken],
    )


def share_of(order: DueOrder, *, orders_in_turn: int) -> int:
    """How many recipients of the order one turn takes."""
    share = min(MAX_BATCH, RECIPIENTS_PER_TURN // orders_in_turn)
    if needs_names(order):
        texts = (order.email_subject, order.email_body, order.sms_body)
        characters = sum(len(text) for text in texts if text)
        share = min(share, PERSONAL_CHARACTERS_PER_TURN // orders_in_turn // characters)
    return max(1, share)


def write(batches: Sequence[Batch], *, token: UUID, ended: bool = False, now: datetime) -> None:
    """Insert the rows of the batches, and move their orders on: both, or nothing.

    Orders whose lease was lost meanwhile, or taken away by who held or stopped them, are left as
    they are. One that is `ended` before its time keeps the record of its failures and the reason,
    so that its next batch ends too.
    """
    with transaction.atomic():
        own = move_on(batches, token=token, ended=ended, now=now)
        batches = [batch for batch in batches if batch.order.pk in own]
        reached = {batch.order.pk: _reached(batch) for batch in batches}
        inserted = insert(batches, reached, now=now)
        covering.mark(inserted.covered)
        done = {batch.order.pk for batch in batches if batch.is_last}
        # What waits here is seen by nobody yet, so it cannot have ended: no use in probing for it.
        record.complete(done - inserted.waiting, now=now)
        ready.tell_of(inserted.kinds, now=now)
    for batch in batches:
        if not batch.is_last:
            covering.memory.put(
                batch.order.pk, reached[batch.order.pk], expanded_up_to=batch.expanded_up_to
            )


def _reached(batch: Batch) -> Reached:
    return covering.memory.take(batch.order.pk, expanded_up_to=batch.order.expanded_up_to)


def move_on(batches: Sequence[Batch], *, token: UUID, ended: bool, now: datetime) -> set[UUID]:
    """Returns the orders that were still ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE_ON,
            {
                "token": token,
                "ids": [batch.order.pk for batch in batches],
                "up_to": [batch.expanded_up_to for batch in batches],
                "are_done": [batch.is_last for batch in batches],
                "ended": ended,
                "now": now,
            },
        )
        return {order_id for (order_id,) in cursor.fetchall()}


class Inserted(NamedTuple):
    """The orders of which a notification is open now, and the recipients, by id, that got none
    since another one reaches the same address with the same text. `kinds` are the channels and
    policies of the open ones."""

    waiting: set[UUID]
    covered: dict[int, UUID]
    kinds: set[tuple[str, str]]


def insert(batches: Sequence[Batch], reached: Mapping[UUID, Reached], *, now: datetime) -> Inserted:
    """Ids ascend in the order of the rows. `reached`, by order, is added to.

    PostgreSQL works on the first rows while the later ones are still being made.
    """
    waiting: set[UUID] = set()
    covered: dict[int, UUID] = {}
    kinds: set[tuple[str, str]] = set()
    ids = ascending()
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(_INSERT) as copy,
    ):
        copy.set_types(list(_TYPES.values()))
        for batch in batches:
            of_order = reached[batch.order.pk]
            for place, row in batch.rows:
                pk = next(ids)
                if is_open := row.expires_at is not None:
                    if covering_one := of_order.cover(row, pk):
                        covered.setdefault(batch.recipient_ids[place], covering_one)
                        continue
                    waiting.add(row.order_id)
                    kinds.add((row.channel, row.policy))
                copy.write_row((*row, pk, None if is_open else now, now, now, now, 0))
    return Inserted(waiting, covered, kinds)


# Of one order, written as a range: only the index on order and id has its rows in this order. By
# `order_id = claimed.id` and the id alone the planner may walk the primary key through all of the
# table, where its statistics know a few large orders and nothing else.
_ENTRY = ", ".join(Addressee._fields)
_NEXT = f"""
SELECT claimed.turn, r.id, {_ENTRY}
FROM unnest(%(ids)b::uuid[], %(limits)b::int[], %(after)b::bigint[])
    WITH ORDINALITY AS claimed (id, count, after, turn)
CROSS JOIN LATERAL (
    SELECT id, {_ENTRY}
    FROM recipients_recipient
    WHERE (order_id, id) > (claimed.id, claimed.after) AND order_id <= claimed.id
        AND NOT is_repeat
    ORDER BY order_id, id
    LIMIT claimed.count
) AS r
"""  # noqa: S608

# In the order of `Row`, and then of what `insert` adds to it.
_TYPES = {
    "order_id": "uuid",
    "creator_id": "int8",
    "channel": "varchar",
    "policy": "varchar",
    "address": "text",
    "normalized_address": "text",
    "national_identity_number": "varchar",
    "organization_number": "varchar",
    "status": "varchar",
    "reason": "text",
    "subject": "text",
    "body": "text",
    "expires_at": "timestamptz",
    "segments": "int2",
    "id": "uuid",
    "finished_at": "timestamptz",
    "status_at": "timestamptz",
    "next_attempt_at": "timestamptz",
    "created": "timestamptz",
    "attempts": "int2",
}
_INSERT = f"COPY notifications_notification ({', '.join(_TYPES)}) FROM STDIN (FORMAT BINARY)"

_MOVE_ON = """
WITH own AS MATERIALIZED (
    SELECT id FROM orders_order
    WHERE id = ANY(%(ids)b::uuid[]) AND lease_token = %(token)s
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE orders_order o
SET status = CASE WHEN moved.is_done THEN 'Processed' ELSE status END,
    status_at = CASE WHEN moved.is_done THEN %(now)s ELSE status_at END,
    next_attempt_at = %(now)s,
    lease_token = NULL,
    expanded_up_to = moved.up_to,
    attempts = CASE WHEN %(ended)s THEN attempts ELSE 0 END,
    reason = CASE WHEN %(ended)s THEN reason ELSE '' END
FROM own JOIN unnest(
    %(ids)b::uuid[], %(up_to)b::bigint[], %(are_done)b::boolean[]
) AS moved (id, up_to, is_done) USING (id)
WHERE o.id = own.id
RETURNING o.id
"""

"""Whom a notification of the order has reached already: the same text goes to an address once.

Two recipients may turn out to share an address: a person and a number that the sender gave, or an
organisation and somebody who acts for it. Where keywords make their texts differ, both go.
"""

import hashlib
import threading
from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from notifications.expansion.rendering import Row

MAX_REMEMBERED = 500_000
"""Notifications of unfinished large orders that a process remembers, at about 200 bytes each."""


class Reached(dict[str, UUID]):
    """The notifications of one order, by channel, address and text."""

    def cover(self, row: Row, pk: UUID) -> UUID | None:
        """The earlier notification that says the same to the same address; else this one, which is
        to be sent, is remembered, and the answer is None."""
        key = row.channel + row.normalized_address
        if row.subject is not None or row.body is not None:
            key += _digest(row.subject, row.body)
        earlier = self.setdefault(key, pk)
        return None if earlier is pk else earlier


class _UpTo(NamedTuple):
    """What is remembered of an order, as far as it was expanded then."""

    expanded_up_to: int
    reached: Reached


class Memory:
    """Spares a process the reading of what it has written itself. What another one has gone on with
    meanwhile is read anew."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._orders: OrderedDict[UUID, _UpTo] = OrderedDict()

    def take(self, order_id: UUID, *, expanded_up_to: int) -> Reached:
        """To be put back once all that was added to it is committed."""
        with self._changing:
            known = self._orders.pop(order_id, None)
        if expanded_up_to == 0:
            return Reached()
        if known is not None and known.expanded_up_to == expanded_up_to:
            return known.reached
        return _read(order_id)

    def put(self, order_id: UUID, reached: Reached, *, expanded_up_to: int) -> None:
        with self._changing:
            self._orders[order_id] = _UpTo(expanded_up_to, reached)
            while sum(len(one.reached) for one in self._orders.values()) > MAX_REMEMBERED:
                self._orders.popitem(last=False)


memory = Memory()


def _read(order_id: UUID) -> Reached:
    """One that failed from the start reached nobody."""
    reached = Reached()
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, {"order": order_id})
        for pk, channel, address, subject, body in cursor.fetchall():
            own = subject is not None or body is not None
            reached.setdefault(channel + address + (_digest(subject, body) if own else ""), pk)
    return reached


def _digest(subject: str | None, body: str | None) -> str:
    """Of texts with keywords filled in; None stands for the order's own."""
    texts = "\0".join("" if text is None else f"={text}" for text in (subject, body))
    said = texts.encode(errors="surrogatepass")
    return f"\0{hashlib.blake2b(said, digest_size=16).hexdigest()}"


def mark(covered: dict[int, UUID]) -> None:
    """Tell of recipients which notification has reached them as well."""
    if not covered:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK, {"recipients": list(covered), "notifications": list(covered.values())}
        )


_REACHED = """
SELECT id, channel, normalized_address, subject, body FROM notifications_notification
WHERE order_id >= %(order)s AND order_id <= %(order)s AND resend_of_id IS NULL
    AND normalized_address <> '' AND NOT (status = 'Failed' AND sent_at IS NULL)
ORDER BY order_id, id
"""

_MARK = """
UPDATE recipients_recipient r SET covered_by = covering.notification_id
FROM unnest(%(recipients)b::bigint[], %(notifications)b::uuid[])
    AS covering (recipient_id, notification_id)
WHERE r.id = covering.recipient_id
"""

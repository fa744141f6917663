"""The feed of shipments that ended, read by number: forwards from one, or back from the newest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

import orjson

from orders.models import Creator
from runtime.database import sql

MAX_PAGE = 500
"""How many entries a page holds at most."""
MAX_BYTES = 1_000_000
"""A page ends behind the entry that takes it above so many bytes, as they are stored: an entry of
100,000 notifications has a megabyte or two."""
LAST_NUMBER = 2**63 - 1


class Direction(Enum):
    ASCENDING = "ASC"
    DESCENDING = "DESC"


class Outcome(NamedTuple):
    """One notification as it had ended. `destination` is "" where no address was found, and None
    once it is purged."""

    channel: str
    destination: str | None
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """`at` is when the shipment ended. E-mails come before SMS."""

    sequence_number: int
    shipment_id: UUID
    type: str
    senders_reference: str | None
    status: str
    at: datetime
    _recipients: str

    def outcomes(self) -> Iterator[Outcome]:
        """Objects are made while they are taken: an entry may hold 100,000."""
        told = orjson.loads(self._recipients)
        # The sort keeps the order of those that have the same channel.
        for one in sorted(told, key=lambda recipient: recipient["channel"] != "Email"):
            yield Outcome(
                channel=one["channel"],
                destination=one.get("destination"),
                status=one["status"],
                at=datetime.fromisoformat(one["lastUpdate"]),
            )


def page(
    *, creator: Creator, behind: int, limit: int, direction: Direction = Direction.ASCENDING
) -> list[Entry]:
    """At most `limit` entries, and those that follow on a number: higher ones, the lowest first; or
    lower ones, the highest first, where 0 stands for the end of the feed.

    One query, whose cost grows with the page alone. A page is shorter where its entries are large,
    but holds one at least if there is any: who asks on behind the last number misses nothing.
    """
    if direction is Direction.DESCENDING and behind == 0:
        # The last number itself will never be given.
        behind = LAST_NUMBER
    rows = sql.rows(
        _PAGES[direction], creator=creator.pk, behind=behind, limit=limit, bytes=MAX_BYTES
    )
    return [Entry(*row) for row in rows]


def _page(comparison: str, direction: str, side: str) -> str:
    """An entry holds all that is told of it. What an older version wrote, or still writes while it
    runs beside this one, has no type: then its order is asked. Cancelled orders have entries for
    webhooks alone: the contract's feed has none.

    The owner stands in the order, in which only the index on both has the entries: by number alone,
    the planner takes it that one of any owner's entries will soon come along.
    """
    in_order = f"f.creator_id {direction}, f.sequence_number {direction}"
    return f"""
WITH page AS (
    SELECT
        f.sequence_number, f.order_id, f.type, f.senders_reference, f.status, f.created,
        f.recipients,
        sum(pg_column_size(f.recipients)) OVER (ORDER BY {in_order})
            - pg_column_size(f.recipients) AS bytes_before
    FROM notifications_statusfeedentry f
    WHERE (f.creator_id, f.sequence_number) {comparison} (%(creator)s::bigint, %(behind)s::bigint)
        AND f.creator_id {side} %(creator)s::bigint
        AND f.status <> 'Cancelled'
    ORDER BY {in_order}
    LIMIT %(limit)s::bigint
)
SELECT
    page.sequence_number,
    page.order_id,
    CASE WHEN page.type = ''
        THEN (SELECT o.type FROM orders_order o WHERE o.id = page.order_id)
        ELSE page.type END,
    CASE WHEN page.type = ''
        THEN (SELECT o.senders_reference FROM orders_order o WHERE o.id = page.order_id)
        ELSE page.senders_reference END,
    page.status,
    page.created,
    page.recipients::text
FROM page
WHERE page.bytes_before <= %(bytes)s::bigint
ORDER BY page.sequence_number {direction}
"""  # noqa: S608 - nothing from outside


_PAGES = {
    Direction.ASCENDING: _page(">", "ASC", "<="),
    Direction.DESCENDING: _page("<", "DESC", ">="),
}

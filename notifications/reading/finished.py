"""The notifications that ended on one day, as the daily files of the metrics tell of them."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from psycopg.rows import TupleRow

from notifications.counting.hours import HOUR
from notifications.models import NotificationChannel
from runtime.uuid7 import lowest_at

MAX_ROWS = 10_000
_NORWEGIAN = re.compile(r"(?:\+|00)47")
_RANDOM_BITS = (1 << 62) - 1


class Finished(NamedTuple):
    """One notification with its final status; a text that there is not is "", but for the resource.

    The original numbers its rows; `number` is what is random in the notification's id, so the same
    each time. Lengths are in characters.
    """

    number: int
    notification_id: str
    senders_reference: str
    requested_send_time: str
    creator: str
    resource_id: str | None
    status: str
    gateway_reference: str
    rate: str
    number_prefix: str
    segments: int
    body_length: int
    own_body_length: int


def finished_on(day: date, channel: NotificationChannel) -> Iterator[Finished]:
    """Those whose final status is of that day (UTC), in the order of their making; not those that
    were simulated, for which no gateway sends a bill.

    Hours of making in which nothing ended on that day are passed over, as the daily counts know
    them; what is not counted yet is looked through.
    """
    start = datetime.combine(day, time(), tzinfo=UTC)
    end = start + timedelta(days=1)
    for low, high in _made_between(start, end):
        after = low
        while page := _page(after, high, channel, start, end):
            yield from (_finished(row) for row in page)
            after = UUID(int=page[-1][0].int + 1)


def _made_between(start: datetime, end: datetime) -> Iterator[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"start": start, "end": end})
        hours = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT max(hour) FROM notifications_countedhour")
        (last,) = cursor.fetchone()
    for hour in hours:
        yield lowest_at(hour), lowest_at(hour + HOUR)
    uncounted = last + HOUR if last else datetime.fromtimestamp(0, tz=UTC)
    if uncounted < end:
        yield lowest_at(uncounted), lowest_at(end)


def _page(
    low: UUID, high: UUID, channel: NotificationChannel, start: datetime, end: datetime
) -> Sequence[TupleRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            _PAGE,
            {
                "low": low,
                "high": high,
                "channel": channel.value,
                "start": start,
                "end": end,
                "most": MAX_ROWS,
            },
        )
        rows: list[TupleRow] = cursor.fetchall()
        return rows


def _finished(row: TupleRow) -> Finished:
    (key, reference, requested, creator, resource, status, gateway, address, *lengths) = row
    return Finished(
        key.int & _RANDOM_BITS,
        str(key),
        reference,
        f"{requested.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z",
        creator,
        resource,
        status,
        gateway,
        rate_of(address),
        address[:4],
        *lengths,
    )


def rate_of(address: str) -> str:
    """What a gateway charges for: the country, in the original's words."""
    compact = "".join(address.split())
    if not compact:
        return "n/a"
    return "innland" if _NORWEGIAN.match(compact) else "utland"


# What ended late is in an hour that is to be counted again, or has been since.
_HOURS = """
SELECT hour FROM notifications_countedhour
WHERE hour < %(end)s AND last_result_at >= %(start)s
UNION
SELECT hour FROM notifications_countedhour WHERE hour < %(end)s AND next_count_at IS NOT NULL
UNION
SELECT hour FROM notifications_latechange WHERE hour < %(end)s
ORDER BY hour
"""

_PAGE = """
SELECT
    n.id, coalesce(o.senders_reference, ''), o.requested_send_time, c.short_name, o.resource_id,
    n.status, coalesce(n.gateway_reference, ''), n.address, coalesce(n.segments, 0),
    coalesce(length(o.sms_body), 0), coalesce(length(n.body), 0)
FROM notifications_notification n
JOIN orders_order o ON o.id = n.order_id
JOIN orders_creator c ON c.id = n.creator_id
WHERE n.id >= %(low)s AND n.id < %(high)s AND n.channel = %(channel)s
    AND n.finished_at IS NOT NULL AND n.status_at >= %(start)s AND n.status_at < %(end)s
    AND NOT n.is_simulated
ORDER BY n.id
LIMIT %(most)s
"""

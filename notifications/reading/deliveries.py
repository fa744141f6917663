"""Finds what was sent to one recipient, of all service owners, for the support dashboard.

Each question reads one index, and at most the MAX_NOTIFICATIONS latest entries that it has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import TupleRow

from notifications.models import NotificationChannel
from recipients import email_addresses
from runtime.database import sql

MAX_NOTIFICATIONS = 5_000


class Period(NamedTuple):
    """Of requested send times: from the first moment, to just before the last."""

    start: datetime
    end: datetime


class Attempt(NamedTuple):
    """One notification as it now is. `address` is "" where none was found, and None once purged;
    the numbers are "" where the recipient was addressed otherwise."""

    channel: NotificationChannel
    address: str | None
    national_identity_number: str
    organization_number: str
    status: str
    status_at: datetime


@dataclass(frozen=True, slots=True)
class Shipment:
    """An order with those of its notifications that were asked for; e-mails come before SMS."""

    order_id: UUID
    creator: str
    resource_id: str | None
    senders_reference: str | None
    requested_send_time: datetime
    channel: str
    type: str
    attempts: list[Attempt]


def of_person(national_identity_number: str, *, period: Period) -> list[Shipment]:
    """The newest requested send time comes first, here and below."""
    return _found(_BY_PERSON, [national_identity_number], period)


def of_organization(organization_number: str, *, period: Period) -> list[Shipment]:
    """Those to persons behind the organisation are among them."""
    return _found(_BY_ORGANIZATION, [organization_number], period)


def of_email_address(address: str, *, period: Period) -> list[Shipment]:
    """However its letters are cased."""
    return _found(_BY_EMAIL, sorted(email_addresses.stored_forms(address)), period)


def of_mobile_number(e164: str, *, period: Period) -> list[Shipment]:
    """However the number was written in the order."""
    return _found(_BY_SMS, [e164], period)


def of_order(order_id: UUID) -> list[Shipment]:
    """One, or none; of a large order the first notifications."""
    return list(_shipments(sql.rows(_OF_ORDER, order=order_id, most=MAX_NOTIFICATIONS)))


def _found(statement: str, terms: list[str], period: Period) -> list[Shipment]:
    rows = sql.rows(
        statement, terms=terms, most=MAX_NOTIFICATIONS, start=period.start, end=period.end
    )
    return list(_shipments(rows))


def _shipments(rows: list[TupleRow]) -> Iterator[Shipment]:
    """Rows of one order stand together."""
    for about, of_order in groupby(rows, key=lambda row: row[:7]):
        attempts = [
            Attempt(NotificationChannel(channel), *rest)
            for channel, *rest in (row[7:] for row in of_order)
            if channel is not None
        ]
        order, creator, resource, reference, requested, channel, type_ = about
        yield Shipment(order, creator, resource, reference, requested, channel, type_, attempts)


# A range in place of an equality, and an order that only the column's index has: entries of one
# term stand there as their rows stand in the table, so the last are the newest.
_LAST = """
SELECT n.id, n.order_id
FROM unnest(%(terms)s::text[]) AS asked (term)
CROSS JOIN LATERAL (
    SELECT id, order_id FROM notifications_notification
    WHERE {column} >= asked.term AND {column} <= asked.term AND {column} <> ''{channel}
    ORDER BY {column} DESC
    LIMIT %(most)s
) AS n
"""

_ORDER = """
    o.id, c.short_name, o.resource_id, o.senders_reference, o.requested_send_time, o.channel, o.type
"""

_ATTEMPT = """
    n.channel, CASE WHEN o.purged_at IS NULL THEN n.address END, n.national_identity_number,
    n.organization_number, n.status, n.status_at
"""

_ABOUT = f"""
WITH last AS MATERIALIZED ({_LAST})
SELECT {_ORDER}, {_ATTEMPT}
FROM last
JOIN orders_order o ON o.id = last.order_id
JOIN orders_creator c ON c.id = o.creator_id
JOIN notifications_notification n ON n.id = last.id
WHERE o.requested_send_time >= %(start)s AND o.requested_send_time < %(end)s
ORDER BY o.requested_send_time DESC, o.id DESC, n.channel, n.id
LIMIT %(most)s
"""  # noqa: S608 - nothing from outside

_BY_PERSON = _ABOUT.format(column="national_identity_number", channel="")
_BY_ORGANIZATION = _ABOUT.format(column="organization_number", channel="")
_BY_EMAIL = _ABOUT.format(column="normalized_address", channel=" AND channel = 'Email'")
_BY_SMS = _ABOUT.format(column="normalized_address", channel=" AND channel = 'Sms'")

_OF_ORDER = f"""
SELECT {_ORDER}, {_ATTEMPT}
FROM orders_order o
JOIN orders_creator c ON c.id = o.creator_id
LEFT JOIN LATERAL (
    SELECT
        id, channel, address, national_identity_number, organization_number, status, status_at
    FROM notifications_notification
    WHERE order_id >= o.id AND order_id <= o.id
    ORDER BY order_id, id
    LIMIT %(most)s
) AS n ON true
WHERE o.id = %(order)s
ORDER BY n.channel, n.id
"""  # noqa: S608 - nothing from outside

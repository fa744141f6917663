"""Stores orders with their recipients, and what makes their request unique, by one statement."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection

from orders import ready, traces
from orders.models import Channel, Creator, OrderStatus, SendingTimePolicy
from orders.requests import Addressee, EmailText, OrderRequest, SmsText
from recipients import email_addresses
from recipients.mobile_numbers import to_e164
from recipients.models import Recipient

Value = TypeVar("Value")

_NOT_NEEDED = Recipient.LookUp.NOT_NEEDED.value

MAX_WRITTEN_OUT = 2
"""Orders whose columns are values of their own, which is faster for so few."""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order about to be stored, and the look-up's verdict on each of its recipients."""

    id: UUID
    request: OrderRequest
    verdicts: Sequence[Recipient.LookUp]


@dataclass(frozen=True, slots=True)
class Reservation:
    """A row that stands for the request. It is stored by a statement that returns nothing if the
    row is there already, after waiting for whoever is storing it at the moment."""

    statement: str
    values: Mapping[str, object]


def store(
    orders: Sequence[NewOrder],
    *,
    creator: Creator,
    now: datetime,
    chain_id: UUID | None = None,
    status: OrderStatus = OrderStatus.REGISTERED,
    reservation: Reservation | None = None,
    is_test: bool = False,
) -> bool:
    """Insert orders and recipients with one statement: half the cost of two, and atomic by itself.

    The recipients' columns travel as arrays, in the order of the requests, which equals COPY in
    speed; those that say the usual of everybody stay behind.
    Those of a chain stand in it in their order, the main one first. `is_test` stays with them: what
    was ordered in test mode never leaves for real, whatever the mode is later.
    With a reservation, the same statement stores that first, and the rest only if it was free.
    Says whether the orders were stored.
    """
    attached = _attachments(orders)
    count = len(orders) if len(orders) <= MAX_WRITTEN_OUT else None
    statement = _statement(
        count,
        reservation.statement if reservation else "",
        status,
        has_attachments=bool(attached),
        is_test=is_test,
    )
    values: dict[str, Any] = {
        "creator": creator.pk,
        "now": now,
        "chain": chain_id,
        "trace": traces.trace_in_hand(),
    }
    if reservation is not None:
        values |= reservation.values
    rows = [_columns(order, creator=creator, now=now) for order in orders]
    if count is None:
        values |= {f"all_{column}": [row[column] for row in rows] for column in _TYPES}
        rows = []
    for position, row in enumerate(rows):
        values |= {_NAMES[position, column]: value for column, value in row.items()}
    values[_NAMES[0, "id"]] = orders[0].id
    with connection.cursor() as cursor:
        cursor.execute(statement, values | _recipients(orders) | attached)
        # An order has at least one recipient.
        is_stored = bool(cursor.rowcount)
    if is_stored:
        traces.current_orders.set(tuple(order.id for order in orders))
    if is_stored and status == OrderStatus.REGISTERED:
        ready.tell_of([order.request for order in orders], now=now)
    return is_stored


# The columns in which orders of one statement differ, and their types.
_TYPES = {
    "id": "uuid",
    "type": "text",
    "senders_reference": "text",
    "requested_send_time": "timestamptz",
    "channel": "text",
    "sending_time_policy": "text",
    "email_sending_time_policy": "text",
    "ignore_reservation": "boolean",
    "use_stale_contact_information": "boolean",
    "resource_id": "text",
    "resource_action": "text",
    "email_sender": "text",
    "email_subject": "text",
    "email_body": "text",
    "email_content_type": "text",
    "sms_sender": "text",
    "sms_body": "text",
    "condition_endpoint": "text",
}


def _columns(order: NewOrder, *, creator: Creator, now: datetime) -> dict[str, object]:
    request = order.request
    email, sms = request.email, request.sms
    return {
        "id": order.id,
        "type": request.type.value,
        "senders_reference": request.senders_reference,
        "requested_send_time": request.requested_send_time or now,
        "channel": request.channel.value,
        "sending_time_policy": (sms.policy if sms else SendingTimePolicy.DAYTIME).value,
        "email_sending_time_policy": (email.policy if email else SendingTimePolicy.ANYTIME).value,
        "ignore_reservation": request.ignore_reservation,
        "use_stale_contact_information": request.use_stale_contact_information,
        "resource_id": request.resource_id,
        "resource_action": request.resource_action,
        "email_sender": sender_of(email, creator) if email else None,
        "email_subject": email.subject if email else None,
        "email_body": email.body if email else None,
        "email_content_type": email.content_type.value if email else None,
        "sms_sender": sender_of(sms, creator) if sms else None,
        "sms_body": sms.body if sms else None,
        "condition_endpoint": request.condition_endpoint,
    }


def _recipients(orders: Sequence[NewOrder]) -> dict[str, object]:
    """Of one order, all of them are the first one's."""
    recipients = [one for order in orders for one in order.request.recipients]
    verdicts = [verdict.value for order in orders for verdict in order.verdicts]
    repeated = [
        is_repeat
        for order in orders
        for is_repeat in repeats(order.request.recipients, order.request.channel)
    ]
    return {
        "of_orders": None
        if len(orders) == 1
        else [order.id for order in orders for _ in order.request.recipients],
        "persons": _unless_all([one.national_identity_number for one in recipients], ""),
        "organizations": _unless_all([one.organization_number for one in recipients], ""),
        "emails": _unless_all([one.email_address for one in recipients], ""),
        "mobiles": _unless_all([one.mobile_number for one in recipients], ""),
        "externals": _unless_all([one.external_identity for one in recipients], ""),
        "verdicts": _unless_all(verdicts, _NOT_NEEDED),
        "repeats": _unless_all(repeated, False),
    }


def _attachments(orders: Sequence[NewOrder]) -> dict[str, object]:
    """Nothing where no order has any."""
    files = [
        (order.id, position, one)
        for order in orders
        for position, one in enumerate(order.request.attachments)
    ]
    if not files:
        return {}
    return {
        "attached_to": [order_id for order_id, _, _ in files],
        "attached_at": [position for _, position, _ in files],
        "filenames": [one.filename for _, _, one in files],
        "mime_types": [one.mime_type for _, _, one in files],
        "links": [one.link for _, _, one in files],
        "links_expire": [one.link_expires_at for _, _, one in files],
    }


def _unless_all(values: list[Value], usual: Value) -> list[Value] | None:
    return None if values.count(usual) == len(values) else values


def sender_of(text: EmailText | SmsText, creator: Creator) -> str:
    """Whom a message comes from: what the order says, or the creator's default, or ours."""
    if isinstance(text, EmailText):
        return text.sender or creator.default_email_sender or settings.DEFAULT_EMAIL_FROM
    return text.sender or creator.default_sms_sender or settings.DEFAULT_SMS_SENDER


def repeats(recipients: Iterable[Addressee], channel: Channel) -> Iterator[bool]:
    """Whether an entry says the same as an earlier one: a number or address written in another
    way is still the same. What the channel does not use was never checked, and counts as written.
    """
    uses_email, uses_mobile = channel.needs_email_text, channel.needs_sms_text
    seen = set()
    for one in recipients:
        email, mobile = one.email_address, one.mobile_number
        entry = one
        if uses_email and email:
            entry = entry._replace(email_address=email_addresses.comparable(email))
        if uses_mobile and mobile:
            entry = entry._replace(mobile_number=to_e164(mobile))
        yield entry in seen
        seen.add(entry)


class _Names(dict[tuple[int, str], str]):
    """What the values of each order's columns are called in the statement. Short, since psycopg
    remembers only statements of at most 4,096 characters (and 50 values), and reads all others
    anew: those of a main order with one reminder just fit."""

    def __missing__(self, key: tuple[int, str]) -> str:
        position, column = key
        self[key] = f"c{list(_TYPES).index(column)}_{position}"
        return self[key]


_NAMES = _Names()


@lru_cache(maxsize=128)
def _statement(
    count: int | None,
    reservation: str,
    status: OrderStatus,
    *,
    has_attachments: bool,
    is_test: bool,
) -> str:
    """The same text for the same number of orders, so that PostgreSQL has it prepared; and one for
    all larger numbers (None). One for each would take each of its processes 70 MB in the end. Only
    those of tests name the column that says so: the usual ones have no room for it."""
    if_reserved = "WHERE EXISTS (SELECT FROM reserved)" if reservation else ""
    return _ORDERS.format(
        reserved=f"reserved AS ({reservation})," if reservation else "",
        if_reserved=if_reserved,
        attached=_ATTACHED.format(if_reserved=if_reserved) if has_attachments else "",
        columns=", ".join(_TYPES),
        first_id=_NAMES[0, "id"],
        status=status.value,
        test=", is_test" if is_test else "",
        true=", true" if is_test else "",
        ordered=_AS_ARRAYS if count is None else _written_out(count),
    )


def _written_out(count: int) -> str:
    rows = (
        [f"%({_NAMES[position, column]})s::{kind}" for column, kind in _TYPES.items()]
        for position in range(count)
    )
    places = (f"({', '.join(values)}, {position})" for position, values in enumerate(rows))
    return f"VALUES {', '.join(places)}"


_AS_ARRAYS = f"""
    SELECT {", ".join(_TYPES)}, ordinality - 1
    FROM unnest({", ".join(f"%(all_{column})s::{kind}[]" for column, kind in _TYPES.items())})
        WITH ORDINALITY AS r ({", ".join(_TYPES)}, ordinality)
"""  # noqa: S608 - nothing from outside


_ORDERS = """
WITH {reserved}
placed AS (
    INSERT INTO orders_order (
        {columns}, creator_id, chain_id, chain_position, created, awaits_condition, status,
        status_at, next_attempt_at, attempts, condition_note, reason, trace_id{test}
    )
    SELECT
        {columns}, %(creator)s, %(chain)s::uuid,
        CASE WHEN %(chain)s::uuid IS NOT NULL THEN position END, %(now)s,
        condition_endpoint IS NOT NULL, '{status}', %(now)s, requested_send_time, 0, '', '',
        %(trace)s::uuid{true}
    FROM ({ordered}) AS o ({columns}, position)
    {if_reserved}
){attached}
INSERT INTO recipients_recipient (
    order_id, national_identity_number, organization_number, email_address, mobile_number,
    external_identity, placement_look_up, is_repeat
)
SELECT
    coalesce(of_order, %({first_id})s::uuid), coalesce(person, ''), coalesce(organization, ''),
    coalesce(email, ''), coalesce(mobile, ''), coalesce(external, ''),
    coalesce(verdict, 'NotNeeded'), coalesce(repeat, false)
FROM unnest(
    %(of_orders)b::uuid[], %(persons)b::text[], %(organizations)b::text[], %(emails)b::text[],
    %(mobiles)b::text[], %(externals)b::text[], %(verdicts)b::text[], %(repeats)b::boolean[]
) WITH ORDINALITY AS r (
    of_order, person, organization, email, mobile, external, verdict, repeat, position
)
{if_reserved}
ORDER BY position
"""

_ATTACHED = """,
attached AS (
    INSERT INTO orders_attachment (
        order_id, position, filename, mime_type, link, link_expires_at
    )
    SELECT order_id, position, filename, mime_type, link, link_expires_at
    FROM unnest(
        %(attached_to)s::uuid[], %(attached_at)s::smallint[], %(filenames)s::text[],
        %(mime_types)s::text[], %(links)s::text[], %(links_expire)s::timestamptz[]
    ) AS a (order_id, position, filename, mime_type, link, link_expires_at)
    {if_reserved}
)"""

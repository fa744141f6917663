"""Orders, recipients and notifications for tests, stored the way production stores them."""

from collections.abc import Sequence
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from notifications.expansion.claims import DueOrder
from notifications.models import Notification, NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, Order, OrderChain, SendingTimePolicy
from orders.placing import insert
from orders.requests import Addressee, EmailText, OrderRequest, SmsText
from recipients.models import Recipient
from runtime.uuid7 import uuid7

# A summer Monday at 12:00 on Norwegian clocks: SMS may leave.
NOON = datetime(2025, 8, 25, 10, 0, tzinfo=UTC)

KARI = "01838510058"
OLA = "17857810058"
RAKEL_RESERVED = "11876995923"
TORDIS_WITHOUT_CONTACT = "30865510027"
FJELLHEIM = "311000179"
SUNNIVA = Addressee(external_identity="urn:altinn:party:username:sunniva")
"""Somebody with another log-in."""

EMAIL_TEXT = EmailText(subject="Et brev", body="Du har fått et brev.")
SMS_TEXT = SmsText(body="Du har fått et brev.")

_OF_REQUEST = {field.name for field in fields_of(OrderRequest)}


def person(national_identity_number: str) -> Addressee:
    return Addressee(national_identity_number=national_identity_number)


def organization(organization_number: str) -> Addressee:
    return Addressee(organization_number=organization_number)


def direct(*, email: str = "", mobile: str = "") -> Addressee:
    """Somebody whose address the sender gives."""
    return Addressee(email_address=email, mobile_number=mobile)


def people(count: int, *, first: int = 0) -> list[Addressee]:
    """So many different persons whom the simulated registers know."""
    return [person(f"9000{number:07}") for number in range(first, first + count)]


def mobiles(count: int, *, first: int = 0) -> list[Addressee]:
    """So many different numbers."""
    return [direct(mobile=f"+479{number:07}") for number in range(first, first + count)]


def request(
    channel: Channel = Channel.SMS,
    recipients: Sequence[Addressee] = (person(KARI),),
    **fields: Any,
) -> OrderRequest:
    """A valid order with the texts that its channel needs."""
    fields.setdefault("email", EMAIL_TEXT if channel.needs_email_text else None)
    fields.setdefault("sms", SMS_TEXT if channel.needs_sms_text else None)
    return OrderRequest(channel, recipients, **fields)


def order(
    creator: Creator,
    channel: Channel = Channel.SMS,
    recipients: Sequence[Addressee] = (person(KARI),),
    *,
    now: datetime = NOON,
    **fields: Any,
) -> Order:
    """A stored order, due at once unless `requested_send_time` says otherwise.

    `fields` are those of OrderRequest, or else columns of the order that are set afterwards.
    Nobody is looked up.
    """
    of_request = {name: fields.pop(name) for name in _OF_REQUEST & fields.keys()}
    order_id = uuid7()
    new = insert.NewOrder(
        order_id,
        request(channel, recipients, **of_request),
        [Recipient.LookUp.NOT_NEEDED] * len(recipients),
    )
    insert.store([new], creator=creator, now=now)
    if fields:
        Order.objects.filter(pk=order_id).update(**fields)
    return Order.objects.get(pk=order_id)


def in_a_chain(placed: Order) -> Order:
    """The order, as if it had been placed as the main one of a chain."""
    Order.objects.filter(pk=placed.pk).update(
        chain=OrderChain.objects.create(
            creator_id=placed.creator_id,
            kind=OrderChain.Kind.CHAIN,
            idempotency_id=str(placed.pk),
            created=placed.created,
        ),
        chain_position=0,
    )
    placed.refresh_from_db()
    return placed


def notification(
    of: Order,
    status: NotificationStatus = NotificationStatus.NEW,
    *,
    now: datetime = NOON,
    **fields: Any,
) -> Notification:
    """A stored message of the order, finished if the status is final."""
    channel = NotificationChannel.EMAIL if of.channel == Channel.EMAIL else NotificationChannel.SMS
    channel = fields.pop("channel", channel)
    address = "+4799999999" if channel == NotificationChannel.SMS else "kari@example.com"
    finished = status.is_final
    values: dict[str, Any] = {
        "id": uuid7(),
        "order": of,
        "creator_id": of.creator_id,
        "channel": channel,
        "policy": SendingTimePolicy.DAYTIME
        if channel == NotificationChannel.SMS
        else SendingTimePolicy.ANYTIME,
        "address": address,
        "normalized_address": address,
        "status": status,
        "status_at": now,
        "finished_at": now if finished else None,
        "next_attempt_at": now,
        "expires_at": None if finished else now + timedelta(hours=48),
        "created": now,
    }
    if status == NotificationStatus.SENDING:
        values |= {"lease_token": uuid4(), "lease_until": now + timedelta(seconds=120)}
    return Notification.objects.create(**values | fields)


def processed_order(creator: Creator, *statuses: NotificationStatus, **fields: Any) -> Order:
    """An expanded order with one message in each of the statuses."""
    made = order(creator, **{"status": "Processed"} | fields)
    for status in statuses:
        notification(made, status)
    return made


def ids(rows: Sequence[Order] | Sequence[DueOrder] | Sequence[Notification]) -> list[UUID]:
    return [row.pk for row in rows]

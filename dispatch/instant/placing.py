"""Stores an instant order with its message, which nobody but this process will send."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from dispatch.gateways.base import Message
from dispatch.sending.claims import Claimed
from notifications.expiry import expires_at
from notifications.models import NotificationChannel
from orders.models import Channel, Creator, OrderChain, OrderStatus, SendingTimePolicy
from orders.placing import idempotency
from orders.placing.insert import NewOrder, sender_of, store
from orders.requests import ChainReceipt, InstantOrderRequest, Shipment
from orders.texts.sms_text import sms_length
from orders.traces import Traced, trace_in_hand
from recipients import email_addresses
from recipients.mobile_numbers import to_e164
from recipients.models import Recipient
from runtime.database import sql
from runtime.uuid7 import uuid7

KIND = OrderChain.Kind.INSTANT


class OwnerHeld(Exception):
    """The service owner's new orders are held, and this one cannot wait."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What the sender is told, and the message, which is ours to send."""

    receipt: ChainReceipt
    claimed: Claimed


def place(
    request: InstantOrderRequest,
    *,
    creator: Creator,
    lease: timedelta,
    now: datetime,
    gateway: str = "",
) -> Placed | None:
    """Store the order as processed, and its message as being sent, so that no claim ever takes it;
    None if the idempotency id is taken.

    Waits for whoever is storing under the same id at the moment. Needs a transaction, after whose
    commit the message may be sent. Raises OwnerHeld, and then the transaction is to be undone.
    """
    sms = request.order.sms
    receipt = ChainReceipt(
        uuid7(),
        [Shipment(uuid7(), request.order.senders_reference)],
        sms_length=sms_length(sms.body) if sms else None,
        is_test=creator.places_tests,
    )
    [shipment] = receipt.shipments
    order = NewOrder(shipment.id, request.order, [Recipient.LookUp.NOT_NEEDED])
    reservation = idempotency.chain_reservation(
        receipt.chain_id, kind=KIND, idempotency_id=request.idempotency_id
    )
    is_new = store(
        [order],
        creator=creator,
        now=now,
        chain_id=receipt.chain_id,
        status=OrderStatus.PROCESSED,
        reservation=reservation,
        is_test=receipt.is_test,
    )
    if not is_new:
        return None
    of = Traced(shipment.id, trace_in_hand())
    claimed = _claimed(
        request,
        creator,
        of=of,
        is_test=receipt.is_test,
        lease=lease,
        gateway=gateway,
        now=now,
    )
    _insert(claimed, creator, channel=channel_of(request), now=now)
    return Placed(receipt, claimed)


def recall(*, creator: Creator, idempotency_id: str) -> ChainReceipt | None:
    """What the first request with this id was answered; None for a new id."""
    return idempotency.recall_chain(creator=creator, kind=KIND, idempotency_id=idempotency_id)


def under_way(order_ids: list[UUID], *, now: datetime) -> dict[UUID, bool]:
    """Of those that are stored: whether it is still to be known what becomes of the message.

    What nobody will ever know has its Attempt, and is under way no longer.
    """
    return dict(sql.rows(_UNDER_WAY, ids=order_ids, now=now))


def channel_of(request: InstantOrderRequest) -> NotificationChannel:
    is_email = request.order.channel == Channel.EMAIL
    return NotificationChannel.EMAIL if is_email else NotificationChannel.SMS


def _claimed(
    request: InstantOrderRequest,
    creator: Creator,
    *,
    of: Traced,
    is_test: bool,
    lease: timedelta,
    gateway: str,
    now: datetime,
) -> Claimed:
    """Texts are sent as they are written: there are no keywords in them."""
    order = request.order
    [recipient] = order.recipients
    text = order.email or order.sms
    if text is None:
        raise ValueError("An instant order has a text.")
    lifetime = request.time_to_live
    message = Message(
        notification_id=uuid7(),
        creator_name=creator.short_name,
        address=recipient.email_address or recipient.mobile_number,
        normalized_address=email_addresses.comparable(recipient.email_address)
        if recipient.email_address
        else to_e164(recipient.mobile_number),
        sender=sender_of(text, creator),
        subject=order.email.subject if order.email else "",
        body=text.body,
        content_type=(order.email.content_type.value) if order.email else "Plain",
        expires_at=expires_at(now) if lifetime is None else now + lifetime,
        is_test=is_test,
        allowed=creator.test_mode_allows,
    )
    return Claimed(message, SendingTimePolicy.ANYTIME, 0, uuid4(), now + lease, of, lease, gateway)


def _insert(
    claimed: Claimed,
    creator: Creator,
    *,
    channel: NotificationChannel,
    now: datetime,
) -> None:
    message = claimed.message
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "id": message.notification_id,
                "order": claimed.of.order_id,
                "creator": creator.pk,
                "channel": channel.value,
                "policy": claimed.policy.value,
                "address": message.address,
                "normalized": message.normalized_address,
                "expires_at": message.expires_at,
                "token": claimed.lease_token,
                "until": claimed.lease_until,
                "gateway": claimed.gateway,
                "now": now,
            },
        )
        if not cursor.rowcount:
            raise OwnerHeld("The service owner's new orders are held.")


_INSERT = """
INSERT INTO notifications_notification (
    id, order_id, creator_id, channel, policy, address, normalized_address,
    national_identity_number, organization_number, reason, status, status_at, next_attempt_at,
    expires_at, lease_token, lease_until, gateway, attempts, created
)
SELECT
    %(id)s, id, %(creator)s, %(channel)s, %(policy)s, %(address)s, %(normalized)s,
    '', '', '', 'Sending', %(now)s, %(now)s,
    %(expires_at)s, %(token)s, %(until)s, %(gateway)s, 0, %(now)s
FROM orders_order WHERE id = %(order)s AND held_at IS NULL
"""

# The order's message is written as a range: see `results.record._COMPLETE`.
_UNDER_WAY = """
SELECT o.id, EXISTS (
    SELECT FROM notifications_notification n
    WHERE n.order_id >= o.id AND n.order_id <= o.id
        AND n.status = 'Sending' AND n.lease_until > %(now)s AND n.resend_of_id IS NULL
        AND NOT EXISTS (SELECT FROM dispatch_attempt a WHERE a.notification_id = n.id)
)
FROM orders_order o WHERE o.id = ANY(%(ids)s)
"""

"""Stores an order with its recipients, and its idempotency key, by one statement."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from orders.models import Channel, Creator, SendingTimePolicy
from orders.requests import (
    KEY_LIFETIME,
    Addressee,
    Claim,
    EmailText,
    OrderRequest,
    RecipientLookup,
    SmsText,
)
from recipients import email_addresses
from recipients.mobile_numbers import to_e164
from recipients.models import Recipient

Value = TypeVar("Value")

_NOT_NEEDED = Recipient.LookUp.NOT_NEEDED.value


def store(
    *,
    order_id: UUID,
    creator: Creator,
    request: OrderRequest,
    verdicts: Sequence[Recipient.LookUp],
    now: datetime,
    claim: Claim | None = None,
    recipient_lookup: RecipientLookup | None = None,
) -> bool:
    """Insert order and recipients with one statement: half the cost of two, and atomic by itself.

    The recipients' columns travel as arrays, in the request's order, which equals COPY in speed;
    those that say the usual of everybody stay behind.
    With a claim, the same statement stores the key first, waiting for whoever is storing it at the
    moment, and inserts the rest only if the key is free. Says whether the order was stored.
    """
    send_time = request.requested_send_time or now
    email, sms = request.email, request.sms
    recipients = request.recipients
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE_ONCE if claim else _STORE,
            {
                "id": order_id,
                "creator": creator.pk,
                "now": now,
                "reference": request.senders_reference,
                "send_time": send_time,
                "channel": request.channel.value,
                "policy": SendingTimePolicy.DAYTIME.value,
                "ignore_reservation": request.ignore_reservation,
                "resource_id": request.resource_id,
                "resource_action": request.resource_action,
                "condition": request.condition_endpoint,
                "awaits_condition": request.condition_endpoint is not None,
                "email_sender": sender_of(email, creator) if email else None,
                "email_subject": email.subject if email else None,
                "email_body": email.body if email else None,
                "email_type": email.content_type.value if email else None,
                "sms_sender": sender_of(sms, creator) if sms else None,
                "sms_body": sms.body if sms else None,
                "persons": _unless_all([r.national_identity_number for r in recipients], ""),
                "organizations": _unless_all([r.organization_number for r in recipients], ""),
                "emails": _unless_all([r.email_address for r in recipients], ""),
                "mobiles": _unless_all([r.mobile_number for r in recipients], ""),
                "verdicts": _unless_all([outcome.value for outcome in verdicts], _NOT_NEEDED),
                "repeats": _unless_all(list(repeats(recipients, request.channel)), False),
                **(_remembered(claim, recipient_lookup, now) if claim else {}),
            },
        )
        # An order has at least one recipient.
        return bool(cursor.rowcount)


def _unless_all(values: list[Value], usual: Value) -> list[Value] | None:
    return None if values.count(usual) == len(values) else values


def sender_of(text: EmailText | SmsText, creator: Creator) -> str:
    """Whom a message comes from: what the order says, or the creator's default, or ours."""
    if isinstance(text, EmailText):
        return text.sender or creator.default_email_sender or settings.DEFAULT_EMAIL_FROM
    return text.sender or creator.default_sms_sender or settings.DEFAULT_SMS_SENDER


def _remembered(claim: Claim, lookup: RecipientLookup | None, now: datetime) -> dict[str, Any]:
    return {
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "look_up": orjson.dumps(lookup).decode() if lookup else None,
        "outlived": now - KEY_LIFETIME,
    }


def repeats(recipients: Iterable[Addressee], channel: Channel) -> Iterator[bool]:
    """Whether an entry says the same as an earlier one: a number or address written in another
    way is still the same. What the channel does not use was never checked, and counts as written.
    """
    uses_email, uses_mobile = channel.needs_email_text, channel.needs_sms_text
    seen = set()
    for person, organization, email, mobile in recipients:
        entry = (
            person,
            organization,
            email_addresses.comparable(email) if uses_email and email else email,
            to_e164(mobile) if uses_mobile and mobile else mobile,
        )
        yield entry in seen
        seen.add(entry)


_KEY = """
ours AS (
    INSERT INTO orders_idempotencykey AS known (
        creator_id, key, fingerprint, order_id, recipient_lookup, created
    ) VALUES (%(creator)s, %(key)s, %(fingerprint)s, %(id)s, %(look_up)s, %(now)s)
    ON CONFLICT (creator_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, order_id = excluded.order_id,
        recipient_lookup = excluded.recipient_lookup, created = excluded.created
    WHERE known.created <= %(outlived)s
    RETURNING order_id
),"""
_ORDER = """
WITH {key}
placed AS (
    INSERT INTO orders_order (
        id, creator_id, type, created, senders_reference, requested_send_time, channel,
        sending_time_policy, ignore_reservation, resource_id, resource_action, email_sender,
        email_subject, email_body, email_content_type, sms_sender, sms_body, condition_endpoint,
        awaits_condition, condition_note, status, status_at, next_attempt_at, attempts, reason
    ) SELECT
        %(id)s, %(creator)s, 'Notification', %(now)s, %(reference)s, %(send_time)s, %(channel)s,
        %(policy)s, %(ignore_reservation)s, %(resource_id)s, %(resource_action)s, %(email_sender)s,
        %(email_subject)s, %(email_body)s, %(email_type)s, %(sms_sender)s, %(sms_body)s,
        %(condition)s, %(awaits_condition)s, '', 'Registered', %(now)s, %(send_time)s, 0, ''
    {if_ours}
)
INSERT INTO recipients_recipient (
    order_id, national_identity_number, organization_number, email_address, mobile_number,
    placement_look_up, is_repeat
)
SELECT
    %(id)s, coalesce(person, ''), coalesce(organization, ''), coalesce(email, ''),
    coalesce(mobile, ''), coalesce(verdict, 'NotNeeded'), coalesce(repeat, false)
FROM unnest(
    %(persons)b::text[], %(organizations)b::text[], %(emails)b::text[], %(mobiles)b::text[],
    %(verdicts)b::text[], %(repeats)b::boolean[]
) WITH ORDINALITY AS r (person, organization, email, mobile, verdict, repeat, position)
{if_ours}
ORDER BY position
"""
_STORE = _ORDER.format(key="", if_ours="")
_STORE_ONCE = _ORDER.format(key=_KEY, if_ours="WHERE EXISTS (SELECT FROM ours)")

"""Places an order: looks its recipients up, and stores it with them in one statement."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from orders.models import Channel, Creator, EmailContentType, SendingTimePolicy
from recipients import contact_points
from recipients.contact_points import ContactPoints, Resource
from recipients.mobile_numbers import to_e164
from recipients.models import Recipient
from recipients.uuid7 import uuid7


class Addressee(NamedTuple):
    """One recipient as ordered; "" stands for absent. Validation has seen to it that an identifier
    never comes together with an address."""

    national_identity_number: str = ""
    organization_number: str = ""
    email_address: str = ""
    mobile_number: str = ""

    @property
    def needs_look_up(self) -> bool:
        return bool(self.national_identity_number or self.organization_number)


@dataclass(frozen=True, slots=True)
class EmailText:
    """What an e-mail says; an empty sender means the default one."""

    subject: str
    body: str
    content_type: EmailContentType = EmailContentType.PLAIN
    sender: str = ""


@dataclass(frozen=True, slots=True)
class SmsText:
    """What an SMS says; an empty sender means the default one."""

    body: str
    sender: str = ""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A validated order; `requested_send_time` None means now."""

    channel: Channel
    recipients: Sequence[Addressee]
    requested_send_time: datetime | None = None
    senders_reference: str | None = None
    ignore_reservation: bool | None = None
    resource_id: str | None = None
    resource_action: str | None = None
    condition_endpoint: str | None = None
    email: EmailText | None = None
    sms: SmsText | None = None


class LookUpStatus(StrEnum):
    """The contract's summary of the look-up at placement (`RecipientLookupStatusExt`)."""

    SUCCESS = "Success"
    PARTIAL_SUCCESS = "PartialSuccess"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class RecipientLookup:
    """Who of the looked-up recipients could not be reached if the order were sent now."""

    status: LookUpStatus
    is_reserved: list[str]
    missing_contact: list[str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The stored order, and the look-up's outcome where one was needed."""

    order_id: UUID
    recipient_lookup: RecipientLookup | None


@dataclass(frozen=True, slots=True)
class Claim:
    """The key under which the sender wants a request carried out once, and what tells the request
    from others."""

    key: str
    fingerprint: str


KEY_LIFETIME = timedelta(hours=24)
"""How long a key stands for the request that came with it first."""


class KeyTaken(Exception):
    """The creator has placed an order under this key already."""


def register(
    *, creator: Creator, request: OrderRequest, now: datetime, claim: Claim | None = None
) -> Receipt:
    """Store the order durably and say whom the registers know no way to.

    Nothing of the look-up but its verdict is kept: addresses are looked up again when the order is
    due. With a claim, the answer is remembered in the same breath. Raises `RegisterUnavailable`
    when a register does not answer, and `KeyTaken`; then nothing is stored.
    """
    verdicts = look_up_verdicts(request)
    receipt = Receipt(uuid7(), summarize(request.recipients, verdicts))
    stored = store(
        order_id=receipt.order_id,
        creator=creator,
        request=request,
        verdicts=verdicts,
        now=now,
        claim=claim,
        recipient_lookup=receipt.recipient_lookup,
    )
    if not stored:
        raise KeyTaken("An order was placed under this key within the last 24 hours.")
    return receipt


def look_up_verdicts(request: OrderRequest) -> list[Recipient.LookUp]:
    """The placement look-up's verdict on each recipient, in the request's order."""
    if not any(addressee.needs_look_up for addressee in request.recipients):
        return [Recipient.LookUp.NOT_NEEDED] * len(request.recipients)
    resource = Resource.of(request.resource_id, request.resource_action)
    numbers = {a.organization_number for a in request.recipients if a.organization_number}
    found = contact_points.look_up(
        persons={a.national_identity_number for a in request.recipients} - {""},
        organizations={(number, resource) for number in numbers},
    )
    return [verdict(one, found, request.channel, resource) for one in request.recipients]


def verdict(
    addressee: Addressee, found: ContactPoints, channel: Channel, resource: Resource | None
) -> Recipient.LookUp:
    """Reserved goes before missing, whatever the order says of ignoring reservations."""
    has_email = has_mobile = False
    if addressee.national_identity_number:
        person = found.person(addressee.national_identity_number)
        if person and person.is_reserved:
            return Recipient.LookUp.RESERVED
        has_email = person is not None and bool(person.email_address)
        has_mobile = person is not None and bool(person.mobile_number)
    elif addressee.organization_number:
        organization = found.organization(addressee.organization_number, resource)
        has_email = organization is not None and organization.has_email
        has_mobile = organization is not None and organization.has_mobile
    else:
        return Recipient.LookUp.NOT_NEEDED
    reachable = (has_email and channel.needs_email_text) or (has_mobile and channel.needs_sms_text)
    return Recipient.LookUp.FOUND if reachable else Recipient.LookUp.MISSING


def summarize(
    recipients: Sequence[Addressee], verdicts: Sequence[Recipient.LookUp]
) -> RecipientLookup | None:
    """Count each identifier once, however often it is listed; None if nobody was looked up."""
    verdict_of = {
        addressee.national_identity_number or addressee.organization_number: outcome
        for addressee, outcome in zip(recipients, verdicts, strict=True)
        if addressee.needs_look_up
    }
    if not verdict_of:
        return None
    reserved = [who for who, found in verdict_of.items() if found == Recipient.LookUp.RESERVED]
    missing = [who for who, found in verdict_of.items() if found == Recipient.LookUp.MISSING]
    unreachable = len(reserved) + len(missing)
    if unreachable == len(verdict_of):
        status = LookUpStatus.FAILED
    else:
        status = LookUpStatus.PARTIAL_SUCCESS if unreachable else LookUpStatus.SUCCESS
    return RecipientLookup(status, reserved, missing)


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

    The recipients' columns travel as arrays, in the request's order; that equals COPY in speed.
    With a claim, the same statement stores the key first, waiting for whoever is storing it at the
    moment, and inserts the rest only if the key is free. Says whether the order was stored.
    """
    send_time = request.requested_send_time or now
    email, sms = request.email, request.sms
    columns = list(zip(*request.recipients, strict=True))
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
                "email_sender": (email.sender or settings.DEFAULT_EMAIL_FROM) if email else None,
                "email_subject": email.subject if email else None,
                "email_body": email.body if email else None,
                "email_type": email.content_type.value if email else None,
                "sms_sender": (sms.sender or settings.DEFAULT_SMS_SENDER) if sms else None,
                "sms_body": sms.body if sms else None,
                "persons": list(columns[0]),
                "organizations": list(columns[1]),
                "emails": list(columns[2]),
                "mobiles": list(columns[3]),
                "verdicts": [outcome.value for outcome in verdicts],
                "repeats": list(repeats(request.recipients, request.channel)),
                **(_remembered(claim, recipient_lookup, now) if claim else {}),
            },
        )
        # An order has at least one recipient.
        return bool(cursor.rowcount)


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
    seen = set()
    for addressee in recipients:
        email, mobile = addressee.email_address, addressee.mobile_number
        if channel.needs_email_text:
            email = email.strip().lower()
        if channel.needs_sms_text and mobile:
            mobile = to_e164(mobile)
        key = addressee._replace(email_address=email, mobile_number=mobile)
        yield key in seen
        seen.add(key)


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
SELECT %(id)s, person, organization, email, mobile, verdict, repeat
FROM unnest(
    %(persons)b::text[], %(organizations)b::text[], %(emails)b::text[], %(mobiles)b::text[],
    %(verdicts)b::text[], %(repeats)b::boolean[]
) WITH ORDINALITY AS r (person, organization, email, mobile, verdict, repeat, position)
{if_ours}
ORDER BY position
"""
_STORE = _ORDER.format(key="", if_ours="")
_STORE_ONCE = _ORDER.format(key=_KEY, if_ours="WHERE EXISTS (SELECT FROM ours)")

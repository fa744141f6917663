"""A validated order request, and the receipt that answers it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from orders.models import Channel, EmailContentType, OrderChain, OrderType, SendingTimePolicy
from orders.texts.sms_length import SmsLength


class Addressee(NamedTuple):
    """One recipient as ordered; "" stands for absent. Validation has seen to it that an identifier
    never comes together with an address.

    A tuple, since an order may have 100,000; its members are called by their names all the same,
    which are the columns of `Recipient`.
    """

    national_identity_number: str = ""
    organization_number: str = ""
    email_address: str = ""
    mobile_number: str = ""
    external_identity: str = ""

    @property
    def identifier(self) -> str:
        """By which the registers know the recipient; "" where the sender gave addresses."""
        return self.national_identity_number or self.organization_number or self.external_identity

    @property
    def needs_look_up(self) -> bool:
        return bool(self.identifier)


@dataclass(frozen=True, slots=True)
class EmailText:
    """What an e-mail says, and when it may leave; an empty sender means the default one."""

    subject: str
    body: str
    content_type: EmailContentType = EmailContentType.PLAIN
    sender: str = ""
    policy: SendingTimePolicy = SendingTimePolicy.ANYTIME


@dataclass(frozen=True, slots=True)
class SmsText:
    """What an SMS says, and when it may leave; an empty sender means the default one."""

    body: str
    sender: str = ""
    policy: SendingTimePolicy = SendingTimePolicy.DAYTIME


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that goes out with an e-mail, and the link that it is fetched by: a secret."""

    filename: str
    mime_type: str
    link: str = field(repr=False)
    link_expires_at: datetime


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
    type: OrderType = OrderType.NOTIFICATION
    use_stale_contact_information: bool = False
    attachments: Sequence[AttachedFile] = ()


@dataclass(frozen=True, slots=True)
class OrderChainRequest:
    """A validated chain: the main order, and then its reminders, each with one recipient."""

    idempotency_id: str
    orders: Sequence[OrderRequest]
    kind: OrderChain.Kind = OrderChain.Kind.CHAIN
    dialog_id: str | None = None
    transmission_id: str | None = None


@dataclass(frozen=True, slots=True)
class InstantOrderRequest:
    """A validated order of one message to one address, to be sent while its sender waits. Without a
    time to live, the message may be sent for as long as any other."""

    idempotency_id: str
    order: OrderRequest
    time_to_live: timedelta | None = None


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
    """The stored order, the look-up's outcome where one was needed, how long an SMS of it is, its
    keywords as they are written, and whether it was placed in test mode."""

    order_id: UUID
    recipient_lookup: RecipientLookup | None
    sms_length: SmsLength | None = None
    is_test: bool = False


class Shipment(NamedTuple):
    """One order of a chain, as its sender is told of it."""

    id: UUID
    senders_reference: str | None


@dataclass(frozen=True, slots=True)
class ChainReceipt:
    """The stored chain: its main order, and then its reminders; and whether it was stored now, or
    by the same request before. Of a new one also how long an SMS of its main order is, and whether
    it was placed in test mode."""

    chain_id: UUID
    shipments: Sequence[Shipment]
    is_new: bool = True
    sms_length: SmsLength | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """The key under which the sender wants a request carried out once, and what tells the request
    from others."""

    key: str
    fingerprint: str


KEY_LIFETIME = timedelta(hours=24)
"""How long a key stands for the request that came with it first."""

"""What became of an order's messages, in the words its service owner reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from notifications.models import SUCCEEDED, MessageChannel, Notification, NotificationStatus
from orders.models import Creator, Order

S = NotificationStatus
# https://docs.altinn.studio/notifications/reference/api/ lists the statuses; the sentences are the
# ones that Altinn's service sends.
SMS_DESCRIPTIONS: dict[str, str] = {
    S.NEW: "The SMS has been created, but has not been picked up for processing yet.",
    S.SENDING: "The SMS is being processed and will be attempted sent shortly.",
    S.ACCEPTED: "The SMS has been accepted by the gateway service and will be sent shortly.",
    S.DELIVERED: "The SMS was successfully delivered to its destination.",
    S.FAILED: "The SMS was not delivered due to an unspecified failure.",
    S.FAILED_INVALID_RECIPIENT: (
        "The SMS was not delivered because the recipient's mobile number was invalid."
    ),
    S.FAILED_RECIPIENT_RESERVED: (
        "The SMS was not sent because the recipient has reserved themselves from electronic"
        " communication."
    ),
    S.FAILED_BARRED_RECEIVER: (
        "The SMS was not delivered because the recipient's number is barred, blocked or not in use."
    ),
    S.FAILED_DELETED: "The SMS was not delivered because the message has been deleted.",
    S.FAILED_EXPIRED: "The SMS was not delivered because it has expired.",
    S.FAILED_UNDELIVERED: (
        "The SMS was not delivered due to invalid number or no available route to destination."
    ),
    S.FAILED_RECIPIENT_NOT_IDENTIFIED: (
        "The SMS was not delivered because the recipient's mobile number was not found."
    ),
    S.FAILED_REJECTED: "The SMS was not delivered because it was rejected.",
    S.FAILED_TTL: (
        "The SMS was in indefinite state Accepted for too long (TTL), and was subsequently set to"
        " failed."
    ),
}
_CHUNK = 5_000


class Fate(NamedTuple):
    """One message and what became of it. `address` is "" where none was found; so are the numbers
    where the recipient was addressed otherwise. `at` is when the status last changed."""

    notification_id: UUID
    succeeded: bool
    address: str
    organization_number: str
    national_identity_number: str
    status: str
    description: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """All messages of one channel that an order has led to so far, re-sent ones included."""

    order_id: UUID
    senders_reference: str | None
    fates: list[Fate]

    @property
    def generated(self) -> int:
        return len(self.fates)

    @property
    def succeeded(self) -> int:
        return sum(fate.succeeded for fate in self.fates)


def sms_of_order(*, creator: Creator, order_id: UUID) -> Summary | None:
    """None where the creator has no such order; that somebody else has one is never told."""
    order = Order.objects.of_creator(creator).filter(id=order_id).values_list("senders_reference")
    found = order.first()
    if found is None:
        return None
    return Summary(order_id, found[0], list(_fates_of_sms(order_id)))


def _fates_of_sms(order_id: UUID) -> Iterator[Fate]:
    """In chunks, so that an order of 100,000 does not fill the memory with rows."""
    rows = Notification.objects.of_order(order_id, MessageChannel.SMS).values_list(
        "id",
        "status",
        "address",
        "organization_number",
        "national_identity_number",
        "status_at",
        "sent_at",
    )
    chunk = list(rows[:_CHUNK])
    while chunk:
        for key, status, address, organization, person, status_at, sent_at in chunk:
            shown, description = _sms_words(status, was_handed_over=sent_at is not None)
            yield Fate(
                notification_id=key,
                succeeded=status in SUCCEEDED,
                address=address,
                organization_number=organization,
                national_identity_number=person,
                status=shown,
                description=description,
                at=status_at,
            )
        if len(chunk) < _CHUNK:
            return
        chunk = list(rows.filter(id__gt=chunk[-1][0])[:_CHUNK])


def _sms_words(status: str, *, was_handed_over: bool) -> tuple[str, str]:
    """Status and description. `Failed_TTL` is shown as `Failed`; that it was accepted by the
    gateway is said only of what the gateway got."""
    if status != S.FAILED_TTL:
        return status, SMS_DESCRIPTIONS[status]
    return S.FAILED, SMS_DESCRIPTIONS[S.FAILED_TTL if was_handed_over else S.FAILED]

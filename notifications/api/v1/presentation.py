"""Writes summaries and statuses as the contract shows them: plain values, since orders may be
large."""

from collections import deque
from collections.abc import Iterator
from uuid import UUID

from notifications.models import NotificationChannel
from notifications.reading import status_texts
from notifications.reading.order_status import Progress, Tally
from notifications.reading.summaries import NotificationWithResult, Summary
from orders.api.v1.links import link
from orders.api.v1.presentation import base_members, moment, unless_blank, without_absent
from runtime.json_stream import document, written

# The member that holds the address, and the word for the channel in addresses and documents.
ADDRESS_MEMBERS = {
    NotificationChannel.EMAIL: "emailAddress",
    NotificationChannel.SMS: "mobileNumber",
}
WORDS = {NotificationChannel.EMAIL: "email", NotificationChannel.SMS: "sms"}


def summary(found: Summary, channel: NotificationChannel) -> deque[bytes]:
    """The document, in pieces. Counts are of what is listed, not counted apart, so that they agree
    with it."""
    generated = succeeded = 0

    def shown() -> Iterator[dict[str, object]]:
        nonlocal generated, succeeded
        for one in found.notifications:
            generated += 1
            succeeded += one.succeeded
            yield _notification(one, ADDRESS_MEMBERS[channel])

    notifications = written(shown())
    members = without_absent(
        {
            "orderId": found.order_id,
            "sendersReference": unless_blank(found.senders_reference),
            "generated": generated,
            "succeeded": succeeded,
        }
    )
    return document(members, last="notifications", items=notifications)


def order_status(progress: Progress) -> dict[str, object]:
    order = progress.order
    status, description = status_texts.of_order(order.status)
    return without_absent(
        base_members(order, senders_reference=unless_blank(order.senders_reference))
        | {
            "processingStatus": {
                "status": status,
                "description": description,
                "lastUpdate": moment(order.status_at),
            },
            "conditionEndpoint": order.condition_endpoint,
            "notificationsStatusSummary": {
                word: _tally(order.pk, word, progress.tallies[channel])
                for channel, word in WORDS.items()
                if channel in progress.tallies
            }
            or None,
        }
    )


def _tally(order_id: UUID, word: str, tally: Tally) -> dict[str, object]:
    return {
        "links": {"self": link(order_id, f"/notifications/{word}")},
        "generated": tally.generated,
        "succeeded": tally.succeeded,
    }


def _notification(one: NotificationWithResult, address_member: str) -> dict[str, object]:
    recipient = {}
    if one.address is not None:
        recipient[address_member] = one.address
    if one.organization_number:
        recipient["organizationNumber"] = one.organization_number
    if one.national_identity_number:
        recipient["nationalIdentityNumber"] = one.national_identity_number
    return {
        "id": one.notification_id,
        "succeeded": one.succeeded,
        "recipient": recipient,
        "sendStatus": {
            "status": one.status,
            "description": one.description,
            "lastUpdate": moment(one.at),
        },
    }

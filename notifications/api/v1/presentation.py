"""Writes summaries and statuses as the contract shows them: plain values, since orders may be
large."""

from collections import deque
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from notifications.api.long_answers import document, written
from notifications.models import MessageChannel
from notifications.reading import status_texts
from notifications.reading.order_status import Progress, Tally
from notifications.reading.summaries import Fate, Summary
from orders.api.v1.presentation import base_members, link, moment, unless_blank, without_absent

# The member that holds the address, and the word for the channel in addresses and documents.
ADDRESS_MEMBERS = {MessageChannel.EMAIL: "emailAddress", MessageChannel.SMS: "mobileNumber"}
WORDS = {MessageChannel.EMAIL: "email", MessageChannel.SMS: "sms"}


def summary(found: Summary, channel: MessageChannel) -> deque[bytes]:
    """The document, in pieces. Counts are of what is listed, not counted apart, so that they agree
    with it."""
    generated = succeeded = 0

    def shown() -> Iterator[dict[str, Any]]:
        nonlocal generated, succeeded
        for fate in found.fates:
            generated += 1
            succeeded += fate.succeeded
            yield _notification(fate, ADDRESS_MEMBERS[channel])

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


def order_status(progress: Progress) -> dict[str, Any]:
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


def _tally(order_id: UUID, word: str, tally: Tally) -> dict[str, Any]:
    return {
        "links": {"self": link(order_id, f"/notifications/{word}")},
        "generated": tally.generated,
        "succeeded": tally.succeeded,
    }


def _notification(fate: Fate, address_member: str) -> dict[str, Any]:
    recipient = {}
    if fate.address is not None:
        recipient[address_member] = fate.address
    if fate.organization_number:
        recipient["organizationNumber"] = fate.organization_number
    if fate.national_identity_number:
        recipient["nationalIdentityNumber"] = fate.national_identity_number
    return {
        "id": fate.notification_id,
        "succeeded": fate.succeeded,
        "recipient": recipient,
        "sendStatus": {
            "status": fate.status,
            "description": fate.description,
            "lastUpdate": moment(fate.at),
        },
    }

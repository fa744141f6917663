"""Writes webhooks and deliveries as answers show them."""

from datetime import datetime

from events.models import Delivery, Subscription
from events.subscriptions import Made
from orders.api.v1.presentation import moment, unless_blank, without_absent


def webhook(one: Subscription) -> dict[str, object]:
    return without_absent(
        {
            "id": one.pk,
            "endpoint": one.endpoint,
            "eventTypes": one.event_types,
            "status": one.state,
            "statusSince": moment(one.state_at),
            "reason": one.reason or None,
            "lastDelivered": _moment(one.succeeded_at),
            "failingSince": _moment(one.failing_since),
            "created": moment(one.created),
        }
    )


def with_secret(made: Made) -> dict[str, object]:
    return {**webhook(made.subscription), "secret": made.secret}


def delivery(one: Delivery) -> dict[str, object]:
    is_waiting = one.state == Delivery.State.WAITING
    return without_absent(
        {
            "id": one.pk,
            "type": one.event,
            "occurred": moment(one.occurred_at),
            "shipmentId": one.shipment_id,
            "sendersReference": unless_blank(one.senders_reference),
            "sequenceNumber": one.sequence_number,
            "status": one.state,
            "nextTry": _moment(one.next_attempt_at) if is_waiting else None,
            "tries": [
                {name: value for name, value in its_try.items() if value not in (None, "")}
                for its_try in one.tries
            ],
        }
    )


def _moment(at: datetime | None) -> str | None:
    return moment(at) if at else None

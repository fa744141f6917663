"""Writes orders as the contract shows them: plain values, since orders may be large."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from orders.api.v1.links import link
from orders.models import Order, OrderQuerySet
from orders.queries import recipients_of
from orders.requests import Addressee
from runtime.json_stream import fragment, written


def order_list(orders: OrderQuerySet) -> dict[str, object]:
    shown = written(order_documents(orders), max_items=1)  # each may be large
    return {"count": len(shown), "orders": fragment(shown)}


def order_documents(orders: OrderQuerySet) -> Iterator[dict[str, object]]:
    """Two queries, however many orders there are."""
    if not orders:
        return
    recipients = {
        order_id: written(map(_recipient, addressees))
        for order_id, addressees in recipients_of(orders)
    }
    for order in orders:
        yield _document(order, recipients.get(order.pk, ()))


def base_members(order: Order, *, senders_reference: str | None) -> dict[str, object]:
    """The members that all documents about an order begin with, absent ones being None."""
    return {
        "id": order.pk,
        "sendersReference": senders_reference,
        "requestedSendTime": moment(order.requested_send_time),
        "creator": order.creator.short_name,
        "created": moment(order.created),
        "notificationChannel": order.channel,
        "ignoreReservation": order.ignore_reservation,
        "resourceId": order.resource_id,
        "resourceAction": order.resource_action,
    }


def without_absent(members: Mapping[str, object]) -> dict[str, object]:
    """What is null is left out, in every answer."""
    return {name: value for name, value in members.items() if value is not None}


def unless_blank(reference: str | None) -> str | None:
    """A blank reference counts as none, except in the order's own document."""
    return reference if reference and reference.strip() else None


def moment(at: datetime) -> str:
    """UTC with `Z`, the fraction without trailing zeros."""
    text = at.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{text.rstrip('0') if '.' in text else text}Z"


def _document(order: Order, recipients: Iterable[bytes]) -> dict[str, object]:
    return without_absent(
        base_members(order, senders_reference=order.senders_reference)
        | {
            "recipients": fragment(recipients),
            "conditionEndpoint": order.condition_endpoint,
            "emailTemplate": _email_template(order),
            "smsTemplate": _sms_template(order),
            "links": {"self": link(order.pk), "status": link(order.pk, "/status")},
        }
    )


def _email_template(order: Order) -> dict[str, object] | None:
    if order.email_body is None:
        return None
    return without_absent(
        {
            "fromAddress": order.email_sender,
            "subject": order.email_subject,
            "body": order.email_body,
            "contentType": order.email_content_type,
        }
    )


def _sms_template(order: Order) -> dict[str, object] | None:
    if order.sms_body is None:
        return None
    return without_absent({"senderNumber": order.sms_sender, "body": order.sms_body})


def _recipient(addressee: Addressee) -> dict[str, str]:
    members = {
        "emailAddress": addressee.email_address,
        "mobileNumber": addressee.mobile_number,
        "organizationNumber": addressee.organization_number,
        "nationalIdentityNumber": addressee.national_identity_number,
    }
    return {name: value for name, value in members.items() if value}

"""Writes orders as the contract shows them: plain values, since orders may be large."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from orders.models import Order, OrderQuerySet, order_url_path
from orders.queries import recipients_of
from orders.requests import Addressee
from runtime.json_stream import JsonList


def order_list(orders: OrderQuerySet) -> dict[str, Any]:
    shown = JsonList()
    for document in order_documents(orders):
        shown.append(document)
    return {"count": len(shown), "orders": shown.fragment()}


def order_documents(orders: OrderQuerySet) -> Iterator[dict[str, Any]]:
    """Two queries, however many orders there are."""
    if not orders:
        return
    recipients = {
        order_id: _recipient_list(addressees) for order_id, addressees in recipients_of(orders)
    }
    for order in orders:
        yield _document(order, recipients.get(order.pk, JsonList()))


def base_members(order: Order, *, senders_reference: str | None) -> dict[str, Any]:
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


def without_absent(members: dict[str, Any]) -> dict[str, Any]:
    """What is null is left out, in every answer."""
    return {name: value for name, value in members.items() if value is not None}


def unless_blank(reference: str | None) -> str | None:
    """A blank reference counts as none, except in the order's own document."""
    return reference if reference and reference.strip() else None


def link(order_id: UUID, below: str = "") -> str:
    """The public address of the order, or of what lies below it."""
    return f"{settings.PUBLIC_BASE_URL}{order_url_path(order_id)}{below}"


def moment(at: datetime) -> str:
    """UTC with `Z`, the fraction without trailing zeros."""
    text = at.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{text.rstrip('0') if '.' in text else text}Z"


def _document(order: Order, recipients: JsonList) -> dict[str, Any]:
    return without_absent(
        base_members(order, senders_reference=order.senders_reference)
        | {
            "recipients": recipients.fragment(),
            "conditionEndpoint": order.condition_endpoint,
            "emailTemplate": _email_template(order),
            "smsTemplate": _sms_template(order),
            "links": {"self": link(order.pk), "status": link(order.pk, "/status")},
        }
    )


def _email_template(order: Order) -> dict[str, Any] | None:
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


def _sms_template(order: Order) -> dict[str, Any] | None:
    if order.sms_body is None:
        return None
    return without_absent({"senderNumber": order.sms_sender, "body": order.sms_body})


def _recipient_list(addressees: Iterator[Addressee]) -> JsonList:
    shown = JsonList()
    for addressee in addressees:
        shown.append(_recipient(addressee))
    return shown


def _recipient(addressee: Addressee) -> dict[str, str]:
    members = {
        "emailAddress": addressee.email_address,
        "mobileNumber": addressee.mobile_number,
        "organizationNumber": addressee.organization_number,
        "nationalIdentityNumber": addressee.national_identity_number,
    }
    return {name: value for name, value in members.items() if value}

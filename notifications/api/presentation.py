"""Writes summaries as the contract shows them: plain values, since orders may be large."""

from datetime import UTC, datetime
from typing import Any

from notifications.summaries import Fate, Summary


def sms_summary(summary: Summary) -> dict[str, Any]:
    reference = summary.senders_reference
    return {
        "orderId": summary.order_id,
        **({"sendersReference": reference} if reference and reference.strip() else {}),
        "generated": summary.generated,
        "succeeded": summary.succeeded,
        "notifications": [_sms(fate) for fate in summary.fates],
    }


def _sms(fate: Fate) -> dict[str, Any]:
    recipient = {"mobileNumber": fate.address}
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


def moment(at: datetime) -> str:
    """UTC with `Z`, the fraction without trailing zeros."""
    text = at.astimezone(UTC).isoformat().removesuffix("+00:00")
    return f"{text.rstrip('0') if '.' in text else text}Z"

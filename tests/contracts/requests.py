"""Good order requests, to be spoilt by tests."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

NEXT_YEAR = datetime.now(UTC).year + 1
"""Orders may be placed for every moment of it."""

LEFT_OUT = object()
PATHS = ("/orders", "/orders/email", "/orders/sms")


def _changed(request: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = request | changes
    return {name: value for name, value in merged.items() if value is not LEFT_OUT}


def sms(**changes: Any) -> dict[str, Any]:
    """One SMS to one mobile number; a change to LEFT_OUT leaves a property out."""
    return _changed({"body": "Hello.", "recipients": [{"mobileNumber": "+4799999999"}]}, changes)


def email(**changes: Any) -> dict[str, Any]:
    """One e-mail to one address; a change to LEFT_OUT leaves a property out."""
    recipients = [{"emailAddress": "kari@example.com"}]
    return _changed({"subject": "Hello", "body": "Hello.", "recipients": recipients}, changes)


def order(**changes: Any) -> dict[str, Any]:
    """One message on the preferred channel; a change to LEFT_OUT leaves a property out."""
    request = {
        "notificationChannel": "EmailPreferred",
        "emailTemplate": {"subject": "Hello", "body": "Hello."},
        "smsTemplate": {"body": "Hello."},
        "recipients": [{"emailAddress": "kari@example.com", "mobileNumber": "+4799999999"}],
    }
    return _changed(request, changes)


def request_for(path: str, **changes: Any) -> dict[str, Any]:
    """A good request for any of the three endpoints."""
    makers = {"/orders": order, "/orders/email": email, "/orders/sms": sms}
    return makers[path](**changes)


FUTURE = "/future/orders"
EMAIL_SETTINGS = {"subject": "Hello", "body": "Hello."}
SMS_SETTINGS = {"body": "Hello."}


def by_email(**changes: Any) -> dict[str, Any]:
    """Whoever reads at an e-mail address."""
    recipient = {"emailAddress": "kari@example.com", "emailSettings": EMAIL_SETTINGS}
    return {"recipientEmail": _changed(recipient, changes)}


def by_sms(**changes: Any) -> dict[str, Any]:
    """Whoever has a mobile number."""
    recipient = {"phoneNumber": "+4799999999", "smsSettings": SMS_SETTINGS}
    return {"recipientSms": _changed(recipient, changes)}


LOOKED_UP = {
    "recipientPerson": {"nationalIdentityNumber": "01838510058"},
    "recipientOrganization": {"orgNumber": "311000179"},
    "recipientExternalIdentity": {"externalIdentity": "urn:altinn:party:username:sunniva"},
}
KEYS = {member: member[0].upper() + member[1:] for member in LOOKED_UP}
"""What errors call them."""


def looked_up(member: str = "recipientPerson", **changes: Any) -> dict[str, Any]:
    """Somebody whose addresses are looked up, and who has both."""
    recipient = {
        **LOOKED_UP[member],
        "channelSchema": "EmailPreferred",
        "emailSettings": EMAIL_SETTINGS,
        "smsSettings": SMS_SETTINGS,
    }
    return {member: _changed(recipient, changes)}


def reminder(**changes: Any) -> dict[str, Any]:
    """A week later, to a mobile number."""
    return _changed({"delayDays": 7, "recipient": by_sms()}, changes)


def chain(**changes: Any) -> dict[str, Any]:
    """An e-mail to one address under an id of its own, without reminders."""
    return _changed({"idempotencyId": str(uuid4()), "recipient": by_email()}, changes)


COMPOSED = "/future/orders/composed-email"
STORE = "https://ttd.blob.core.windows.net"


def sas_link(path: str = "/letters/17.pdf", *, store: str = STORE, **changes: Any) -> str:
    """A link that is good for long; a change to LEFT_OUT leaves a parameter out."""
    parameters = {"sr": "b", "sp": "r", "se": f"{NEXT_YEAR + 1}-01-01", "sig": "c2lnbmVk+/="}
    signed = _changed(parameters, changes)
    return f"{store}{path}?{urlencode(signed)}"


def attachment(**changes: Any) -> dict[str, Any]:
    """A PDF."""
    file = {"filename": "Letter.pdf", "mimeType": "application/pdf", "sasUrl": sas_link()}
    return _changed(file, changes)


def composed(*attachments: Any, **changes: Any) -> dict[str, Any]:
    """An e-mail to one address under an id of its own, with one file if no others are given."""
    settings = EMAIL_SETTINGS | {"attachments": list(attachments) or [attachment()]}
    recipient = {"emailAddress": "kari@example.com", "emailSettings": settings}
    return _changed({"idempotencyId": str(uuid4()), "recipient": recipient}, changes)


def instant_sms(*, to: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A one-time password under an id of its own; `to` changes its recipient."""
    recipient = {
        "phoneNumber": "+4799999999",
        "timeToLiveInSeconds": 300,
        "smsSettings": {"body": "1234"},
    }
    request = {"idempotencyId": str(uuid4()), "recipientSms": _changed(recipient, to or {})}
    return _changed(request, changes)


def instant(*, to: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The same as it was asked for at first."""
    request = instant_sms(to=to)
    request["recipient"] = {"recipientSms": request.pop("recipientSms")}
    return _changed(request, changes)


def instant_email(*, to: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The same by e-mail."""
    recipient = {
        "emailAddress": "kari@example.com",
        "emailSettings": {"subject": "Code", "body": "1234"},
    }
    request = {"idempotencyId": str(uuid4()), "recipientEmail": _changed(recipient, to or {})}
    return _changed(request, changes)


INSTANT = {
    "/future/orders/instant/sms": instant_sms,
    "/future/orders/instant/email": instant_email,
    "/future/orders/instant": instant,
}


def webhook(**members: Any) -> dict[str, Any]:
    """A webhook for all events."""
    return {"endpoint": "https://kommune.example/altinn/events", **members}


def anywhere(recipient: Any) -> list[tuple[str, dict[str, Any]]]:
    """A chain with the recipient in each of its places, and the path of that place."""
    return [
        ("Recipient", chain(recipient=recipient)),
        (
            "Reminders[1].Recipient",
            chain(reminders=[reminder(), reminder(recipient=recipient)]),
        ),
    ]

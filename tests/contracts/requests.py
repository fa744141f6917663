"""Good order requests, to be spoilt by tests."""

from datetime import UTC, datetime
from typing import Any

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

"""The contract's one list of words for orders, SMS and e-mails alike (`ProcessingLifecycleExt`).

Every status is told as it is here: nothing is shown as something else, as older answers do.
"""

from notifications.models import (
    EMAIL_STATUSES,
    SMS_STATUSES,
    NotificationChannel,
    NotificationStatus,
)
from orders.models import OrderStatus

# The words that are not simply put together; the contract spells these two as it pleases.
_OF_EMAIL = {
    NotificationStatus.FAILED_INVALID_EMAIL_FORMAT: "Email_Failed_InvalidFormat",
    NotificationStatus.FAILED_SUPRESSED_RECIPIENT: "Email_Failed_SuppressedRecipient",
}
_NOTIFICATIONS: dict[tuple[str, str], str] = {
    **{(NotificationChannel.SMS, status): f"SMS_{status.value}" for status in SMS_STATUSES},
    **{
        (NotificationChannel.EMAIL, status): _OF_EMAIL.get(status, f"Email_{status.value}")
        for status in EMAIL_STATUSES
    },
}
ORDERS = tuple(f"Order_{status.value}" for status in OrderStatus)
SMS = tuple(_NOTIFICATIONS[NotificationChannel.SMS, status] for status in SMS_STATUSES)
EMAILS = tuple(_NOTIFICATIONS[NotificationChannel.EMAIL, status] for status in EMAIL_STATUSES)


def of_order(status: str) -> str:
    return f"Order_{status}"


def of_notification(status: str, *, channel: str) -> str:
    return _NOTIFICATIONS[channel, status]

"""How the contract words a status: in the answers, never in the database."""

from notifications.models import NotificationChannel, NotificationStatus
from orders.models import OrderStatus

S = NotificationStatus
# https://docs.altinn.studio/notifications/reference/api/ lists the statuses; the sentences are the
# ones that Altinn's service sends.
SMS_STATUS_TEXTS: dict[str, str] = {
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
EMAIL_STATUS_TEXTS: dict[str, str] = {
    S.NEW: "The email has been created, but has not been picked up for processing yet.",
    S.SENDING: "The email is being processed and will be attempted sent shortly.",
    S.SUCCEEDED: (
        "The email has been accepted by the third party email service and will be sent shortly."
    ),
    S.DELIVERED: (
        "The email was delivered to the recipient. No errors reported, making it likely it was"
        " received by the recipient."
    ),
    S.FAILED: "The email was not sent due to an unspecified failure.",
    S.FAILED_RECIPIENT_RESERVED: (
        "The email was not sent because the recipient has reserved themselves from electronic"
        " communication."
    ),
    S.FAILED_RECIPIENT_NOT_IDENTIFIED: (
        "The email was not sent because the recipient's email address was not found."
    ),
    S.FAILED_INVALID_EMAIL_FORMAT: (
        "The email was not sent because the recipient\N{RIGHT SINGLE QUOTATION MARK}s email address"
        " is in an invalid format."
    ),
    S.FAILED_SUPRESSED_RECIPIENT: (
        "The email was not sent because the recipient\N{RIGHT SINGLE QUOTATION MARK}s email address"
        " is suppressed by the third party email service."
    ),
    S.FAILED_BOUNCED: (
        "The email hard bounced, which may have happened because the email address does not exist"
        " or the domain is invalid."
    ),
    S.FAILED_FILTERED_SPAM: (
        "The email was identified as spam, and was rejected or blocked (not quarantined)."
    ),
    # The spelling is the contract's.
    S.FAILED_QUARANTINED: "The email was quarantined (as spam, bulk mail, or phising).",
    S.FAILED_INVALID_SAS_URL: (
        "The email was not sent because one or more attachment SAS URLs are invalid, expired, or"
        " inaccessible."
    ),
    S.FAILED_PAYLOAD_TOO_LARGE: (
        "The email was not sent because the total size of the attachments exceeds the allowed"
        " limit."
    ),
    S.FAILED_TTL: (
        "The email was in indefinite state Succeeded for too long (TTL), and was subsequently set"
        " to failed."
    ),
}
_OF_NOTIFICATIONS = {
    NotificationChannel.SMS: SMS_STATUS_TEXTS,
    NotificationChannel.EMAIL: EMAIL_STATUS_TEXTS,
}

ORDER_STATUS_TEXTS: dict[str, str] = {
    OrderStatus.REGISTERED: (
        "Order has been registered and is awaiting requested send time before processing."
    ),
    OrderStatus.PROCESSING: "Order processing is ongoing. Notifications are being generated.",
    OrderStatus.PROCESSED: (
        "Order processing is done. Notifications have been successfully generated."
    ),
    OrderStatus.COMPLETED: (
        "Order processing is completed. All notifications have a final status."
    ),
    OrderStatus.SEND_CONDITION_NOT_MET: (
        "Order processing was stopped due to send condition not being met."
    ),
    OrderStatus.CANCELLED: "Order processing was stopped due to order being cancelled.",
}


def of_notification(
    status: str, *, channel: NotificationChannel, was_sent: bool
) -> tuple[str, str]:
    """The status as shown, and its text. `Failed_TTL` is shown as `Failed`; that it was accepted
    is said only of what the gateway or mail server got."""
    texts = _OF_NOTIFICATIONS[channel]
    if status != S.FAILED_TTL:
        return status, texts[status]
    return S.FAILED, texts[S.FAILED_TTL if was_sent else S.FAILED]


def of_order(status: str) -> tuple[str, str]:
    """The status as shown, and its text. `Processed` is shown as `Completed`, which is the word
    that older clients know, with its own text."""
    shown = OrderStatus.COMPLETED if status == OrderStatus.PROCESSED else status
    return shown, ORDER_STATUS_TEXTS[status]

"""Every status has its word in the contract's list, and none that is not in it."""

import re

from notifications.models import EMAIL_STATUSES, SMS_STATUSES, NotificationChannel
from notifications.reading import lifecycle
from orders.models import OrderStatus

# `ProcessingLifecycleExt`; `Email_Failed_TransientError` is in it, too, and never told.
_WORDS = """
Order_Registered Order_Processing Order_Completed Order_SendConditionNotMet Order_Cancelled
Order_Processed
SMS_New SMS_Sending SMS_Accepted SMS_Delivered SMS_Failed SMS_Failed_InvalidRecipient
SMS_Failed_RecipientReserved SMS_Failed_BarredReceiver SMS_Failed_Deleted SMS_Failed_Expired
SMS_Failed_Undelivered SMS_Failed_RecipientNotIdentified SMS_Failed_Rejected SMS_Failed_TTL
Email_New Email_Sending Email_Succeeded Email_Delivered Email_Failed
Email_Failed_RecipientReserved Email_Failed_RecipientNotIdentified Email_Failed_InvalidFormat
Email_Failed_SuppressedRecipient Email_Failed_Bounced Email_Failed_FilteredSpam
Email_Failed_Quarantined Email_Failed_TTL Email_Failed_InvalidSasUrl
Email_Failed_PayloadTooLarge
"""
KNOWN = frozenset(re.findall(r"\w+", _WORDS))


def test_every_status_of_an_order_has_its_word() -> None:
    assert {lifecycle.of_order(status) for status in OrderStatus} <= KNOWN


def test_every_status_of_a_notification_has_its_word() -> None:
    of_each = {NotificationChannel.SMS: SMS_STATUSES, NotificationChannel.EMAIL: EMAIL_STATUSES}
    words = [
        lifecycle.of_notification(status, channel=channel)
        for channel, statuses in of_each.items()
        for status in statuses
    ]
    assert set(words) <= KNOWN
    assert len(set(words)) == len(words)


def test_two_words_are_spelled_in_their_own_way() -> None:
    email = NotificationChannel.EMAIL
    assert lifecycle.of_notification("Failed_InvalidEmailFormat", channel=email) == (
        "Email_Failed_InvalidFormat"
    )
    assert lifecycle.of_notification("Failed_SupressedRecipient", channel=email) == (
        "Email_Failed_SuppressedRecipient"
    )

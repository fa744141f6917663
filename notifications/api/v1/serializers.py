"""The shapes of summaries and statuses, for the API description; `presentation` writes them."""

# ruff: noqa: N815 - fields are named as in the contract

from rest_framework import serializers

from notifications.models import NotificationStatus
from notifications.reading.status_texts import (
    EMAIL_STATUS_TEXTS,
    ORDER_STATUS_TEXTS,
    SMS_STATUS_TEXTS,
)
from orders.api.v1.serializers.documents import BaseNotificationOrderExt
from orders.api.v1.serializers.recipients import RecipientExt
from orders.models import OrderStatus

NEVER_SHOWN = {NotificationStatus.FAILED_TTL, OrderStatus.PROCESSED}

_ID = "The notification's id."
_RECIPIENT = "The address, and the number that it was found by."
_GENERATED = "How many there are so far."
_SUCCEEDED = "How many of them have succeeded."
_LISTED = "Each of them, in the order they were made."


def _shown(texts: dict[str, str]) -> str:
    return ", ".join(sorted(set(texts) - NEVER_SHOWN))


class StatusExt(serializers.Serializer[object]):
    """A status, explained, and since when."""

    status = serializers.CharField(
        help_text=(
            f"Of an SMS one of {_shown(SMS_STATUS_TEXTS)}; of an e-mail one of"
            f" {_shown(EMAIL_STATUS_TEXTS)}; of an order one of {_shown(ORDER_STATUS_TEXTS)}."
        )
    )
    description = serializers.CharField(help_text="The status in a sentence.")
    lastUpdate = serializers.DateTimeField(help_text="Since when, in UTC.")


class NotificationWithResult(serializers.Serializer[object]):
    """One notification of either channel."""

    id = serializers.UUIDField(help_text=_ID)
    succeeded = serializers.BooleanField(
        help_text="Accepted by the gateway or mail server, or delivered."
    )
    recipient = RecipientExt(help_text=_RECIPIENT)
    sendStatus = StatusExt(help_text="What became of it.")


class SmsNotificationWithResultExt(NotificationWithResult):
    """One SMS and what became of it."""


class EmailNotificationWithResultExt(NotificationWithResult):
    """One e-mail and what became of it."""


class NotificationSummary(serializers.Serializer[object]):
    """What summaries of both channels have."""

    orderId = serializers.UUIDField(help_text="The order's id.")
    sendersReference = serializers.CharField(required=False, help_text="Left out if blank.")
    generated = serializers.IntegerField(help_text=_GENERATED)
    succeeded = serializers.IntegerField(help_text=_SUCCEEDED)


class SmsNotificationSummaryExt(NotificationSummary):
    """All SMS that an order has led to so far."""

    notifications = SmsNotificationWithResultExt(many=True, help_text=_LISTED)


class EmailNotificationSummaryExt(NotificationSummary):
    """All e-mails that an order has led to so far."""

    notifications = EmailNotificationWithResultExt(many=True, help_text=_LISTED)


class NotificationResourceLinksExt(serializers.Serializer[object]):
    """Where each notification is listed with its status."""

    self = serializers.CharField(help_text="The list's address.")


class NotificationStatusCounts(serializers.Serializer[object]):
    """Counts of either channel."""

    links = NotificationResourceLinksExt(help_text="Where they are listed.")
    generated = serializers.IntegerField(help_text=_GENERATED)
    succeeded = serializers.IntegerField(help_text=_SUCCEEDED)


class EmailNotificationStatusExt(NotificationStatusCounts):
    """How many e-mails there are, and how many have succeeded."""


class SmsNotificationStatusExt(NotificationStatusCounts):
    """How many SMS there are, and how many have succeeded."""


class NotificationsStatusSummaryExt(serializers.Serializer[object]):
    """The notifications of each channel that the order has led to any on."""

    email = EmailNotificationStatusExt(required=False, help_text="Left out if there are none.")
    sms = SmsNotificationStatusExt(required=False, help_text="Left out if there are none.")


class NotificationOrderWithStatusExt(BaseNotificationOrderExt):
    """An order and how far it has come."""

    processingStatus = StatusExt(help_text="How far the order has come.")
    notificationsStatusSummary = NotificationsStatusSummaryExt(
        required=False, help_text="Left out until there are notifications."
    )


class SendConditionExt(serializers.Serializer[object]):
    """What a condition endpoint answers."""

    sendNotification = serializers.BooleanField(help_text="Whether the condition is met.")

"""The shapes of summaries and statuses, for the API description; `presentation` writes them."""

# ruff: noqa: N815 - fields are named as in the contract

from typing import Any

from rest_framework import serializers

from notifications.models import NotificationStatus
from notifications.reading.status_texts import (
    EMAIL_DESCRIPTIONS,
    ORDER_DESCRIPTIONS,
    SMS_DESCRIPTIONS,
)
from orders.api.v1.serializers.documents import BaseNotificationOrderExt
from orders.api.v1.serializers.recipients import RecipientExt
from orders.models import OrderStatus

NEVER_SHOWN = {NotificationStatus.FAILED_TTL, OrderStatus.PROCESSED}

_ID = "The message's id."
_RECIPIENT = "The address, and the number that it was found by."
_GENERATED = "How many there are so far."
_SUCCEEDED = "How many of them have succeeded."
_LISTED = "Each of them, in the order they were made."


def _shown(descriptions: dict[str, str]) -> str:
    return ", ".join(sorted(set(descriptions) - NEVER_SHOWN))


class StatusExt(serializers.Serializer[Any]):
    """A status, explained, and since when."""

    status = serializers.CharField(
        help_text=(
            f"Of an SMS one of {_shown(SMS_DESCRIPTIONS)}; of an e-mail one of"
            f" {_shown(EMAIL_DESCRIPTIONS)}; of an order one of {_shown(ORDER_DESCRIPTIONS)}."
        )
    )
    description = serializers.CharField(help_text="The status in a sentence.")
    lastUpdate = serializers.DateTimeField(help_text="Since when, in UTC.")


class SmsNotificationWithResultExt(serializers.Serializer[Any]):
    """One SMS and what became of it."""

    id = serializers.UUIDField(help_text=_ID)
    succeeded = serializers.BooleanField(help_text="Accepted by the gateway, or delivered.")
    recipient = RecipientExt(help_text=_RECIPIENT)
    sendStatus = StatusExt(help_text="What became of it.")


class SmsNotificationSummaryExt(serializers.Serializer[Any]):
    """All SMS that an order has led to so far."""

    orderId = serializers.UUIDField(help_text="The order's id.")
    sendersReference = serializers.CharField(required=False, help_text="Left out if blank.")
    generated = serializers.IntegerField(help_text=_GENERATED)
    succeeded = serializers.IntegerField(help_text=_SUCCEEDED)
    notifications = SmsNotificationWithResultExt(many=True, help_text=_LISTED)


class EmailNotificationWithResultExt(serializers.Serializer[Any]):
    """One e-mail and what became of it."""

    id = serializers.UUIDField(help_text=_ID)
    succeeded = serializers.BooleanField(help_text="Accepted by the mail server, or delivered.")
    recipient = RecipientExt(help_text=_RECIPIENT)
    sendStatus = StatusExt(help_text="What became of it.")


class EmailNotificationSummaryExt(serializers.Serializer[Any]):
    """All e-mails that an order has led to so far."""

    orderId = serializers.UUIDField(help_text="The order's id.")
    sendersReference = serializers.CharField(required=False, help_text="Left out if blank.")
    generated = serializers.IntegerField(help_text=_GENERATED)
    succeeded = serializers.IntegerField(help_text=_SUCCEEDED)
    notifications = EmailNotificationWithResultExt(many=True, help_text=_LISTED)


class NotificationResourceLinksExt(serializers.Serializer[Any]):
    """Where each message is listed with its status."""

    self = serializers.URLField(help_text="The list's address.")


class EmailNotificationStatusExt(serializers.Serializer[Any]):
    """How many e-mails there are, and how many have succeeded."""

    links = NotificationResourceLinksExt(help_text="Where they are listed.")
    generated = serializers.IntegerField(help_text=_GENERATED)
    succeeded = serializers.IntegerField(help_text=_SUCCEEDED)


class SmsNotificationStatusExt(serializers.Serializer[Any]):
    """How many SMS there are, and how many have succeeded."""

    links = NotificationResourceLinksExt(help_text="Where they are listed.")
    generated = serializers.IntegerField(help_text=_GENERATED)
    succeeded = serializers.IntegerField(help_text=_SUCCEEDED)


class NotificationsStatusSummaryExt(serializers.Serializer[Any]):
    """The messages of each channel that the order has led to messages on."""

    email = EmailNotificationStatusExt(required=False, help_text="Left out if there are none.")
    sms = SmsNotificationStatusExt(required=False, help_text="Left out if there are none.")


class NotificationOrderWithStatusExt(BaseNotificationOrderExt):
    """An order and how far it has come."""

    processingStatus = StatusExt(help_text="How far the order has come.")
    notificationsStatusSummary = NotificationsStatusSummaryExt(
        required=False, help_text="Left out until there are messages."
    )


class SendConditionExt(serializers.Serializer[Any]):
    """What a condition endpoint answers."""

    sendNotification = serializers.BooleanField(help_text="Whether the condition is met.")

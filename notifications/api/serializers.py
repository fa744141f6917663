"""The summaries' shapes, for the API description; `presentation` writes them."""

# ruff: noqa: N815 - fields are named as in the contract

from typing import Any

from rest_framework import serializers

from notifications.models import NotificationStatus
from notifications.summaries import SMS_DESCRIPTIONS
from orders.api.serializers.recipients import RecipientExt

NEVER_SHOWN = NotificationStatus.FAILED_TTL


class StatusExt(serializers.Serializer[Any]):
    """A message's status, explained, and since when."""

    status = serializers.CharField(
        help_text="One of " + ", ".join(sorted(set(SMS_DESCRIPTIONS) - {NEVER_SHOWN})) + "."
    )
    description = serializers.CharField()
    lastUpdate = serializers.DateTimeField()


class SmsNotificationWithResultExt(serializers.Serializer[Any]):
    """One SMS and what became of it."""

    id = serializers.UUIDField()
    succeeded = serializers.BooleanField(help_text="Accepted by the gateway, or delivered.")
    recipient = RecipientExt()
    sendStatus = StatusExt()


class SmsNotificationSummaryExt(serializers.Serializer[Any]):
    """All SMS that an order has led to so far."""

    orderId = serializers.UUIDField()
    sendersReference = serializers.CharField(required=False)
    generated = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    notifications = SmsNotificationWithResultExt(many=True)

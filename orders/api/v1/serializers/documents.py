"""The shapes of orders that are read, for the API description; `presentation` writes them."""

# ruff: noqa: N815 - fields are named as in the contract

from rest_framework import serializers

from orders.api.parsing.fields import NotificationChannelField
from orders.api.v1.serializers.any_channel_order import EmailTemplateExt, SmsTemplateExt
from orders.api.v1.serializers.recipients import RecipientExt


class BaseNotificationOrderExt(serializers.Serializer[object]):
    """What every document about an order tells. Members without a value are left out."""

    id = serializers.CharField(help_text="The order's id, a GUID.")
    sendersReference = serializers.CharField(required=False, help_text="As submitted.")
    requestedSendTime = serializers.DateTimeField(
        help_text="When to send at the earliest, in UTC; when the order was placed, by default."
    )
    creator = serializers.CharField(help_text="The service owner's short name.")
    created = serializers.DateTimeField(help_text="When the order was placed, in UTC.")
    notificationChannel = NotificationChannelField()
    ignoreReservation = serializers.BooleanField(required=False, help_text="As submitted.")
    resourceId = serializers.CharField(required=False, help_text="As submitted.")
    resourceAction = serializers.CharField(required=False, help_text="As submitted.")
    conditionEndpoint = serializers.CharField(required=False, help_text="As submitted.")


class OrderResourceLinksExt(serializers.Serializer[object]):
    """Where the order and its status are read."""

    self = serializers.CharField(help_text="The order's own address.")
    status = serializers.CharField(help_text="Where its status is read.")


class NotificationOrderExt(BaseNotificationOrderExt):
    """An order as it was placed, the default senders filled in."""

    recipients = RecipientExt(many=True, help_text="As submitted.")
    emailTemplate = EmailTemplateExt(required=False, help_text="What e-mails say.")
    smsTemplate = SmsTemplateExt(required=False, help_text="What SMS say.")
    links = OrderResourceLinksExt(help_text="Where to read on.")


class NotificationOrderListExt(serializers.Serializer[object]):
    """The orders with a sender's reference, the oldest first."""

    count = serializers.IntegerField(help_text="How many there are.")
    orders = NotificationOrderExt(many=True, help_text="All of them.")

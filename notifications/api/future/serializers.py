"""The shapes of shipments and of the feed, for the API description; `presentation` writes them."""

# ruff: noqa: N815 - fields are named as in the contract

from rest_framework import serializers

from notifications.reading import lifecycle
from orders.api.described import Int64Field
from orders.models import OrderType

CHANNELS = ("Email", "SMS")

_ORDER_STATUS = f"One of {', '.join(lifecycle.ORDERS)}."
_STATUS = (
    f"Of an e-mail one of {', '.join(lifecycle.EMAILS)}; of an SMS {', '.join(lifecycle.SMS)}."
)
_TYPE = f"One of {', '.join(OrderType.values)}."
_CHANNEL = "`Email` or `SMS`."
_DESTINATION = "The address; empty where none was found, left out once it is removed for good."
_REFERENCE = "Left out if blank."
_SINCE = "Since when, in UTC."
_SHIPMENT_ID = "The shipment's id."


class DeliveryManifestRecipientExt(serializers.Serializer[object]):
    """One notification and how it stands."""

    type = serializers.CharField(help_text=_CHANNEL)
    destination = serializers.CharField(required=False, help_text=_DESTINATION)
    status = serializers.CharField(help_text=_STATUS)
    lastUpdate = serializers.DateTimeField(help_text=_SINCE)


class NotificationDeliveryManifestExt(serializers.Serializer[object]):
    """A shipment, and each notification that it has led to so far."""

    shipmentId = serializers.UUIDField(help_text=_SHIPMENT_ID)
    sendersReference = serializers.CharField(required=False, help_text=_REFERENCE)
    type = serializers.CharField(help_text=_TYPE)
    status = serializers.CharField(help_text=_ORDER_STATUS)
    lastUpdate = serializers.DateTimeField(help_text=_SINCE)
    recipients = DeliveryManifestRecipientExt(
        many=True, help_text="E-mails before SMS, each in the order they were made."
    )


class StatusFeedRecipientExt(serializers.Serializer[object]):
    """One notification and how it had ended."""

    type = serializers.CharField(help_text=_CHANNEL)
    destination = serializers.CharField(required=False, help_text=_DESTINATION)
    status = serializers.CharField(help_text=_STATUS)
    lastUpdate = serializers.DateTimeField(help_text=_SINCE)


class StatusFeedExt(serializers.Serializer[object]):
    """A shipment that has ended; never changed but for addresses, which go after some time."""

    sequenceNumber = Int64Field(
        help_text="Grows with every entry of any service owner, so there are gaps."
    )
    shipmentId = serializers.UUIDField(help_text=_SHIPMENT_ID)
    sendersReference = serializers.CharField(required=False, help_text=_REFERENCE)
    recipients = StatusFeedRecipientExt(
        many=True, help_text="E-mails before SMS, each in the order they were made."
    )
    status = serializers.CharField(help_text="`Order_Completed` or `Order_SendConditionNotMet`.")
    lastUpdate = serializers.DateTimeField(help_text=_SINCE)
    shipmentType = serializers.CharField(help_text=_TYPE)
    type = serializers.CharField(help_text="The same as `shipmentType`.")


class NotificationLogExt(serializers.Serializer[object]):
    """A notification that has ended, as the log of a dialog tells it."""

    notificationId = serializers.UUIDField(help_text="The notification's id.")
    dialogId = serializers.CharField(required=False, help_text="The dialog, as ordered.")
    transmissionId = serializers.CharField(
        required=False, help_text="The transmission, as ordered; left out if there is none."
    )
    type = serializers.CharField(help_text=_TYPE)
    channel = serializers.CharField(help_text="`Email` or `Sms`.")
    destination = serializers.CharField(required=False, help_text=_DESTINATION)
    status = serializers.CharField(help_text="Without the channel, as `Delivered`.")
    requestedSendTime = serializers.DateTimeField(help_text="When it was to be sent, in UTC.")
    lastUpdateTime = serializers.DateTimeField(help_text="When it ended, in UTC.")

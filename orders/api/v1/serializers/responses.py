"""What the API answers to an order."""

# ruff: noqa: N815 - fields are named as in the contract

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.requests import LookUpStatus, Receipt


@extend_schema_field(
    {
        "type": "string",
        "enum": [status.value for status in LookUpStatus],
        "description": "How the look-up of recipients went.",
    },
    component_name="RecipientLookupStatusExt",
)
class RecipientLookupStatusField(serializers.CharField):
    pass


class RecipientLookupResultExt(serializers.Serializer[object]):
    """Whom the registers know no way to now. Addresses are looked up again before sending."""

    status = RecipientLookupStatusField(
        help_text="Whether all, some or none of the looked-up recipients can be reached.",
    )
    isReserved = serializers.ListField(
        child=serializers.CharField(),
        source="is_reserved",
        help_text="National identity numbers of persons who have reserved themselves.",
    )
    missingContact = serializers.ListField(
        child=serializers.CharField(),
        source="missing_contact",
        help_text="National identity numbers and organization numbers without a usable address.",
    )


class NotificationOrderRequestResponseExt(serializers.Serializer[Receipt]):
    """The order's id, and how the look-up of recipients went where one was needed."""

    orderId = serializers.UUIDField(
        source="order_id", help_text="To be kept: the order is read and cancelled by it."
    )
    recipientLookup = RecipientLookupResultExt(source="recipient_lookup", required=False)

    def to_representation(self, instance: Receipt) -> dict[str, object]:
        shown = super().to_representation(instance)
        return {name: value for name, value in shown.items() if value is not None}

"""What the API answers to a chain."""

# ruff: noqa: N815 - fields are named as in the contract

from rest_framework import serializers

from orders.requests import ChainReceipt, Shipment


class NotificationOrderChainShipmentExt(serializers.Serializer[object]):
    """One order of a chain."""

    shipmentId = serializers.UUIDField(
        help_text="To be kept: what became of the order is read by it, and it is cancelled by it."
    )
    sendersReference = serializers.CharField(required=False, help_text="As submitted.")


class NotificationOrderChainReceiptExt(NotificationOrderChainShipmentExt):
    """The main order, and its reminders."""

    reminders = NotificationOrderChainShipmentExt(
        many=True, required=False, help_text="In the order of the request; left out if none."
    )


class NotificationOrderChainResponseExt(serializers.Serializer[object]):
    """Under what ids the chain and its orders are stored."""

    notificationOrderId = serializers.UUIDField(help_text="The chain's. Nothing is read by it.")
    notification = NotificationOrderChainReceiptExt(help_text="The main order.")


def document(receipt: ChainReceipt) -> dict[str, object]:
    """The answer to the first request and to every repeat."""
    main, *reminders = map(_shipment, receipt.shipments)
    return {
        "notificationOrderId": receipt.chain_id,
        "notification": ({"reminders": reminders} if reminders else {}) | main,
    }


def _shipment(shipment: Shipment) -> dict[str, object]:
    members: dict[str, object] = {"shipmentId": shipment.id}
    if shipment.senders_reference is not None:
        members["sendersReference"] = shipment.senders_reference
    return members

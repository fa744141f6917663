"""What a chain and an e-mail with attachments have in common: an order that may wait."""

# ruff: noqa: N815 - fields are named as in the contract

from orders.api.parsing.contract import ContractSerializer
from orders.api.parsing.fields import (
    MAX_REFERENCE_BYTES,
    NonBlankText,
    Text,
    required_text,
)
from orders.api.waiting_order import WaitingOrderExt
from orders.requests import OrderChainRequest


class DialogportenIdentifiersExt(ContractSerializer):
    """What the orders are about in Dialogporten. Nothing is sent there."""

    dialogId = Text(
        source="dialog_id",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="A dialog.",
    )
    transmissionId = Text(
        source="transmission_id",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="A transmission within it.",
    )


class OrderChainRequestExt(WaitingOrderExt[OrderChainRequest]):
    """The properties that both have."""

    dialogportenAssociation = DialogportenIdentifiersExt(
        source="dialog", required=False, allow_null=True
    )
    idempotencyId = NonBlankText(
        source="idempotency_id",
        error_messages=required_text("IdempotencyId"),
        max_bytes=MAX_REFERENCE_BYTES,
        help_text=(
            "Makes it safe to send the request again: a request under a known id is answered as the"
            " first one was, whatever else it says, for ever."
        ),
    )

"""What a chain and an e-mail with attachments have in common: an order that may wait."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import datetime

from rest_framework import serializers

from orders.api.parsing.contract import ContractSerializer, Values
from orders.api.parsing.fields import (
    MAX_REFERENCE_BYTES,
    NonBlankText,
    Text,
    required_text,
)
from orders.api.validation.rules import Violations
from orders.api.waiting_order import WaitingOrderExt
from orders.requests import OrderChainRequest
from orders.senders import ANY_SENDER, CallersSenders


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


class OrderChainRequestExt(WaitingOrderExt):
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

    def validate(self, attrs: Values) -> Values:
        violations = self.violations(attrs)
        if violations:
            raise serializers.ValidationError(violations.told())
        return attrs

    def violations(self, attrs: Values) -> Violations:
        """The rules of the subclass that are broken."""
        raise NotImplementedError

    def as_chain(self, values: Values) -> OrderChainRequest:
        """What was asked for, in the domain's terms."""
        raise NotImplementedError

    @classmethod
    def read(
        cls,
        document: object,
        *,
        now: datetime,
        strict: bool = False,
        senders: CallersSenders = ANY_SENDER,
    ) -> OrderChainRequest:
        """The document in the domain's terms. Raises ValidationError and CannotConvert."""
        serializer, given = cls.validated(document, now=now, strict=strict, senders=senders)
        return serializer.as_chain(given)

"""What all requests for orders that may wait have in common: v1's, chains, and e-mails with
attachments."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import datetime
from typing import Generic, TypeVar

from rest_framework import serializers

from orders.api.parsing.contract import ContractSerializer, Values, kept
from orders.api.parsing.fields import MAX_REFERENCE_BYTES, Moment, Text, Url
from orders.api.validation import strict_reading
from orders.api.validation.rules import Violations
from orders.requests import OrderChainRequest, OrderRequest
from orders.senders.allowed import ANY_SENDER, CallersSenders

Asked = TypeVar("Asked", OrderRequest, OrderChainRequest)

CONDITION = (
    "Asked shortly before sending. The notifications are sent if it answers"
    ' `{"sendNotification": true}`.'
)


class WaitingOrderExt(ContractSerializer, Generic[Asked]):
    """The properties that all have, as true at the moment `now`; `strict` refuses what would
    otherwise be carried out in another way than it is written. `senders` knows which the caller may
    name."""

    now: datetime
    strict: bool = False
    senders: CallersSenders = ANY_SENDER

    sendersReference = Text(
        source="senders_reference",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="The sender's own reference. It need not be unique.",
    )
    requestedSendTime = Moment(
        source="requested_send_time",
        required=False,
        help_text="When to send at the earliest, with an offset. Default: now.",
    )
    conditionEndpoint = Url(
        source="condition_endpoint", required=False, allow_null=True, help_text=CONDITION
    )

    def validate(self, attrs: Values) -> Values:
        violations = self.violations(attrs)
        if violations:
            raise serializers.ValidationError(violations.told())
        return attrs

    def violations(self, attrs: Values) -> Violations:
        """The rules of the request that are broken."""
        raise NotImplementedError

    def asked(self, values: Values) -> Asked:
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
    ) -> Asked:
        """What the document asks for. Raises ValidationError and CannotConvert."""
        serializer = kept(cls)
        serializer.now, serializer.strict, serializer.senders = now, strict, senders
        if strict:
            strict_reading.refuse_mistakes(serializer, document)
        return serializer.asked(serializer.run_validation(document))

"""What all requests for orders that may wait have in common: v1's, chains, and e-mails with
attachments."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import datetime
from typing import Self

from orders.api.parsing.contract import ContractSerializer, Values, kept
from orders.api.parsing.fields import MAX_REFERENCE_BYTES, Moment, Text, Url
from orders.api.validation import strict_reading
from orders.senders import ANY_SENDER, CallersSenders

CONDITION = (
    "Asked shortly before sending. The notifications are sent if it answers"
    ' `{"sendNotification": true}`.'
)


class WaitingOrderExt(ContractSerializer):
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

    @classmethod
    def validated(
        cls, document: object, *, now: datetime, strict: bool, senders: CallersSenders
    ) -> tuple[Self, Values]:
        """The document's values, and what they were validated by. Raises ValidationError."""
        serializer = kept(cls)
        serializer.now, serializer.strict, serializer.senders = now, strict, senders
        if strict:
            strict_reading.refuse_mistakes(serializer, document)
        return serializer, serializer.run_validation(document)

"""An order of SMS only."""

# ruff: noqa: N815 - fields are named as in the contract

from orders.api.parsing.contract import Values
from orders.api.parsing.fields import NonBlankText, Text, not_empty
from orders.api.v1.serializers.any_channel_order import SENDER
from orders.api.v1.serializers.base_order import NotificationOrderRequestBaseExt
from orders.api.validation import likely_mistakes, recipient_rules, rules
from orders.api.validation.recipient_rules import AcceptedAddresses
from orders.api.validation.rules import Violations
from orders.models import Channel
from orders.requests import OrderRequest, SmsText


class SmsNotificationOrderRequestExt(NotificationOrderRequestBaseExt):
    """An SMS to each recipient, sent between 09:00 and 17:00 Norwegian time."""

    body = NonBlankText(
        strictly=likely_mistakes.in_sms,
        error_messages=not_empty("Body"),
        help_text=(
            "The text, at most 16 SMS long. The keywords `$recipientName$` and `$recipientNumber$`"
            " are replaced by the recipient's name and organization number."
        ),
    )
    senderNumber = Text(
        source="sender",
        required=False,
        allow_null=True,
        help_text=SENDER,
    )

    def check(self, attrs: Values, violations: Violations) -> None:
        rules.check_sms_length(attrs["body"], key="Body", violations=violations)
        rules.check_sms_sender(
            attrs.get("sender"),
            key="SenderNumber",
            strict=self.strict,
            senders=self.senders,
            violations=violations,
        )

    def accepted_addresses(self, attrs: Values) -> AcceptedAddresses:
        return recipient_rules.SMS

    def asked(self, values: Values) -> OrderRequest:
        return self._order_request(
            values,
            channel=Channel.SMS,
            recipients=[
                recipient._replace(email_address="") if recipient.email_address else recipient
                for recipient in values["recipients"]
            ],
            sms=SmsText(body=values["body"], sender=values.get("sender") or ""),
        )

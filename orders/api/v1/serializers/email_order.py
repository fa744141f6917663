"""An order of e-mails only."""

# ruff: noqa: N815 - fields are named as in the contract

from orders.api.parsing.contract import Values
from orders.api.parsing.conversion import on_one_line
from orders.api.parsing.fields import EmailContentTypeField, NonBlankText, not_empty
from orders.api.v1.serializers.base_order import NotificationOrderRequestBaseExt
from orders.api.validation import likely_mistakes, recipient_rules
from orders.api.validation.recipient_rules import AcceptedAddresses
from orders.api.validation.rules import Violations
from orders.models import Channel, EmailContentType
from orders.requests import EmailText, OrderRequest


class EmailNotificationOrderRequestExt(NotificationOrderRequestBaseExt):
    """An e-mail to each recipient."""

    also_known_as = {"content-type": "contentType"}

    subject = NonBlankText(
        strictly=likely_mistakes.in_email,
        error_messages=not_empty("Subject"),
        help_text="Line ends are replaced by spaces, keywords as in the body.",
    )
    body = NonBlankText(
        strictly=likely_mistakes.in_email,
        error_messages=not_empty("Body"),
        help_text=(
            "Plain text or HTML. The keywords `$recipientName$` and `$recipientNumber$` are"
            " replaced by the recipient's name and organization number."
        ),
    )
    contentType = EmailContentTypeField(source="content_type", required=False, allow_null=True)

    def check(self, attrs: Values, violations: Violations) -> None:
        """It has no rules of its own beyond texts that must be there."""

    def accepted_addresses(self, attrs: Values) -> AcceptedAddresses:
        return recipient_rules.EMAIL

    def asked(self, values: Values) -> OrderRequest:
        return self._order_request(
            values,
            channel=Channel.EMAIL,
            recipients=[
                recipient._replace(mobile_number="") if recipient.mobile_number else recipient
                for recipient in values["recipients"]
            ],
            email=EmailText(
                subject=on_one_line(values["subject"]),
                body=values["body"],
                content_type=values.get("content_type") or EmailContentType.PLAIN,
            ),
        )

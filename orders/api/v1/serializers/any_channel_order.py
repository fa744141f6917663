"""An order on any channel, with a template for each kind of message."""

# ruff: noqa: N815 - fields are named as in the contract

from orders.api.parsing.contract import ContractSerializer, Values
from orders.api.parsing.conversion import on_one_line
from orders.api.parsing.fields import (
    EmailContentTypeField,
    NotificationChannelField,
    TemplateText,
    Text,
    required,
)
from orders.api.v1.serializers.base_order import NotificationOrderRequestBaseExt
from orders.api.validation import likely_mistakes, recipient_rules, rules
from orders.api.validation.recipient_rules import AcceptedAddresses
from orders.api.validation.rules import Violations
from orders.models import Channel, EmailContentType
from orders.requests import EmailText, OrderRequest, SmsText

_ACCEPTED = {Channel.EMAIL: recipient_rules.EMAIL, Channel.SMS: recipient_rules.SMS}


SENDER = (
    "Who the SMS is from: a number of at most 15 digits, or a name of letters, digits and spaces,"
    " of which phones show eleven characters. Default: Altinn."
)


class EmailTemplateExt(ContractSerializer):
    """What e-mails say."""

    also_known_as = {"content-type": "contentType"}

    fromAddress = Text(
        source="sender",
        default="",
        error_messages=required("FromAddress"),
        help_text="Default: the installation's address.",
    )
    subject = TemplateText(
        strictly=likely_mistakes.in_email,
        error_messages=required("Subject"),
        help_text="Line ends become spaces.",
    )
    body = TemplateText(
        strictly=likely_mistakes.in_email,
        error_messages=required("Body"),
        help_text="Plain text or HTML.",
    )
    contentType = EmailContentTypeField(source="content_type", default=EmailContentType.PLAIN)


class SmsTemplateExt(ContractSerializer):
    """What SMS say."""

    senderNumber = Text(
        source="sender",
        default="",
        error_messages=required("SenderNumber"),
        help_text=SENDER,
    )
    body = TemplateText(
        strictly=likely_mistakes.in_sms,
        error_messages=required("Body"),
        help_text="At most 16 SMS long.",
    )


class NotificationOrderRequestExt(NotificationOrderRequestBaseExt):
    """Notifications on the chosen channel.

    On a preferred channel, recipients without an address for it are notified on the other one;
    with `EmailAndSms` they are notified on both.
    """

    notificationChannel = NotificationChannelField(source="channel")
    emailTemplate = EmailTemplateExt(
        source="email_template",
        required=False,
        allow_null=True,
        help_text="Needed on every channel but Sms.",
    )
    smsTemplate = SmsTemplateExt(
        source="sms_template",
        required=False,
        allow_null=True,
        help_text="Needed on every channel but Email.",
    )

    def check(self, attrs: Values, violations: Violations) -> None:
        channel = attrs["channel"]
        email, sms = attrs.get("email_template"), attrs.get("sms_template")
        if channel is None:
            # Without a hint: so it stands, to the letter, on the product's page.
            violations["NotificationChannel"].append("A notification channel must be defined.")
        if email is not None:
            rules.check_email_template(email, senders=self.senders, violations=violations)
        elif channel is not None and channel.needs_email_text:
            violations["EmailTemplate"].append(
                "An email template is required for the selected notification channel."
            )
        if sms is not None:
            rules.check_sms_template(
                sms, strict=self.strict, senders=self.senders, violations=violations
            )
        elif channel is not None and channel.needs_sms_text:
            # The wording is the contract's.
            violations["SmsTemplate"].append(
                "An SMS template is required for the selected the notification channel."
            )

    def accepted_addresses(self, attrs: Values) -> AcceptedAddresses | None:
        channel = attrs["channel"]
        return None if channel is None else _ACCEPTED.get(channel, recipient_rules.EITHER)

    def asked(self, values: Values) -> OrderRequest:
        return self._order_request(
            values,
            channel=values["channel"],
            recipients=values["recipients"],
            email=_email_text(values.get("email_template")),
            sms=_sms_text(values.get("sms_template")),
        )


def _email_text(template: Values | None) -> EmailText | None:
    if template is None:
        return None
    return EmailText(**template | {"subject": on_one_line(template["subject"])})


def _sms_text(template: Values | None) -> SmsText | None:
    return None if template is None else SmsText(**template)

"""What notifications say, whom they are from, and when they may leave."""

# ruff: noqa: N815 - fields are named as in the contract

from orders.api.parsing.contract import ContractSerializer, Values
from orders.api.parsing.conversion import on_one_line
from orders.api.parsing.fields import (
    EmailContentTypeField,
    NonBlankText,
    SendingTimePolicyField,
    Text,
    required_text,
)
from orders.api.validation import likely_mistakes
from orders.models import EmailContentType, SendingTimePolicy
from orders.requests import EmailText, SmsText


class InstantEmailContentExt(ContractSerializer):
    """What an e-mail says."""

    have_to_be_written = ("subject", "body")

    senderEmailAddress = Text(
        source="sender",
        required=False,
        allow_null=True,
        help_text="Whom it is from. Default: the installation's address.",
    )
    subject = NonBlankText(
        strictly=likely_mistakes.in_email,
        error_messages=required_text("Subject"),
        help_text="Line ends become spaces.",
    )
    body = NonBlankText(
        strictly=likely_mistakes.in_email,
        error_messages=required_text("Body"),
        help_text="Plain text or HTML.",
    )
    contentType = EmailContentTypeField(
        source="content_type", default=EmailContentType.PLAIN, undefined_is_none=True
    )


class EmailSendingOptionsExt(InstantEmailContentExt):
    """An e-mail."""

    sendingTimePolicy = SendingTimePolicyField(
        source="policy", default=SendingTimePolicy.ANYTIME, undefined_is_none=True
    )


class ShortMessageContentExt(ContractSerializer):
    """What an SMS says."""

    have_to_be_written = ("body",)

    sender = Text(
        required=False,
        allow_null=True,
        help_text=(
            "Whom it is from: a number of at most 15 digits, or a name of letters, digits and"
            " spaces, of which phones show eleven characters. Default: Altinn."
        ),
    )
    body = NonBlankText(
        strictly=likely_mistakes.in_sms,
        error_messages=required_text("Body"),
        help_text="At most 16 SMS long.",
    )


class SmsSendingOptionsExt(ShortMessageContentExt):
    """An SMS."""

    sendingTimePolicy = SendingTimePolicyField(
        source="policy", default=SendingTimePolicy.DAYTIME, undefined_is_none=True
    )


def email_text(values: Values, *, policy: SendingTimePolicy) -> EmailText:
    """In the domain's terms."""
    return EmailText(
        subject=on_one_line(values["subject"]),
        body=values["body"],
        content_type=values["content_type"],
        sender=(values.get("sender") or "").strip(),
        policy=policy,
    )


def sms_text(values: Values) -> SmsText:
    """In the domain's terms."""
    return SmsText(
        body=values["body"],
        sender=(values.get("sender") or "").strip(),
        policy=values["policy"],
    )

"""What notifications say, whom they are from, and when they may leave."""

# ruff: noqa: N815 - fields are named as in the contract

from orders.api.parsing.contract import ContractSerializer
from orders.api.parsing.fields import (
    EmailContentTypeField,
    NonBlankText,
    SendingTimePolicyField,
    Text,
    required_text,
)
from orders.models import EmailContentType, SendingTimePolicy


class EmailSendingOptionsExt(ContractSerializer):
    """An e-mail."""

    have_to_be_written = ("subject", "body")

    senderEmailAddress = Text(
        source="sender",
        required=False,
        allow_null=True,
        help_text="Whom it is from. Default: the installation's address.",
    )
    subject = NonBlankText(
        error_messages=required_text("Subject"), help_text="Line ends become spaces."
    )
    body = NonBlankText(error_messages=required_text("Body"), help_text="Plain text or HTML.")
    contentType = EmailContentTypeField(
        source="content_type", default=EmailContentType.PLAIN, undefined_is_none=True
    )
    sendingTimePolicy = SendingTimePolicyField(
        source="policy", default=SendingTimePolicy.ANYTIME, undefined_is_none=True
    )


class SmsSendingOptionsExt(ContractSerializer):
    """An SMS."""

    have_to_be_written = ("body",)

    sender = Text(
        required=False,
        allow_null=True,
        help_text=(
            "Whom it is from: a number of at most 15 digits, or a name of letters, digits and"
            " spaces, of which phones show eleven characters. Default: Altinn."
        ),
    )
    body = NonBlankText(error_messages=required_text("Body"), help_text="At most 16 SMS long.")
    sendingTimePolicy = SendingTimePolicyField(
        source="policy", default=SendingTimePolicy.DAYTIME, undefined_is_none=True
    )

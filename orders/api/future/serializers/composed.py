"""An e-mail with attachments: the request of `POST /future/orders/composed-email`."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import UTC, datetime
from urllib.parse import urlsplit

from orders.api.future.serializers.base import OrderChainRequestExt
from orders.api.future.serializers.recipients import RecipientEmailExt
from orders.api.future.serializers.texts import EmailSendingOptionsExt, email_text
from orders.api.parsing.contract import ContractList, ContractSerializer, Values
from orders.api.parsing.fields import (
    NonBlankText,
    Url,
    required,
    required_text,
)
from orders.api.validation.composed_rules import ComposedRules, expiry_of
from orders.api.validation.rules import Violations
from orders.models import Channel, OrderChain, OrderType, SendingTimePolicy
from orders.requests import Addressee, AttachedFile, OrderChainRequest, OrderRequest

# What file systems hold.
MAX_FILENAME_BYTES = 255


class SasFileReferenceExt(ContractSerializer):
    """A file in a blob store. It is fetched when the e-mail is sent."""

    have_to_be_written = ("filename", "mimeType", "sasUrl")

    filename = NonBlankText(
        error_messages=required_text("Filename"),
        max_bytes=MAX_FILENAME_BYTES,
        help_text="What the recipient sees; with an extension, and without a path.",
    )
    mimeType = NonBlankText(
        source="mime_type", error_messages=required_text("MimeType"), help_text="The file's type."
    )
    sasUrl = Url(
        source="link",
        error_messages=required("SasUrl"),
        help_text=(
            "Where the file can be read, until 15 minutes after the requested send time at least:"
            " `https://….blob.core.windows.net/…?sr=b&sp=r&se=…&sig=…`. It is shown to nobody, and"
            " forgotten once the order has ended."
        ),
    )


class AttachmentList(ContractList):
    child = SasFileReferenceExt(allow_null=True)


class ComposedEmailSendingOptionsExt(EmailSendingOptionsExt):
    """An e-mail, and the files that go with it."""

    attachments = AttachmentList(
        required=False, allow_null=True, help_text="The files, in the order of the e-mail."
    )


class RecipientComposedEmailExt(RecipientEmailExt):
    """Whoever reads at an e-mail address."""

    emailSettings = ComposedEmailSendingOptionsExt(
        source="email", error_messages=required("Settings"), help_text="What the e-mail holds."
    )


class ComposedEmailRequestExt(OrderChainRequestExt):
    """An e-mail with attachments, to one address."""

    have_to_be_written = ("idempotencyId", "recipient")

    recipient = RecipientComposedEmailExt(
        error_messages=required("Recipient"), help_text="Whom to write to."
    )

    def violations(self, attrs: Values) -> Violations:
        rules = ComposedRules(now=self.now, strict=self.strict, senders=self.senders)
        rules.check(attrs)
        return rules.violations

    def asked(self, values: Values) -> OrderChainRequest:
        dialog = values.get("dialog") or {}
        recipient = values["recipient"]
        attachments = [_attached(one) for one in recipient["email"].get("attachments") or ()]
        policy = SendingTimePolicy.FETCHED if attachments else SendingTimePolicy.ANYTIME
        order = OrderRequest(
            type=OrderType.COMPOSED,
            channel=Channel.EMAIL,
            recipients=[Addressee(email_address=recipient["email_address"])],
            requested_send_time=values.get("requested_send_time") or self.now,
            senders_reference=values.get("senders_reference"),
            condition_endpoint=values.get("condition_endpoint"),
            email=email_text(recipient["email"], policy=policy),
            attachments=attachments,
        )
        return OrderChainRequest(
            kind=OrderChain.Kind.COMPOSED,
            idempotency_id=values["idempotency_id"],
            orders=[order],
            dialog_id=dialog.get("dialog_id"),
            transmission_id=dialog.get("transmission_id"),
        )


def _attached(values: Values) -> AttachedFile:
    link = values["link"]
    return AttachedFile(
        filename=values["filename"],
        mime_type=values["mime_type"].lower(),
        link=link,
        link_expires_at=expiry_of(urlsplit(link)) or datetime.max.replace(tzinfo=UTC),
    )

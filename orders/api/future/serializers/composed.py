"""An e-mail with attachments: the request of `POST /future/orders/composed-email`."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import UTC, datetime
from urllib.parse import urlsplit

from rest_framework import serializers

from orders.api.future.serializers.chain import CONDITION, DialogportenIdentifiersExt
from orders.api.future.serializers.texts import EmailSendingOptionsExt
from orders.api.parsing.contract import ContractList, ContractSerializer, Values, kept
from orders.api.parsing.conversion import on_one_line
from orders.api.parsing.fields import (
    MAX_REFERENCE_BYTES,
    Moment,
    NonBlankText,
    Text,
    Url,
    required,
    required_text,
)
from orders.api.validation.composed_rules import ComposedRules, expiry_of
from orders.models import Channel, OrderChain, OrderType, SendingTimePolicy
from orders.requests import Addressee, AttachedFile, EmailText, OrderChainRequest, OrderRequest

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


class RecipientComposedEmailExt(ContractSerializer):
    """Whoever reads at an e-mail address."""

    have_to_be_written = ("emailAddress", "emailSettings")
    keys = {"emailSettings": "Settings"}

    emailAddress = NonBlankText(
        source="email_address",
        error_messages=required_text("EmailAddress"),
        help_text="The address.",
    )
    emailSettings = ComposedEmailSendingOptionsExt(
        source="email", error_messages=required("Settings"), help_text="What the e-mail holds."
    )


class ComposedEmailRequestExt(ContractSerializer):
    """An e-mail with attachments, to one address."""

    have_to_be_written = ("idempotencyId", "recipient")

    now: datetime

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
    recipient = RecipientComposedEmailExt(
        error_messages=required("Recipient"), help_text="Whom to write to."
    )

    def validate(self, attrs: Values) -> Values:
        rules = ComposedRules(now=self.now, strict=False)
        rules.check(attrs)
        if rules.violations:
            raise serializers.ValidationError(rules.violations)
        return attrs

    @classmethod
    def read(cls, document: object, *, now: datetime, strict: bool = False) -> OrderChainRequest:
        """The document in the domain's terms. Raises ValidationError and CannotConvert."""
        serializer = kept(cls)
        serializer.now = now
        return _composed(serializer.run_validation(document), now=now)


def _composed(values: Values, *, now: datetime) -> OrderChainRequest:
    dialog = values.get("dialog") or {}
    recipient = values["recipient"]
    attachments = [_attached(one) for one in recipient["email"].get("attachments") or ()]
    order = OrderRequest(
        type=OrderType.COMPOSED,
        channel=Channel.EMAIL,
        recipients=[Addressee(email_address=recipient["email_address"])],
        requested_send_time=values.get("requested_send_time") or now,
        senders_reference=values.get("senders_reference"),
        condition_endpoint=values.get("condition_endpoint"),
        email=_email(recipient["email"], has_attachments=bool(attachments)),
        attachments=attachments,
    )
    return OrderChainRequest(
        kind=OrderChain.Kind.COMPOSED,
        idempotency_id=values["idempotency_id"],
        orders=[order],
        dialog_id=dialog.get("dialog_id"),
        transmission_id=dialog.get("transmission_id"),
    )


def _email(values: Values, *, has_attachments: bool) -> EmailText:
    return EmailText(
        subject=on_one_line(values["subject"]),
        body=values["body"],
        content_type=values["content_type"],
        sender=(values.get("sender") or "").strip(),
        policy=SendingTimePolicy.FETCHED if has_attachments else SendingTimePolicy.ANYTIME,
    )


def _attached(values: Values) -> AttachedFile:
    link = values["link"]
    return AttachedFile(
        filename=values["filename"],
        mime_type=values["mime_type"].lower(),
        link=link,
        link_expires_at=expiry_of(urlsplit(link)) or datetime.max.replace(tzinfo=UTC),
    )

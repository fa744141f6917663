"""Instant orders: one SMS or e-mail that is sent while its sender waits."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import timedelta

from rest_framework import serializers

from orders.api.future.serializers.texts import InstantEmailContentExt, ShortMessageContentExt
from orders.api.parsing.contract import ContractSerializer, Values, kept
from orders.api.parsing.conversion import on_one_line
from orders.api.parsing.fields import (
    MAX_REFERENCE_BYTES,
    NonBlankText,
    Text,
    WholeNumber,
    required,
    required_text,
)
from orders.api.validation import instant_rules, strict_reading
from orders.api.validation.rules import Violations
from orders.models import Channel, OrderType, SendingTimePolicy
from orders.requests import Addressee, EmailText, InstantOrderRequest, OrderRequest, SmsText
from orders.senders.allowed import ANY_SENDER, CallersSenders


class ShortMessageDeliveryDetailsExt(ContractSerializer):
    """An SMS to a mobile number."""

    have_to_be_written = ("phoneNumber", "timeToLiveInSeconds", "smsSettings")
    keys = {"smsSettings": "ShortMessageContent"}

    phoneNumber = NonBlankText(
        source="mobile_number",
        error_messages=required_text("PhoneNumber"),
        help_text="The number with its country code, written `+47…` or `0047…`.",
    )
    timeToLiveInSeconds = WholeNumber(
        source="time_to_live",
        help_text=(
            "For how long the gateway tries to deliver it: 60 seconds to 48 hours (172800). It"
            " counts whole minutes."
        ),
    )
    smsSettings = ShortMessageContentExt(
        source="sms", error_messages=required("ShortMessageContent"), help_text="What it says."
    )


class InstantNotificationRecipientExt(ContractSerializer):
    """Somebody who has a mobile number."""

    have_to_be_written = ("recipientSms",)
    keys = {"recipientSms": "ShortMessageDeliveryDetails"}

    recipientSms = ShortMessageDeliveryDetailsExt(
        error_messages=required("ShortMessageDeliveryDetails")
    )


class InstantEmailDetailsExt(ContractSerializer):
    """An e-mail to an address."""

    have_to_be_written = ("emailAddress", "emailSettings")

    emailAddress = NonBlankText(
        source="email_address",
        error_messages=required_text("EmailAddress"),
        help_text="The address.",
    )
    emailSettings = InstantEmailContentExt(
        source="email", error_messages=required("EmailSettings"), help_text="What it says."
    )


class InstantRequestExt(ContractSerializer):
    """What all of them have."""

    strict: bool = False
    senders: CallersSenders = ANY_SENDER

    idempotencyId = NonBlankText(
        source="idempotency_id",
        error_messages=required_text("IdempotencyId"),
        max_bytes=MAX_REFERENCE_BYTES,
        help_text=(
            "Makes it safe to send the request again: a request under a known id is answered as the"
            " first one was, whatever else it says, for ever. All instant orders share their ids."
        ),
    )
    sendersReference = Text(
        source="senders_reference",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="The sender's own reference. It need not be unique.",
    )

    def validate(self, attrs: Values) -> Values:
        found = Violations()
        self.check(attrs, found)
        if found:
            raise serializers.ValidationError(found.told())
        return attrs

    def check(self, attrs: Values, found: Violations) -> None:
        """The rules of the subclass."""
        raise NotImplementedError

    def as_order(self, values: Values) -> InstantOrderRequest:
        """What was asked for, in the domain's terms."""
        raise NotImplementedError

    @classmethod
    def read(
        cls, document: object, *, strict: bool = False, senders: CallersSenders = ANY_SENDER
    ) -> InstantOrderRequest:
        """The document in the domain's terms. Raises ValidationError and CannotConvert."""
        serializer = kept(cls)
        serializer.strict, serializer.senders = strict, senders
        if strict:
            strict_reading.refuse_mistakes(serializer, document)
        return serializer.as_order(serializer.run_validation(document))


class InstantSmsNotificationOrderRequestExt(InstantRequestExt):
    """An SMS, sent at once."""

    have_to_be_written = ("idempotencyId", "recipientSms")

    recipientSms = ShortMessageDeliveryDetailsExt(error_messages=required("RecipientSms"))

    def check(self, attrs: Values, found: Violations) -> None:
        instant_rules.check_sms(
            attrs["recipientSms"],
            at="RecipientSms",
            strict=self.strict,
            senders=self.senders,
            violations=found,
        )

    def as_order(self, values: Values) -> InstantOrderRequest:
        return _sms_order(values, values["recipientSms"])


class InstantNotificationOrderRequestExt(InstantRequestExt):
    """An SMS, sent at once, as it was asked for at first."""

    have_to_be_written = ("idempotencyId", "recipient")
    keys = {"recipient": "InstantNotificationRecipient"}

    recipient = InstantNotificationRecipientExt(
        error_messages=required("InstantNotificationRecipient")
    )

    def check(self, attrs: Values, found: Violations) -> None:
        instant_rules.check_sms(
            attrs["recipient"]["recipientSms"],
            at="InstantNotificationRecipient.ShortMessageDeliveryDetails",
            strict=self.strict,
            senders=self.senders,
            violations=found,
        )

    def as_order(self, values: Values) -> InstantOrderRequest:
        return _sms_order(values, values["recipient"]["recipientSms"])


class InstantEmailNotificationOrderRequestExt(InstantRequestExt):
    """An e-mail, sent at once."""

    have_to_be_written = ("idempotencyId", "recipientEmail")
    keys = {"recipientEmail": "InstantEmailDetails"}

    recipientEmail = InstantEmailDetailsExt(error_messages=required("InstantEmailDetails"))

    def check(self, attrs: Values, found: Violations) -> None:
        instant_rules.check_email(
            attrs["recipientEmail"],
            at="InstantEmailDetails",
            senders=self.senders,
            violations=found,
        )

    def as_order(self, values: Values) -> InstantOrderRequest:
        recipient = values["recipientEmail"]
        email = recipient["email"]
        order = OrderRequest(
            type=OrderType.INSTANT,
            channel=Channel.EMAIL,
            recipients=[Addressee(email_address=recipient["email_address"])],
            senders_reference=values.get("senders_reference"),
            email=EmailText(
                subject=on_one_line(email["subject"]),
                body=email["body"],
                content_type=email["content_type"],
                sender=email.get("sender") or "",
            ),
        )
        return InstantOrderRequest(values["idempotency_id"], order)


def _sms_order(values: Values, recipient: Values) -> InstantOrderRequest:
    sms = recipient["sms"]
    order = OrderRequest(
        type=OrderType.INSTANT,
        channel=Channel.SMS,
        recipients=[Addressee(mobile_number=recipient["mobile_number"])],
        senders_reference=values.get("senders_reference"),
        sms=SmsText(
            body=sms["body"], sender=sms.get("sender") or "", policy=SendingTimePolicy.ANYTIME
        ),
    )
    return InstantOrderRequest(
        values["idempotency_id"], order, timedelta(seconds=recipient["time_to_live"])
    )

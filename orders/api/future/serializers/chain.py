"""A chain: the request of `POST /future/orders`."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import datetime, timedelta

from rest_framework import serializers

from orders.api.future.serializers.recipients import NotificationRecipientExt
from orders.api.parsing.contract import ContractList, ContractSerializer, Values, kept
from orders.api.parsing.conversion import on_one_line
from orders.api.parsing.fields import (
    MAX_REFERENCE_BYTES,
    Moment,
    NonBlankText,
    Text,
    Url,
    WholeNumber,
    required,
    required_text,
)
from orders.api.validation.chain_rules import ChainRules
from orders.models import Channel, OrderType
from orders.requests import Addressee, EmailText, OrderChainRequest, OrderRequest, SmsText

CONDITION = (
    "Asked shortly before sending. The notifications are sent if it answers"
    ' `{"sendNotification": true}`.'
)


class DialogportenIdentifiersExt(ContractSerializer):
    """What the orders are about in Dialogporten. Nothing is sent there."""

    dialogId = Text(
        source="dialog_id",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="A dialog.",
    )
    transmissionId = Text(
        source="transmission_id",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="A transmission within it.",
    )


class NotificationReminderExt(ContractSerializer):
    """An order of its own, sent later. Whether it is sent is up to its own condition only."""

    have_to_be_written = ("recipient",)

    sendersReference = Text(
        source="senders_reference",
        required=False,
        allow_null=True,
        max_bytes=MAX_REFERENCE_BYTES,
        help_text="The sender's own reference of the reminder.",
    )
    conditionEndpoint = Url(
        source="condition_endpoint", required=False, allow_null=True, help_text=CONDITION
    )
    delayDays = WholeNumber(
        source="delay_days",
        required=False,
        allow_null=True,
        help_text="How many times 24 hours after the main order; either this or a send time.",
    )
    requestedSendTime = Moment(
        source="requested_send_time",
        required=False,
        allow_null=True,
        help_text="When to send at the earliest, with an offset.",
    )
    recipient = NotificationRecipientExt(
        error_messages=required("Recipient"), help_text="Whom to remind."
    )


class ReminderList(ContractList):
    child = NotificationReminderExt(
        error_messages={"null": "A reminder must not be null."},
    )


class NotificationOrderChainRequestExt(ContractSerializer):
    """A notification, and its reminders."""

    have_to_be_written = ("idempotencyId", "recipient")

    now: datetime
    strict: bool = False

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
    recipient = NotificationRecipientExt(
        error_messages=required("Recipient"), help_text="Whom to notify."
    )
    reminders = ReminderList(
        required=False, allow_null=True, help_text="Sent later, each on its own."
    )

    def validate(self, attrs: Values) -> Values:
        rules = ChainRules(now=self.now, strict=self.strict)
        rules.check(attrs)
        if rules.violations:
            raise serializers.ValidationError(rules.violations)
        return attrs

    @classmethod
    def read(cls, document: object, *, now: datetime, strict: bool = False) -> OrderChainRequest:
        """The document in the domain's terms. Raises ValidationError and CannotConvert."""
        serializer = kept(cls)
        serializer.now, serializer.strict = now, strict
        return _chain(serializer.run_validation(document), now=now)


def _chain(values: Values, *, now: datetime) -> OrderChainRequest:
    main_time = values.get("requested_send_time") or now
    dialog = values.get("dialog") or {}
    return OrderChainRequest(
        idempotency_id=values["idempotency_id"],
        orders=[
            _order(values, OrderType.NOTIFICATION, main_time),
            *(
                _order(reminder, OrderType.REMINDER, _reminder_time(reminder, main_time))
                for reminder in values.get("reminders") or ()
            ),
        ],
        dialog_id=dialog.get("dialog_id"),
        transmission_id=dialog.get("transmission_id"),
    )


def _reminder_time(reminder: Values, main_time: datetime) -> datetime:
    """Days are 24 hours long, whatever clocks do in between."""
    own: datetime | None = reminder.get("requested_send_time")
    return own or main_time + timedelta(days=reminder["delay_days"])


def _order(values: Values, kind: OrderType, moment: datetime) -> OrderRequest:
    ((member, recipient),) = (
        (member, given) for member, given in values["recipient"].items() if given is not None
    )
    return OrderRequest(
        type=kind,
        channel=_CHANNELS.get(member) or recipient["channel"],
        recipients=[
            Addressee(**{name: recipient[name] for name in Addressee._fields if name in recipient})
        ],
        requested_send_time=moment,
        senders_reference=values.get("senders_reference"),
        ignore_reservation=recipient.get("ignore_reservation"),
        use_stale_contact_information=recipient.get("use_stale_contact_information", False),
        resource_id=recipient.get("resource_id"),
        resource_action=recipient.get("resource_action") or None,
        condition_endpoint=values.get("condition_endpoint"),
        email=_email(recipient.get("email")),
        sms=_sms(recipient.get("sms")),
    )


_CHANNELS = {"recipientEmail": Channel.EMAIL, "recipientSms": Channel.SMS}
"""Those of recipients who are given by an address."""


def _email(values: Values | None) -> EmailText | None:
    if values is None:
        return None
    return EmailText(
        subject=on_one_line(values["subject"]),
        body=values["body"],
        content_type=values["content_type"],
        sender=(values.get("sender") or "").strip(),
        policy=values["policy"],
    )


def _sms(values: Values | None) -> SmsText | None:
    if values is None:
        return None
    return SmsText(
        body=values["body"],
        sender=(values.get("sender") or "").strip(),
        policy=values["policy"],
    )

"""A chain: the request of `POST /future/orders`."""

# ruff: noqa: N815 - fields are named as in the contract

from datetime import datetime, timedelta

from orders.api.future.serializers.base import OrderChainRequestExt
from orders.api.future.serializers.recipients import NotificationRecipientExt
from orders.api.future.serializers.texts import email_text, sms_text
from orders.api.parsing.contract import ContractList, ContractSerializer, Values
from orders.api.parsing.fields import (
    MAX_REFERENCE_BYTES,
    Moment,
    Text,
    Url,
    WholeNumber,
    required,
)
from orders.api.validation.chain_rules import ChainRules
from orders.api.validation.rules import Violations
from orders.api.waiting_order import CONDITION
from orders.models import Channel, OrderType
from orders.requests import Addressee, OrderChainRequest, OrderRequest


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


class NotificationOrderChainRequestExt(OrderChainRequestExt):
    """A notification, and its reminders."""

    have_to_be_written = ("idempotencyId", "recipient")

    recipient = NotificationRecipientExt(
        error_messages=required("Recipient"), help_text="Whom to notify."
    )
    reminders = ReminderList(
        required=False, allow_null=True, help_text="Sent later, each on its own."
    )

    def violations(self, attrs: Values) -> Violations:
        rules = ChainRules(now=self.now, strict=self.strict, senders=self.senders)
        rules.check(attrs)
        return rules.violations

    def asked(self, values: Values) -> OrderChainRequest:
        main_time = values.get("requested_send_time") or self.now
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
    email, sms = recipient.get("email"), recipient.get("sms")
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
        email=email_text(email, policy=email["policy"]) if email else None,
        sms=sms_text(sms) if sms else None,
    )


_CHANNELS = {"recipientEmail": Channel.EMAIL, "recipientSms": Channel.SMS}
"""Those of recipients who are given by an address."""

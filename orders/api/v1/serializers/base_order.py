"""What the three order requests have in common."""

# ruff: noqa: N815 - fields are named as in the contract

from collections.abc import Sequence
from itertools import islice

from orders.api.parsing.contract import MAX_SHOWN, Values
from orders.api.parsing.fields import (
    Flag,
    Text,
    required,
)
from orders.api.v1.serializers.recipients import RecipientList
from orders.api.validation import rules
from orders.api.validation.recipient_rules import AcceptedAddresses, broken_rules
from orders.api.validation.rules import Violations
from orders.api.waiting_order import WaitingOrderExt
from orders.models import Channel
from orders.requests import Addressee, EmailText, OrderRequest, SmsText


class NotificationOrderRequestBaseExt(WaitingOrderExt[OrderRequest]):
    """The properties that every order request of v1 has."""

    recipients = RecipientList(
        error_messages=required("Recipients"), help_text="Whom to notify; at least one."
    )
    ignoreReservation = Flag(
        source="ignore_reservation",
        required=False,
        allow_null=True,
        help_text="Whether the content allows to notify persons who have reserved themselves.",
    )
    resourceId = Text(
        source="resource_id",
        required=False,
        allow_null=True,
        help_text="The Altinn resource that the notifications are about.",
    )
    resourceAction = Text(
        source="resource_action",
        required=False,
        allow_null=True,
        help_text="What an organization's user must be allowed to do with the resource.",
    )

    def violations(self, attrs: Values) -> Violations:
        violations = Violations()
        rules.check_send_time(attrs.get("requested_send_time"), now=self.now, violations=violations)
        rules.check_condition_endpoint(attrs.get("condition_endpoint"), violations=violations)
        rules.check_resource(
            attrs.get("resource_id"), attrs.get("resource_action"), violations=violations
        )
        self.check(attrs, violations)
        accepted = self.accepted_addresses(attrs)
        if accepted is not None:
            broken = broken_rules(attrs["recipients"], accepted)
            for key, message, hint in islice(broken, MAX_SHOWN):
                violations.add(key, message, hint=hint())
            if left := sum(1 for _ in broken):
                violations["Recipients"].append(f"{left} more errors of recipients are not shown.")
        return violations

    def check(self, attrs: Values, violations: Violations) -> None:
        """Add the violations of the request's own rules."""
        raise NotImplementedError

    def accepted_addresses(self, attrs: Values) -> AcceptedAddresses | None:
        """By which rules recipients are judged; None while that is unknown."""
        raise NotImplementedError

    def _order_request(
        self,
        values: Values,
        *,
        channel: Channel,
        recipients: Sequence[Addressee],
        email: EmailText | None = None,
        sms: SmsText | None = None,
    ) -> OrderRequest:
        return OrderRequest(
            channel=channel,
            recipients=recipients,
            email=email,
            sms=sms,
            requested_send_time=values.get("requested_send_time"),
            senders_reference=values.get("senders_reference"),
            ignore_reservation=values.get("ignore_reservation"),
            resource_id=values.get("resource_id"),
            resource_action=values.get("resource_action") or None,
            condition_endpoint=values.get("condition_endpoint"),
        )

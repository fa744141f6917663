"""What the API answers to an order that is only tried (`Prefer: dry-run`). It is ours: the original
has nothing like it."""

# ruff: noqa: N815 - fields are named as the contract names its own

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from rest_framework import serializers

from orders.models import Creator
from orders.requests import OrderRequest

MEDIA_TYPE = "application/vnd.dry-run+json"


class DryRun(Protocol):
    """Works out the document below; the caller of a chain asks for the refusal of whoever cannot be
    reached."""

    def __call__(
        self, requests: Sequence[OrderRequest], *, creator: Creator, must_reach: bool, now: datetime
    ) -> dict[str, object]: ...


class ExpectedNotificationExt(serializers.Serializer[object]):
    """A notification that the order would lead to. Members without a value are left out."""

    channel = serializers.CharField(help_text="`Email` or `Sms`.")
    address = serializers.CharField(required=False, help_text="The address, masked.")
    leavesAt = serializers.DateTimeField(
        required=False,
        help_text="When it may leave at the earliest, in UTC, by the order and the send window.",
    )
    segments = serializers.IntegerField(
        required=False, help_text="In how many parts an SMS is sent, its keywords filled in."
    )
    encoding = serializers.CharField(
        required=False, help_text="In which alphabet: `GSM-7` or `UCS-2`."
    )
    failure = serializers.CharField(
        required=False, help_text="The status that it would have from the start: nothing is sent."
    )
    reason = serializers.CharField(required=False, help_text="Why it fails, or what it lacks.")
    isCovered = serializers.BooleanField(
        required=False,
        help_text="An earlier one says the same to the same address, so this one is not made.",
    )


class ExpectedRecipientExt(serializers.Serializer[object]):
    """What one recipient would be sent."""

    notifications = ExpectedNotificationExt(many=True, help_text="At least one.")


class ExpectedOrderExt(serializers.Serializer[object]):
    """What one order would lead to, if it were sent with what the registers know now."""

    sendersReference = serializers.CharField(required=False, help_text="As submitted.")
    requestedSendTime = serializers.DateTimeField(
        help_text="When to send at the earliest, in UTC; now, by default."
    )
    sent = serializers.IntegerField(help_text="How many notifications would be sent.")
    failed = serializers.IntegerField(help_text="How many would fail from the start.")
    covered = serializers.IntegerField(help_text="How many would say the same to an address again.")
    segments = serializers.IntegerField(help_text="What all SMS add up to, in parts.")
    recipients = ExpectedRecipientExt(
        many=True, help_text="The first 1,000, in the order of the request."
    )
    recipientsNotShown = serializers.IntegerField(help_text="How many more there are; they count.")


class DryRunExt(serializers.Serializer[object]):
    """What would become of the request. Nothing is stored, and nothing is sent."""

    orders = ExpectedOrderExt(many=True, help_text="The order; of a chain also its reminders.")

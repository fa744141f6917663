"""Requests about webhooks, and the shapes of the answers for the API description."""

# ruff: noqa: N815 - fields are named as in JSON

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from events import subscriptions
from events.models import OF_SHIPMENTS, Subscription
from orders.api.described import Int64Field
from orders.api.parsing.contract import ContractSerializer, Values
from orders.api.parsing.conversion import CannotConvert
from orders.api.parsing.fields import Text, Url, required_text

_EVENTS = ", ".join(f"`{event.value}`" for event in OF_SHIPMENTS)
_EVENT_TYPES = f"Some of {_EVENTS}."
_ENDPOINT = "Where events are posted: an https address on the public internet."
_STATUS = "`Active`; `Paused` by you, by staff, or since no event was delivered for three days;"
_STATUS += " `Ended` by an answer of 410. `Active` again resumes it."
STATUSES = (Subscription.State.ACTIVE, Subscription.State.PAUSED)


class EventTypes(serializers.ListField):
    """Names of events; repeated ones count once."""

    child = Text()

    def to_internal_value(self, data: object) -> list[str]:
        if not isinstance(data, list) or not all(isinstance(one, str) for one in data):
            raise CannotConvert("List")
        return list(dict.fromkeys(data))


class _WebhookExt(ContractSerializer):
    eventTypes = EventTypes(source="event_types", required=False, help_text=_EVENT_TYPES)

    def validate(self, attrs: Values) -> Values:
        errors: dict[str, list[str]] = {}
        if "endpoint" in attrs and (why := subscriptions.why_not_callable(attrs["endpoint"])):
            errors["Endpoint"] = [why]
        wanted = attrs.get("event_types", OF_SHIPMENTS)
        if not wanted or any(one not in OF_SHIPMENTS for one in wanted):
            errors["EventTypes"] = [f"Name one or more of {', '.join(OF_SHIPMENTS)}."]
        if "status" in attrs and attrs["status"] not in STATUSES:
            errors["Status"] = ["Must be Active or Paused."]
        if errors:
            raise ValidationError(errors)
        return attrs


class WebhookRequestExt(_WebhookExt):
    """A new webhook: where events go, and which; all of them if none are named."""

    endpoint = Url(
        error_messages=required_text("Endpoint"),
        max_bytes=subscriptions.MAX_ENDPOINT_BYTES,
        help_text=_ENDPOINT,
    )


class WebhookChangesExt(_WebhookExt):
    """What is to change of a webhook. What is left out stays."""

    endpoint = Url(required=False, max_bytes=subscriptions.MAX_ENDPOINT_BYTES, help_text=_ENDPOINT)
    status = Text(required=False, max_bytes=20, help_text="`Active` resumes, `Paused` pauses.")


class WebhookExt(serializers.Serializer[object]):
    """A webhook as it stands. Its secret is never shown again."""

    id = serializers.UUIDField(help_text="The webhook's id.")
    endpoint = serializers.CharField(help_text=_ENDPOINT)
    eventTypes = serializers.ListField(child=serializers.CharField(), help_text=_EVENT_TYPES)
    status = serializers.CharField(help_text=_STATUS)
    statusSince = serializers.DateTimeField(help_text="Since when, in UTC.")
    reason = serializers.CharField(required=False, help_text="Why it is not active.")
    lastDelivered = serializers.DateTimeField(
        required=False, help_text="When an event was last delivered."
    )
    failingSince = serializers.DateTimeField(
        required=False, help_text="Since when every try has failed, if the last one did."
    )
    created = serializers.DateTimeField(help_text="When it was made, in UTC.")


class WebhookWithSecretExt(WebhookExt):
    """A webhook with its secret, which is told this once."""

    secret = serializers.CharField(help_text="`whsec_` and base64, as Standard Webhooks has it.")


class WebhookTryExt(serializers.Serializer[object]):
    """One try to deliver an event."""

    at = serializers.DateTimeField(help_text="When the call began, in UTC.")
    status = serializers.IntegerField(required=False, help_text="Of the answer, if there was one.")
    milliseconds = serializers.IntegerField(help_text="How long it took.")
    reason = serializers.CharField(required=False, help_text="Why it failed, if it did.")


class WebhookDeliveryExt(serializers.Serializer[object]):
    """One event for one webhook, with its tries."""

    id = serializers.UUIDField(help_text="The event's `webhook-id`, the same at each try.")
    type = serializers.CharField(help_text=f"One of {_EVENTS}, `webhook.test`.")
    occurred = serializers.DateTimeField(help_text="When the shipment ended, in UTC.")
    shipmentId = serializers.UUIDField(required=False, help_text="Of a test there is none.")
    sendersReference = serializers.CharField(required=False, help_text="Left out if blank.")
    sequenceNumber = Int64Field(required=False, help_text="The number of the feed's entry.")
    status = serializers.CharField(help_text="`Waiting`, `Delivered` or `Failed`.")
    nextTry = serializers.DateTimeField(required=False, help_text="Of one that waits.")
    tries = WebhookTryExt(many=True, help_text="The earliest first.")

"""What the addresses of webhooks have in common: their scope, and whose they are."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from events import subscriptions
from events.models import Subscription
from orders.api.base import ContractView
from orders.api.parsing.guids import guid
from orders.api.permissions import NeedsScope
from orders.api.problems import ProblemDetails, ValidationProblemDetails
from orders.api.v1 import reading

EVENTS_SCOPE = "altinn:serviceowner/notifications.events"
"""The original has no webhooks, and no scope for them: this one is ours."""

AUTH: Any = [{"AltinnToken": []}]
SUBSCRIPTION = OpenApiParameter(
    "subscription", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The webhook's id."
)
DELIVERY = OpenApiParameter(
    "delivery", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The delivery's id."
)
REFUSED = {
    400: OpenApiResponse(ValidationProblemDetails, "The request is not valid."),
    **reading.REFUSED,
    401: OpenApiResponse(None, "No valid bearer token."),
    403: OpenApiResponse(
        None, f"The token lacks the scope `{EVENTS_SCOPE}`, or names no service owner."
    ),
}
REFUSED_BODY = {
    **REFUSED,
    413: OpenApiResponse(ProblemDetails, "The body is too large."),
    415: OpenApiResponse(
        ProblemDetails,
        "The body is not application/json. The answer is empty if another type was given.",
    ),
}
NOT_FOUND = {404: OpenApiResponse(None, "The caller has no such webhook, or delivery of it.")}


class MayHearOfEvents(NeedsScope):
    """Where events go is decided by the owner alone."""

    scope = EVENTS_SCOPE


class EventsView(ContractView):
    """Another owner's webhook is a 404, as one that there is not."""

    permission_classes = [MayHearOfEvents]
    takes_platform_tokens: ClassVar[bool] = False
    body_name = "webhook"

    def subscription(self, subscription: str) -> Subscription:
        """Raises SubscriptionNotFound, or ValidationError for what is no id."""
        wanted = guid(subscription, parameter="subscription")
        return subscriptions.of_creator(self.creator(), wanted)

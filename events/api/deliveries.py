"""What was posted to a webhook, each try of it, and posting it once more."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from events import subscriptions
from events.api import examples, presentation
from events.api.base import AUTH, DELIVERY, NOT_FOUND, REFUSED, SUBSCRIPTION, EventsView
from events.api.serializers import WebhookDeliveryExt
from events.models import Delivery
from orders.api.parsing.guids import guid, not_valid
from orders.api.parsing.query import parameter, whole_number
from orders.api.problems import ProblemDetails
from runtime import clock

MAX_PAGE = 100


class DeliveriesView(EventsView):
    """Deliveries of a webhook, the newest first. The last id of a page, as `before`, leads on."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="listDeliveries",
        summary="List what was posted to a webhook",
        description=(
            "Deliveries of a webhook, the newest first. The last id of a page, as `before`, leads"
            " on."
        ),
        parameters=[
            SUBSCRIPTION,
            OpenApiParameter(
                "status",
                OpenApiTypes.STR,
                description="Only those that are `Waiting`, `Delivered` or `Failed`.",
            ),
            OpenApiParameter(
                "before",
                OpenApiTypes.UUID,
                description="The delivery's id behind which the page begins.",
            ),
            OpenApiParameter(
                "pageSize",
                OpenApiTypes.INT32,
                description=f"How many at most: 1 to {MAX_PAGE}, which is the default.",
            ),
        ],
        responses={
            200: OpenApiResponse(WebhookDeliveryExt(many=True), "With the tries of each."),
            **REFUSED,
            **NOT_FOUND,
        },
        examples=[examples.DELIVERIES],
        auth=AUTH,
        tags=["Events"],
    )
    def get(self, request: Request, subscription: str) -> Response:
        state, before, limit = _state(request), _before(request), _limit(request)
        found = Delivery.objects.of_subscription(self.subscription(subscription))
        if state:
            found = found.filter(state=state)
        if before:
            found = found.filter(pk__lt=before)
        return Response([presentation.delivery(one) for one in found[:limit]])


class DeliveryView(EventsView):
    """One event as it was, or will be, posted."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getDelivery",
        summary="Read one delivery",
        description="One event as it was, or will be, posted, with every try.",
        parameters=[SUBSCRIPTION, DELIVERY],
        responses={
            200: OpenApiResponse(WebhookDeliveryExt, "With its tries."),
            **REFUSED,
            **NOT_FOUND,
        },
        examples=[examples.DELIVERED],
        auth=AUTH,
        tags=["Events"],
    )
    def get(self, request: Request, subscription: str, delivery: str) -> Response:
        wanted = guid(delivery, parameter="delivery")
        found = subscriptions.delivery_of(self.subscription(subscription), wanted)
        return Response(presentation.delivery(found))


class RedeliverView(EventsView):
    """Posts an event once more, under the same id; one that waits is posted at once."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="redeliver",
        summary="Post an event once more",
        description=(
            "Posts an event once more, under the same id; one that waits is posted at once."
        ),
        request=None,
        parameters=[SUBSCRIPTION, DELIVERY],
        responses={
            202: OpenApiResponse(WebhookDeliveryExt, "It waits for its turn, which is now."),
            **REFUSED,
            **NOT_FOUND,
            409: OpenApiResponse(
                ProblemDetails, "The webhook is not active, or the event is being posted just now."
            ),
        },
        examples=[examples.REDELIVERED],
        auth=AUTH,
        tags=["Events"],
    )
    def post(self, request: Request, subscription: str, delivery: str) -> Response:
        wanted = guid(delivery, parameter="delivery")
        its = self.subscription(subscription)
        found = subscriptions.delivery_of(its, wanted)
        if not subscriptions.redeliver(its, [found.pk], now=clock.now()):
            raise subscriptions.NotPossible("The event is being posted at this moment.")
        found.refresh_from_db()
        return Response(presentation.delivery(found), status=status.HTTP_202_ACCEPTED)


def _state(request: Request) -> str:
    """Raises ValidationError."""
    wanted = parameter(request, "status") or ""
    for state in Delivery.State.values:
        if wanted.lower() == state.lower():
            return str(state)
    if wanted:
        raise not_valid(wanted, parameter="status")
    return ""


def _before(request: Request) -> UUID | None:
    wanted = parameter(request, "before")
    return guid(wanted, parameter="before") if wanted else None


def _limit(request: Request) -> int:
    wanted = parameter(request, "pageSize")
    if wanted is None or not wanted.strip():
        return MAX_PAGE
    number = whole_number(wanted, bits=32)
    if number is None:
        raise not_valid(wanted, parameter="pageSize")
    return min(max(number, 1), MAX_PAGE)

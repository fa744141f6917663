"""Placing an e-mail with attachments: `POST /future/orders/composed-email`."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api.future import examples
from orders.api.future.place import OrderChainsView
from orders.api.future.serializers.composed import ComposedEmailRequestExt
from orders.api.future.serializers.responses import NotificationOrderChainResponseExt
from orders.api.problems import AltinnProblemDetails, ProblemDetails, ValidationProblemDetails
from orders.creators import Caller
from orders.models import OrderChain

COMPOSE_SCOPE = "altinn:serviceowner/notifications.composedemail.create"


class MayComposeEmail(BasePermission):
    """A bearer token with the scope; few service owners are given it."""

    def has_permission(self, request: Request, view: object) -> bool:
        caller = request.auth
        return isinstance(caller, Caller) and COMPOSE_SCOPE in caller.scopes


class ComposedEmailOrdersView(OrderChainsView):
    """Stores a valid e-mail and answers once it is stored durably. Its attachments are fetched
    when it is sent."""

    body_name = "orderRequest"
    permission_classes = [MayComposeEmail]
    takes_platform_tokens = False
    kind = OrderChain.Kind.COMPOSED
    request_shape = ComposedEmailRequestExt

    @extend_schema(
        operation_id="placeComposedEmailOrder",
        summary="Order an e-mail with attachments",
        request=ComposedEmailRequestExt,
        responses={
            201: OpenApiResponse(NotificationOrderChainResponseExt, "The order is stored."),
            200: OpenApiResponse(
                NotificationOrderChainResponseExt,
                "The idempotency id is known: this is what its first request was answered.",
            ),
            400: OpenApiResponse(ValidationProblemDetails, "The request is not valid."),
            401: OpenApiResponse(None, "No valid bearer token."),
            403: OpenApiResponse(
                None,
                f"The token lacks the scope `{COMPOSE_SCOPE}`, or names no service owner.",
            ),
            413: OpenApiResponse(ProblemDetails, "The body is too large."),
            415: OpenApiResponse(
                ProblemDetails,
                "The body is not application/json. The answer is empty if another type was given.",
            ),
            429: OpenApiResponse(
                ProblemDetails, "Too many requests, or recipients, of the caller in this minute."
            ),
            503: OpenApiResponse(
                AltinnProblemDetails, "The database cannot be reached. Nothing was stored."
            ),
        },
        parameters=[
            OpenApiParameter(
                "Location",
                OpenApiTypes.URI,
                OpenApiParameter.HEADER,
                description="The order's own address. Nothing is read there.",
                response=[status.HTTP_201_CREATED],
            ),
            OpenApiParameter(
                "Retry-After",
                OpenApiTypes.INT,
                OpenApiParameter.HEADER,
                description="Seconds until it is worth another try.",
                response=[status.HTTP_429_TOO_MANY_REQUESTS, status.HTTP_503_SERVICE_UNAVAILABLE],
            ),
        ],
        examples=[examples.COMPOSED, examples.STORED_ALONE, examples.REFUSED_ATTACHMENT],
        auth=[{"AltinnToken": []}],  # type: ignore[list-item]
        tags=["Order"],
    )
    def post(self, request: Request) -> Response:
        return self.answer()

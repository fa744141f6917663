"""Placing an e-mail with attachments: `POST /future/orders/composed-email`."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api import described
from orders.api.future import examples
from orders.api.future.base import KNOWN
from orders.api.future.place import OrderChainsView
from orders.api.future.serializers.composed import ComposedEmailRequestExt
from orders.api.future.serializers.responses import NotificationOrderChainResponseExt
from orders.api.permissions import NeedsScope
from orders.api.problems import AltinnProblemDetails
from orders.models import OrderChain

COMPOSE_SCOPE = "altinn:serviceowner/notifications.composedemail.create"


class MayComposeEmail(NeedsScope):
    """Few service owners are given the scope."""

    scope = COMPOSE_SCOPE


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
        description=(
            "Takes an e-mail and the links to its attachments, and answers once they are stored"
            " durably. The attachments are fetched when the e-mail is sent."
        ),
        request=ComposedEmailRequestExt,
        responses={
            201: OpenApiResponse(NotificationOrderChainResponseExt, "The order is stored."),
            **KNOWN,
            **described.TRIED,
            **described.REFUSED,
            401: OpenApiResponse(None, "No valid bearer token."),
            403: OpenApiResponse(
                None,
                f"The token lacks the scope `{COMPOSE_SCOPE}`, or names no service owner.",
            ),
            503: OpenApiResponse(
                AltinnProblemDetails, "The database cannot be reached. Nothing was stored."
            ),
        },
        parameters=[
            *described.PREFERENCES,
            described.location(
                "The order's own address. Nothing is read there.", answer=status.HTTP_201_CREATED
            ),
            described.RETRY_AFTER,
            *described.RATE_LIMITS,
        ],
        examples=[examples.COMPOSED, examples.STORED_ALONE, examples.REFUSED_ATTACHMENT],
        auth=[{"AltinnToken": []}],  # type: ignore[list-item]
        tags=["Order"],
    )
    def post(self, request: Request) -> Response:
        return self.answer()

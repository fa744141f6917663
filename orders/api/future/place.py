"""Placing a chain: `POST /future/orders`."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import rate_limits
from orders.api.base import ContractView
from orders.api.future import examples
from orders.api.future.serializers import responses
from orders.api.future.serializers.chain import NotificationOrderChainRequestExt
from orders.api.future.serializers.composed import ComposedEmailRequestExt
from orders.api.future.serializers.responses import NotificationOrderChainResponseExt
from orders.api.parsing.conversion import CannotConvert
from orders.api.parsing.fields import MAX_REFERENCE_BYTES
from orders.api.preferences import wants_strict
from orders.api.problems import AltinnProblemDetails, ProblemDetails, ValidationProblemDetails
from orders.creators import NotAServiceOwner
from orders.models import OrderChain
from orders.placing import chains
from orders.requests import ChainReceipt, OrderChainRequest
from runtime import clock

LOCATION = "/notifications/api/v1/orders/chain/"
"""Of chains. It is told, as upstream tells it, and nothing is read there."""


class OrderChainsView(ContractView):
    """Stores a valid chain and answers once it is stored durably.

    A request under a known id is answered as the first one was, valid or not: its send time, once
    good, may have passed since. Most ids are new, so a known one is looked for only where something
    else stands in the way, and else noticed as the chain is stored.
    """

    http_method_names = ["post"]
    body_name = "notificationOrderRequest"
    kind: ClassVar[OrderChain.Kind] = OrderChain.Kind.CHAIN
    request_shape: ClassVar[type[NotificationOrderChainRequestExt | ComposedEmailRequestExt]] = (
        NotificationOrderChainRequestExt
    )

    @extend_schema(
        operation_id="placeOrderChain",
        summary="Order a notification and its reminders",
        request=NotificationOrderChainRequestExt,
        responses={
            201: OpenApiResponse(NotificationOrderChainResponseExt, "The chain is stored."),
            200: OpenApiResponse(
                NotificationOrderChainResponseExt,
                "The idempotency id is known: this is what its first request was answered.",
            ),
            400: OpenApiResponse(ValidationProblemDetails, "The request is not valid."),
            401: OpenApiResponse(None, "No valid token."),
            403: OpenApiResponse(None, "The token lacks the scope or names no service owner."),
            413: OpenApiResponse(ProblemDetails, "The body is too large."),
            415: OpenApiResponse(
                ProblemDetails,
                "The body is not application/json. The answer is empty if another type was given.",
            ),
            422: OpenApiResponse(
                AltinnProblemDetails,
                "The registers know no way to one of the recipients. Nothing was stored.",
            ),
            429: OpenApiResponse(
                ProblemDetails, "Too many requests, or recipients, of the caller in this minute."
            ),
            503: OpenApiResponse(AltinnProblemDetails, "A register is down. Nothing was stored."),
        },
        parameters=[
            OpenApiParameter(
                "Prefer",
                {"type": "string"},
                OpenApiParameter.HEADER,
                description=(
                    "`handling=strict` refuses a sender of SMS that phones would show shortened."
                ),
            ),
            OpenApiParameter(
                "Location",
                OpenApiTypes.URI,
                OpenApiParameter.HEADER,
                description="The chain's own address. Nothing is read there.",
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
        examples=[examples.CHAIN, examples.STORED, examples.REFUSED, examples.NOT_REACHABLE],
        tags=["Order"],
    )
    def post(self, request: Request) -> Response:
        return self.answer()

    def answer(self) -> Response:
        now = clock.now()
        document = self.document()
        try:
            chain = self.read(document, now=now)
        except (ValidationError, CannotConvert):
            receipt = self.earlier(document)
            if receipt is None:
                raise
        else:
            receipt = self.place(chain, now=now)
        shown = responses.document(receipt)
        if not receipt.is_new:
            return Response(shown)
        location = f"{settings.PUBLIC_BASE_URL}{LOCATION}{receipt.chain_id}"
        return Response(shown, status=status.HTTP_201_CREATED, headers={"Location": location})

    def read(self, document: object, *, now: datetime) -> OrderChainRequest:
        strict = wants_strict(self.request.headers.get("Prefer", ""))
        return self.request_shape.read(document, now=now, strict=strict)

    def earlier(self, document: object) -> ChainReceipt | None:
        """What the first request with the same id was answered. Who is nobody has none: such a
        caller learns first what is wrong with the request."""
        idempotency_id = idempotency_id_of(document)
        if idempotency_id is None:
            return None
        try:
            creator = self.creator()
        except NotAServiceOwner:
            return None
        return chains.recall(creator=creator, kind=self.kind, idempotency_id=idempotency_id)

    def place(self, chain: OrderChainRequest, *, now: datetime) -> ChainReceipt:
        creator = self.creator()
        rate_limits.count_recipients(
            len(chain.orders),
            creator_name=creator.short_name,
            own_limit=creator.recipients_per_minute,
            now=now,
        )
        return chains.register_chain(creator=creator, request=chain, now=now)


def idempotency_id_of(document: object) -> str | None:
    """As it is written, before anything is validated; None where none can be known."""
    if not isinstance(document, dict):
        return None
    written = None
    for name, value in document.items():
        if name.lower() == "idempotencyid":
            written = value
    if not isinstance(written, str) or "\0" in written:
        return None
    return written if 0 < len(written.encode()) <= MAX_REFERENCE_BYTES else None

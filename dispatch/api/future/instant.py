"""Instant orders: `POST /future/orders/instant/sms`, `/instant/email`, and `/instant` of old."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import ClassVar, TypeVar

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.api.future import examples
from dispatch.instant import ordering
from dispatch.instant.ordering import Answer
from orders import rate_limits
from orders.api.base import ContractView
from orders.api.future.place import LOCATION, idempotency_id_of
from orders.api.future.serializers import responses
from orders.api.future.serializers.instant import (
    InstantEmailNotificationOrderRequestExt,
    InstantNotificationOrderRequestExt,
    InstantRequestExt,
    InstantSmsNotificationOrderRequestExt,
)
from orders.api.future.serializers.responses import NotificationOrderChainResponseExt
from orders.api.parsing.conversion import CannotConvert
from orders.api.preferences import wants_strict
from orders.api.problems import AltinnProblemDetails, ProblemDetails, ValidationProblemDetails
from orders.creators import NotAServiceOwner
from runtime import clock

View = TypeVar("View", bound=Callable[..., object])


class InstantRequestView(ContractView):
    """Answers once it is known what the gateway says; until then the request is parked.

    A request under a known id is answered as the first one was, even if it is not valid.
    """

    http_method_names = ["post"]
    body_name = "request"
    serializer_class: ClassVar[type[InstantRequestExt]]

    def post(self, request: Request) -> Response:
        receipt = self.known()
        if receipt is None:
            answer = self.deliver(self.document(), now=clock.now())
            receipt = self.wait_for(answer) if isinstance(answer, Future) else answer
        shown = responses.document(receipt)
        if not receipt.is_new:
            return Response(shown)
        location = f"{settings.PUBLIC_BASE_URL}{LOCATION}{receipt.chain_id}"
        return Response(shown, status=status.HTTP_201_CREATED, headers={"Location": location})

    def deliver(self, document: object, *, now: datetime) -> Answer:
        """Validate, store and send, unless the id is known."""
        strict = wants_strict(self.request.headers.get("Prefer", ""))
        try:
            order = self.serializer_class.read(document, strict=strict)
        except (ValidationError, CannotConvert):
            earlier = self.earlier(document, now=now)
            if earlier is None:
                raise
            return earlier
        creator = self.creator()
        rate_limits.count_recipients(
            1,
            creator_name=creator.short_name,
            own_limit=creator.recipients_per_minute,
            now=now,
        )
        return ordering.deliver(order, creator=creator, now=now)

    def earlier(self, document: object, *, now: datetime) -> Answer | None:
        """What the first request with the same id was answered, or will be. Who is nobody has none:
        such a caller learns first what is wrong with the request."""
        idempotency_id = idempotency_id_of(document)
        if idempotency_id is None:
            return None
        try:
            creator = self.creator()
        except NotAServiceOwner:
            return None
        return ordering.earlier(creator=creator, idempotency_id=idempotency_id, now=now)


def _described(
    request: type[InstantRequestExt],
    shown: OpenApiExample,
    *,
    name: str,
    summary: str,
    is_old: bool = False,
) -> Callable[[View], View]:
    return extend_schema(
        request=request,
        responses={
            201: OpenApiResponse(
                NotificationOrderChainResponseExt,
                "The gateway has taken or refused the message, or nobody can know: the shipment"
                " tells which.",
            ),
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
            429: OpenApiResponse(
                ProblemDetails, "Too many requests, or recipients, of the caller in this minute."
            ),
            503: OpenApiResponse(
                AltinnProblemDetails,
                "The message was not sent, nothing is stored, and the id is free: send the request"
                " again.",
            ),
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
        examples=[shown, examples.SENT],
        operation_id=name,
        summary=summary,
        tags=["Deprecated" if is_old else "Order"],
        deprecated=is_old,
    )


@extend_schema_view(
    post=_described(
        InstantSmsNotificationOrderRequestExt,
        examples.SMS,
        name="sendInstantSms",
        summary="Send an SMS at once",
    )
)
class InstantSmsView(InstantRequestView):
    serializer_class = InstantSmsNotificationOrderRequestExt


@extend_schema_view(
    post=_described(
        InstantEmailNotificationOrderRequestExt,
        examples.EMAIL,
        name="sendInstantEmail",
        summary="Send an e-mail at once",
    )
)
class InstantEmailView(InstantRequestView):
    serializer_class = InstantEmailNotificationOrderRequestExt


@extend_schema_view(
    post=_described(
        InstantNotificationOrderRequestExt,
        examples.OLD_SMS,
        name="sendInstant",
        summary="Send an SMS at once (use /instant/sms)",
        is_old=True,
    )
)
class InstantView(InstantRequestView):
    serializer_class = InstantNotificationOrderRequestExt

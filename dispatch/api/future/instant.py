"""Instant orders: `POST /future/orders/instant/sms`, `/instant/email`, and `/instant` of old."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import ClassVar, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.api.future import examples
from dispatch.instant import ordering
from dispatch.instant.ordering import Answer
from orders.api import described
from orders.api.future.base import KNOWN, FutureOrdersView
from orders.api.future.serializers.instant import (
    InstantEmailNotificationOrderRequestExt,
    InstantNotificationOrderRequestExt,
    InstantRequestExt,
    InstantSmsNotificationOrderRequestExt,
)
from orders.api.future.serializers.responses import NotificationOrderChainResponseExt
from orders.api.parsing.conversion import CannotConvert
from orders.api.preferences import DRY_RUN, STRICT
from orders.api.problems import AltinnProblemDetails
from orders.api.sms_headers import described_headers
from orders.requests import InstantOrderRequest
from runtime import clock

View = TypeVar("View", bound=Callable[..., object])


class InstantRequestView(FutureOrdersView):
    """Answers once it is known what the gateway says; until then the request is parked.

    A request under a known id is answered as the first one was, even if it is not valid.
    """

    body_name = "request"
    serializer_class: ClassVar[type[InstantRequestExt]]

    def post(self, request: Request) -> Response:
        receipt = self.known()
        if receipt is None:
            now, document = clock.now(), self.document()
            if self.heeds(DRY_RUN):
                return self.tried([self.read(document).order], now=now)
            answer = self.deliver(document, now=now)
            receipt = self.wait_for(answer) if isinstance(answer, Future) else answer
        return self.answered(receipt)

    def deliver(self, document: object, *, now: datetime) -> Answer:
        """Validate, store and send, unless the id is known."""
        try:
            order = self.read(document)
        except (ValidationError, CannotConvert):
            earlier = self.earlier(document, now=now)
            if earlier is None:
                raise
            return earlier
        creator = self.creator()
        self.count_recipients(1, creator=creator, now=now)
        return ordering.deliver(order, creator=creator, now=now)

    def read(self, document: object) -> InstantOrderRequest:
        return self.serializer_class.read(
            document, strict=self.heeds(STRICT), senders=self.senders()
        )

    def earlier(self, document: object, *, now: datetime) -> Answer | None:
        """What the first request with the same id was answered, or will be."""
        whose = self.whose_id(document)
        return whose and ordering.earlier(
            creator=whose.creator, idempotency_id=whose.idempotency_id, now=now
        )


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
            **KNOWN,
            **described.TRIED,
            **described.REFUSED,
            503: OpenApiResponse(
                AltinnProblemDetails,
                "The message was not sent, nothing is stored, and the id is free: send the request"
                " again.",
            ),
        },
        parameters=[
            *described.PREFERENCES,
            described.location(
                "The order's own address. Nothing is read there.", answer=status.HTTP_201_CREATED
            ),
            *described_headers(answer=status.HTTP_201_CREATED),
            described.RETRY_AFTER,
            *described.RATE_LIMITS,
        ],
        examples=[shown, examples.SENT],
        operation_id=name,
        summary=summary,
        description=(
            "Sends one message, and answers once the gateway has taken or refused it. Meant for"
            " one-time passwords, not for volume. A request under a known idempotency id is"
            " answered as the first one was, and sends nothing."
        ),
        tags=["Deprecated" if is_old else "Instant Orders"],
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

"""Placing a chain: `POST /future/orders`."""

from datetime import datetime
from typing import ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api import described
from orders.api.future import examples
from orders.api.future.base import KNOWN, FutureOrdersView
from orders.api.future.serializers.chain import NotificationOrderChainRequestExt
from orders.api.future.serializers.composed import ComposedEmailRequestExt
from orders.api.future.serializers.responses import NotificationOrderChainResponseExt
from orders.api.parsing.conversion import CannotConvert
from orders.api.preferences import DRY_RUN, STRICT
from orders.api.problems import AltinnProblemDetails
from orders.api.sms_headers import described_headers
from orders.models import OrderChain
from orders.placing import chains
from orders.requests import ChainReceipt, OrderChainRequest
from runtime import clock


class OrderChainsView(FutureOrdersView):
    """Stores a valid chain and answers once it is stored durably.

    A request under a known id is answered as the first one was, valid or not: its send time, once
    good, may have passed since. Most ids are new, so a known one is looked for only where something
    else stands in the way, and else noticed as the chain is stored.
    """

    body_name = "notificationOrderRequest"
    kind: ClassVar[OrderChain.Kind] = OrderChain.Kind.CHAIN
    request_shape: ClassVar[type[NotificationOrderChainRequestExt | ComposedEmailRequestExt]] = (
        NotificationOrderChainRequestExt
    )

    @extend_schema(
        operation_id="placeOrderChain",
        summary="Order a notification and its reminders",
        description=(
            "Takes a notification to one recipient with its reminders, and answers once they are"
            " stored durably. A request under a known idempotency id is answered as the first one"
            " was."
        ),
        request=NotificationOrderChainRequestExt,
        responses={
            201: OpenApiResponse(NotificationOrderChainResponseExt, "The chain is stored."),
            **KNOWN,
            **described.TRIED,
            **described.REFUSED,
            422: OpenApiResponse(
                AltinnProblemDetails,
                "The registers know no way to one of the recipients. Nothing was stored.",
            ),
            503: OpenApiResponse(AltinnProblemDetails, "A register is down. Nothing was stored."),
        },
        parameters=[
            *described.PREFERENCES,
            described.location(
                "The chain's own address. Nothing is read there.", answer=status.HTTP_201_CREATED
            ),
            *described_headers(answer=status.HTTP_201_CREATED),
            described.RETRY_AFTER,
            *described.RATE_LIMITS,
        ],
        examples=[examples.CHAIN, examples.STORED, examples.REFUSED, examples.NOT_REACHABLE],
        tags=["Order"],
    )
    def post(self, request: Request) -> Response:
        return self.answer()

    def answer(self) -> Response:
        now = clock.now()
        document = self.document()
        if self.heeds(DRY_RUN):
            return self.tried(self.read(document, now=now).orders, must_reach=True, now=now)
        try:
            chain = self.read(document, now=now)
        except (ValidationError, CannotConvert):
            receipt = self.earlier(document)
            if receipt is None:
                raise
        else:
            receipt = self.place(chain, now=now)
        return self.answered(receipt)

    def read(self, document: object, *, now: datetime) -> OrderChainRequest:
        return self.request_shape.read(
            document, now=now, strict=self.heeds(STRICT), senders=self.senders()
        )

    def earlier(self, document: object) -> ChainReceipt | None:
        """What the first request with the same id was answered."""
        whose = self.whose_id(document)
        return whose and chains.recall(
            creator=whose.creator, kind=self.kind, idempotency_id=whose.idempotency_id
        )

    def place(self, chain: OrderChainRequest, *, now: datetime) -> ChainReceipt:
        creator = self.creator()
        self.count_recipients(len(chain.orders), creator=creator, now=now)
        return chains.register_chain(creator=creator, request=chain, now=now)

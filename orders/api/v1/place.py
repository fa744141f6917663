"""Placing orders: `POST /orders`, `/orders/email` and `/orders/sms`."""

from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api import described
from orders.api.parsing.contract import kept
from orders.api.parsing.guids import not_valid
from orders.api.preferences import DRY_RUN, STRICT, PreferringView
from orders.api.problems import AltinnProblemDetails, ProblemDetails
from orders.api.sms_headers import described_headers, sms_headers, test_header
from orders.api.v1 import examples
from orders.api.v1.links import link
from orders.api.v1.reading import FindOrdersView
from orders.api.v1.serializers.any_channel_order import NotificationOrderRequestExt
from orders.api.v1.serializers.base_order import NotificationOrderRequestBaseExt
from orders.api.v1.serializers.email_order import EmailNotificationOrderRequestExt
from orders.api.v1.serializers.responses import NotificationOrderRequestResponseExt
from orders.api.v1.serializers.sms_order import SmsNotificationOrderRequestExt
from orders.placing import idempotency
from orders.placing.register import register
from orders.requests import IdempotentRequest, OrderRequest, Receipt
from runtime import clock

IDEMPOTENCY_KEY = "Idempotency-Key"


class PlaceOrderView(PreferringView):
    """Registers a valid order and answers once it is stored durably.

    A request under a known key is answered before it is validated: its send time, once good, may
    have passed since.
    """

    http_method_names = ["post"]
    serializer_class: ClassVar[type[NotificationOrderRequestBaseExt]]

    def post(self, request: Request) -> Response:
        now = clock.now()
        document = self.document()
        idempotent = self.idempotent(document)
        if self.heeds(DRY_RUN):
            return self.tried([self.read(document, now=now)], now=now)
        receipt = self.earlier(idempotent, now=now) or self.place(document, idempotent, now=now)
        return Response(
            kept(NotificationOrderRequestResponseExt).to_representation(receipt),
            status=status.HTTP_202_ACCEPTED,
            headers={
                "Location": link(receipt.order_id),
                **sms_headers(receipt.sms_length),
                **test_header(is_test=receipt.is_test),
            },
        )

    def idempotent(self, document: object) -> IdempotentRequest | None:
        """What the caller wants this request to be known by, if anything."""
        key = self.request.headers.get(IDEMPOTENCY_KEY)
        if key is None:
            return None
        try:
            return idempotency.idempotent_request(
                key, path=self.request.path_info, document=document
            )
        except idempotency.NotAnIdempotencyKey as error:
            raise serializers.ValidationError({IDEMPOTENCY_KEY: [str(error)]}) from None

    def earlier(self, idempotent: IdempotentRequest | None, *, now: datetime) -> Receipt | None:
        """What the same request was answered before."""
        if idempotent is None:
            return None
        return idempotency.recall(creator=self.creator(), request=idempotent, now=now)

    def read(self, document: object, *, now: datetime) -> OrderRequest:
        return self.serializer_class.read(
            document, now=now, strict=self.heeds(STRICT), senders=self.senders()
        )

    def place(
        self, document: object, idempotent: IdempotentRequest | None, *, now: datetime
    ) -> Receipt:
        """Validate and register."""
        order = self.read(document, now=now)
        creator = self.creator()
        self.count_recipients(len(order.recipients), creator=creator, now=now)
        return register(creator=creator, request=order, idempotent=idempotent, now=now)


class PlaceChannelOrderView(PlaceOrderView):
    """To a GET, the channel in the address is an order's id, and not a valid one."""

    http_method_names = ["get", "post"]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        raise not_valid(request.path_info.rpartition("/")[2], parameter="id")


_LOCATION = described.location("The order's own address.", answer=status.HTTP_202_ACCEPTED)
_KEY = OpenApiParameter(
    IDEMPOTENCY_KEY,
    {"type": "string", "maxLength": 255, "pattern": f"^{idempotency.KEY_PATTERN}$"},
    OpenApiParameter.HEADER,
    description=(
        "Makes it safe to send a request again whose answer was lost: within 24 hours the same"
        " request under the same key is answered as it was the first time, and places no second"
        " order. Use a new key, such as a GUID, for each order. 1 to 255 printable ASCII"
        " characters."
    ),
)


def _described(
    request: type[NotificationOrderRequestBaseExt], shown: list[OpenApiExample], **kwargs: Any
) -> Any:
    return extend_schema(
        request=request,
        responses={
            202: OpenApiResponse(NotificationOrderRequestResponseExt, "The order is registered."),
            **described.TRIED,
            **described.REFUSED,
            409: OpenApiResponse(
                ProblemDetails, "The idempotency key was used for another request."
            ),
            503: OpenApiResponse(AltinnProblemDetails, "A register is down. Nothing was stored."),
        },
        parameters=[
            _KEY,
            *described.PREFERENCES,
            _LOCATION,
            *described_headers(answer=status.HTTP_202_ACCEPTED),
            described.RETRY_AFTER,
            *described.RATE_LIMITS,
        ],
        examples=[*shown, examples.PARTLY_REACHABLE, examples.NO_LOOK_UP],
        tags=["Deprecated"],
        deprecated=True,
        **kwargs,
    )


@extend_schema_view(
    post=_described(
        NotificationOrderRequestExt,
        [
            examples.EMAIL_PREFERRED,
            examples.refused("NotificationChannel", "A notification channel must be defined."),
        ],
        operation_id="placeOrder",
        summary="Order notifications on any channel",
        description=(
            "Takes an order with a template for each kind of message, and answers once it is stored"
            " durably. On a preferred channel, whoever has no address for it is notified on the"
            " other one."
        ),
    )
)
class OrdersView(PlaceOrderView, FindOrdersView):
    http_method_names = ["get", "post"]
    serializer_class = NotificationOrderRequestExt
    body_name = "notificationOrderRequest"


@extend_schema_view(
    post=_described(
        EmailNotificationOrderRequestExt,
        [examples.EMAIL, examples.refused("Subject", "'Subject' must not be empty.")],
        operation_id="placeEmailOrder",
        summary="Order e-mails",
        description=(
            "Takes an order of e-mails to up to 100,000 recipients, and answers once it is stored"
            " durably."
        ),
    )
)
class EmailOrdersView(PlaceChannelOrderView):
    serializer_class = EmailNotificationOrderRequestExt
    body_name = "emailNotificationOrderRequest"


@extend_schema_view(
    post=_described(
        SmsNotificationOrderRequestExt,
        [
            examples.SMS,
            examples.SMS_WITH_KEYWORDS,
            examples.refused("Body", "'Body' must not be empty."),
        ],
        operation_id="placeSmsOrder",
        summary="Order SMS",
        description=(
            "Takes an order of SMS to up to 100,000 recipients, and answers once it is stored"
            " durably. They leave between 09:00 and 17:00 Norwegian time."
        ),
    )
)
class SmsOrdersView(PlaceChannelOrderView):
    serializer_class = SmsNotificationOrderRequestExt
    body_name = "smsNotificationOrderRequest"

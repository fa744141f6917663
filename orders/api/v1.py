"""Placing orders: `POST /orders`, `/orders/email` and `/orders/sms`."""

from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api import examples
from orders.api.serializers.email_order import EmailNotificationOrderRequestExt
from orders.api.serializers.order import NotificationOrderRequestExt
from orders.api.serializers.order_requests import NotificationOrderRequestBaseExt
from orders.api.serializers.problems import (
    AltinnProblemDetails,
    ProblemDetails,
    ValidationProblemDetails,
)
from orders.api.serializers.responses import NotificationOrderRequestResponseExt
from orders.api.serializers.sms_order import SmsNotificationOrderRequestExt
from orders.api.views import ContractView
from orders.models import order_url_path
from orders.registering import register


class PlaceOrderView(ContractView):
    """Registers a valid order and answers once it is stored durably."""

    http_method_names = ["post"]
    serializer_class: ClassVar[type[NotificationOrderRequestBaseExt]]

    def post(self, request: Request) -> Response:
        now = timezone.now()
        serializer = self.serializer_class(data=self.document(), context={"now": now})
        serializer.is_valid(raise_exception=True)
        receipt = register(creator=self.creator(), request=serializer.order_request(), now=now)
        return Response(
            NotificationOrderRequestResponseExt(receipt).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": settings.PUBLIC_BASE_URL + order_url_path(receipt.order_id)},
        )


_LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI,
    OpenApiParameter.HEADER,
    description="The order's own address.",
    response=[status.HTTP_202_ACCEPTED],
)


def _described(
    request: type[NotificationOrderRequestBaseExt], shown: list[OpenApiExample], **kwargs: Any
) -> Any:
    return extend_schema(
        request=request,
        responses={
            202: OpenApiResponse(NotificationOrderRequestResponseExt, "The order is registered."),
            400: OpenApiResponse(ValidationProblemDetails, "The request is not valid."),
            401: OpenApiResponse(None, "No valid token."),
            403: OpenApiResponse(None, "The token lacks the scope or names no service owner."),
            413: OpenApiResponse(ProblemDetails, "The body is too large."),
            415: OpenApiResponse(ProblemDetails, "The body is not application/json."),
            503: OpenApiResponse(AltinnProblemDetails, "A register is down. Nothing was stored."),
        },
        parameters=[_LOCATION],
        examples=[*shown, examples.PARTLY_REACHABLE, examples.NO_LOOK_UP],
        tags=["orders"],
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
    )
)
class OrdersView(PlaceOrderView):
    serializer_class = NotificationOrderRequestExt
    body_name = "notificationOrderRequest"


@extend_schema_view(
    post=_described(
        EmailNotificationOrderRequestExt,
        [examples.EMAIL, examples.refused("Subject", "'Subject' must not be empty.")],
        operation_id="placeEmailOrder",
        summary="Order e-mails",
    )
)
class EmailOrdersView(PlaceOrderView):
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
    )
)
class SmsOrdersView(PlaceOrderView):
    serializer_class = SmsNotificationOrderRequestExt
    body_name = "smsNotificationOrderRequest"

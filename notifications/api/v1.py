"""Reading what became of an order's messages."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api import presentation
from notifications.api.serializers import SmsNotificationSummaryExt
from notifications.models import NotificationStatus
from notifications.summaries import SMS_DESCRIPTIONS, sms_of_order
from orders.api.guids import guid
from orders.api.serializers.problems import ValidationProblemDetails
from orders.api.views import ContractView

_EXAMPLE = OpenApiExample(
    "Not sent yet",
    response_only=True,
    status_codes=["200"],
    value={
        "orderId": "f1a1cc30-197f-4f34-8304-006ce4945fd1",
        "sendersReference": "ref-2023-12-01",
        "generated": 1,
        "succeeded": 0,
        "notifications": [
            {
                "id": "e0197ec7-3d82-4917-8329-8c9ecc4c569b",
                "succeeded": False,
                "recipient": {"mobileNumber": "+4799999999"},
                "sendStatus": {
                    "status": "New",
                    "description": SMS_DESCRIPTIONS[NotificationStatus.NEW],
                    "lastUpdate": "2023-11-14T16:06:02.877361Z",
                },
            }
        ],
    },
)


class SmsNotificationsView(ContractView):
    """Each SMS that the order has led to so far, with its status."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getSmsNotifications",
        summary="What became of an order's SMS",
        parameters=[
            OpenApiParameter(
                "id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The order's id."
            )
        ],
        responses={
            200: OpenApiResponse(SmsNotificationSummaryExt, "All SMS generated so far."),
            400: OpenApiResponse(ValidationProblemDetails, "The id is no GUID."),
            401: OpenApiResponse(None, "No valid token."),
            403: OpenApiResponse(None, "The token lacks the scope or names no service owner."),
            404: OpenApiResponse(None, "The caller has no such order."),
        },
        examples=[_EXAMPLE],
        tags=["notifications"],
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the contract's name
        order_id = guid(id, parameter="id")
        summary = sms_of_order(creator=self.creator(), order_id=order_id)
        if summary is None:
            raise NotFound
        return Response(presentation.sms_summary(summary))

"""Reading how far an order and its notifications have come, and cancelling it."""

from typing import Any, ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api.v1 import examples, presentation
from notifications.api.v1.serializers import (
    EmailNotificationSummaryExt,
    NotificationOrderWithStatusExt,
    SmsNotificationSummaryExt,
)
from notifications.control.cancel import cancel
from notifications.models import NotificationChannel
from notifications.reading import order_status, summaries
from notifications.reading.summaries import Part, Wanted
from orders.api.base import ContractView
from orders.api.parsing import paging
from orders.api.parsing.guids import guid
from orders.api.problems import ProblemDetails
from orders.api.v1.reading import NOT_READ, ORDER_ID
from orders.models import Creator
from runtime import clock
from runtime.json_stream import answer


class SummaryView(ContractView):
    """Each notification of one channel that the order has led to so far, with its status."""

    http_method_names = ["get"]
    channel: ClassVar[NotificationChannel]

    def get(self, request: Request, id: str) -> HttpResponseBase:  # noqa: A002 - the contract's name
        order_id = guid(id, parameter="id")
        status, page = paging.wanted_status(request, list(Wanted)), paging.page(request)
        part = Part(Wanted(status) if status else None, page.after, page.limit)
        found = summaries.of_order(
            creator=self.creator(), order_id=order_id, channel=self.channel, part=part
        )
        if found is None:
            raise NotFound
        return answer(presentation.summary(found, self.channel))


def _described(shape: object, example: OpenApiExample, **kwargs: Any) -> Any:
    return extend_schema(
        parameters=[ORDER_ID, *paging.described(list(Wanted), what="notifications")],
        responses={200: OpenApiResponse(shape, "All generated so far."), **NOT_READ},
        examples=[example],
        tags=["Deprecated"],
        deprecated=True,
        **kwargs,
    )


@extend_schema_view(
    get=_described(
        SmsNotificationSummaryExt,
        examples.SMS_NOT_SENT_YET,
        operation_id="getSmsNotifications",
        summary="What became of an order's SMS",
        description="Each SMS that the order has led to so far, with its status.",
    )
)
class SmsNotificationsView(SummaryView):
    channel = NotificationChannel.SMS


@extend_schema_view(
    get=_described(
        EmailNotificationSummaryExt,
        examples.EMAIL_NOT_SENT_YET,
        operation_id="getEmailNotifications",
        summary="What became of an order's e-mails",
        description="Each e-mail that the order has led to so far, with its status.",
    )
)
class EmailNotificationsView(SummaryView):
    channel = NotificationChannel.EMAIL


class OrderStatusView(ContractView):
    """How far the order has come, and how many notifications it has led to."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getOrderStatus",
        summary="How far an order has come",
        description="The order's status, and how many notifications it has led to on each channel.",
        parameters=[ORDER_ID],
        responses={
            200: OpenApiResponse(NotificationOrderWithStatusExt, "The order with its status."),
            **NOT_READ,
        },
        examples=[examples.COMPLETED],
        tags=["Deprecated"],
        deprecated=True,
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the contract's name
        order_id = guid(id, parameter="id")
        return _status(creator=self.creator(), order_id=order_id)


class CancelView(ContractView):
    """Cancels an order until five minutes before its requested send time."""

    http_method_names = ["put"]

    @extend_schema(
        operation_id="cancelOrder",
        summary="Cancel an order",
        description="Cancels an order until five minutes before its requested send time.",
        request=None,
        parameters=[ORDER_ID],
        responses={
            200: OpenApiResponse(
                NotificationOrderWithStatusExt, "The order is cancelled, now or since earlier."
            ),
            **NOT_READ,
            404: OpenApiResponse(ProblemDetails, "The caller has no such order."),
            409: OpenApiResponse(
                ProblemDetails, "The send time is too near, or the order is past being registered."
            ),
        },
        examples=[examples.CANCELLED],
        tags=["Deprecated"],
        deprecated=True,
    )
    def put(self, request: Request, id: str) -> Response:  # noqa: A002 - the contract's name
        order_id = guid(id, parameter="id")
        creator = self.creator()
        cancel(creator=creator, order_id=order_id, now=clock.now())
        return _status(creator=creator, order_id=order_id)


def _status(*, creator: Creator, order_id: UUID) -> Response:
    progress = order_status.of_order(creator=creator, order_id=order_id)
    if progress is None:
        raise NotFound
    return Response(presentation.order_status(progress))

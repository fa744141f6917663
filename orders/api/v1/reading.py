"""Reading orders: `GET /orders/{id}`, and `GET /orders` for those with a sender's reference."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from orders import queries
from orders.api.base import ContractView
from orders.api.parsing import paging
from orders.api.parsing.guids import guid
from orders.api.parsing.paging import Page, wanted_status
from orders.api.parsing.query import parameter
from orders.api.problems import AltinnProblemDetails, ProblemDetails, ValidationProblemDetails
from orders.api.v1 import examples, presentation
from orders.api.v1.serializers.documents import NotificationOrderExt, NotificationOrderListExt
from orders.models import OrderStatus

ORDER_ID = OpenApiParameter(
    "id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The order's id."
)
REFUSED = {
    401: OpenApiResponse(None, "No valid token."),
    403: OpenApiResponse(None, "The token lacks the scope or names no service owner."),
    429: OpenApiResponse(ProblemDetails, "Too many requests of the caller in this minute."),
    503: OpenApiResponse(AltinnProblemDetails, "The issuer of tokens does not answer."),
}
NOT_READ = {
    400: OpenApiResponse(ValidationProblemDetails, "The id is no GUID."),
    **REFUSED,
    404: OpenApiResponse(None, "The caller has no such order."),
}


class OrderView(ContractView):
    """One order as it was placed."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getOrder",
        summary="Read an order",
        description="One order of the caller as it was placed.",
        parameters=[ORDER_ID],
        responses={200: OpenApiResponse(NotificationOrderExt, "The order."), **NOT_READ},
        examples=[examples.ORDER],
        tags=["Deprecated"],
        deprecated=True,
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the contract's name
        orders = queries.with_id(guid(id, parameter="id"), creator=self.creator())
        for document in presentation.order_documents(orders):
            return Response(document)
        raise NotFound


class FindOrdersView(ContractView):
    """All orders of the caller that carry a reference."""

    @extend_schema(
        operation_id="findOrders",
        summary="Find orders by the sender's reference",
        description="All orders of the caller with that reference, the oldest first.",
        parameters=[
            OpenApiParameter(
                "sendersReference",
                OpenApiTypes.STR,
                required=True,
                description="The whole reference; letter case counts.",
            ),
            *paging.described(OrderStatus.values, what="orders"),
        ],
        responses={
            200: OpenApiResponse(NotificationOrderListExt, "The orders, the oldest first."),
            400: OpenApiResponse(
                ValidationProblemDetails, "No reference, or a parameter that is not valid."
            ),
            **REFUSED,
        },
        examples=[examples.ORDER_LIST],
        tags=["Deprecated"],
        deprecated=True,
    )
    def get(self, request: Request) -> Response:
        reference = _wanted_reference(request)
        status, page = wanted_status(request, OrderStatus.values), paging.page(request)
        orders = queries.with_reference(reference, creator=self.creator())
        if status or page != Page():
            orders = queries.part_of(orders, status=status, after=page.after, limit=page.limit)
        return Response(presentation.order_list(orders))


def _wanted_reference(request: Request) -> str:
    reference = parameter(request, "sendersReference")
    if reference is None:
        message = "A value for the 'sendersReference' parameter or property was not provided."
    elif not reference.strip():
        message = "The sendersReference field is required."
    elif "\0" in reference:
        message = "Null characters are not allowed."
    else:
        return reference
    raise ValidationError({"sendersReference": [message]})

"""`GET /future/shipment/{id}`: how a shipment stands, and each of its notifications."""

from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from notifications.api.future import examples, presentation
from notifications.api.future.serializers import NotificationDeliveryManifestExt
from notifications.reading import shipments
from orders.api.base import ContractView
from orders.api.parsing.guids import guid
from orders.api.problems import AltinnProblemDetails
from orders.api.v1.reading import REFUSED
from runtime.json_stream import answer_as_made


class ShipmentView(ContractView):
    """How far the shipment has come, and how each notification stands that it has led to so far.

    Every order is a shipment, however it was placed. An answer of many notifications is sent while
    it is read.
    """

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getShipment",
        summary="What became of a shipment",
        description=(
            "How far the shipment has come, and how each notification stands that it has led to so"
            " far. Every order is a shipment, however it was placed."
        ),
        parameters=[
            OpenApiParameter(
                "id",
                OpenApiTypes.UUID,
                OpenApiParameter.PATH,
                description="The shipment's id, or that of an order placed otherwise.",
            )
        ],
        responses={
            200: OpenApiResponse(NotificationDeliveryManifestExt, "The shipment as it stands."),
            **REFUSED,
            404: OpenApiResponse(
                AltinnProblemDetails,
                "The caller has no such shipment (`NOT-00003`). Without content: the id is no"
                " GUID.",
            ),
        },
        examples=[examples.SHIPMENT],
        tags=["Status"],
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:  # noqa: A002 - the contract's name
        shipment_id = _guid(id)
        found = shipments.with_id(shipment_id, creator=self.creator())
        pages = shipments.deliveries(shipment_id)
        return answer_as_made(presentation.shipment(found, pages))


def _guid(text: str) -> UUID:
    """Here, what is no GUID is no address: raises NotFound."""
    try:
        return guid(text, parameter="id")
    except ValidationError:
        raise NotFound from None

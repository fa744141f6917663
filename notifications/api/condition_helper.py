"""A condition endpoint that answers as it is told, for those who try send conditions out."""

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from notifications.api.v1.serializers import SendConditionExt
from orders.api.base import ContractView
from orders.api.parsing.guids import not_valid
from orders.api.parsing.query import parameter
from orders.api.problems import ValidationProblemDetails

_ANSWERS = {"true": True, "false": False}


class SendConditionView(ContractView):
    """Open to anybody; an installation that has not turned it on does not have this address."""

    http_method_names = ["get"]
    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        if not settings.SEND_CONDITION_TEST_ENDPOINT:
            raise NotFound
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="answerSendCondition",
        summary="A condition endpoint for tests",
        description=(
            "Answers as it is told, for those who try send conditions out. Not every installation"
            " has it."
        ),
        parameters=[
            OpenApiParameter(
                "conditionMet", OpenApiTypes.BOOL, description="What to answer. Default: false."
            )
        ],
        responses={
            200: OpenApiResponse(SendConditionExt, "The wanted answer."),
            400: OpenApiResponse(ValidationProblemDetails, "The parameter is no boolean."),
            404: OpenApiResponse(None, "It is not turned on here."),
        },
        tags=["tests"],
    )
    def get(self, request: Request) -> Response:
        wanted = parameter(request, "conditionMet")
        if wanted is None:
            wanted = "false"
        if wanted.lower() not in _ANSWERS:
            raise not_valid(wanted, parameter="conditionMet")
        return Response({"sendNotification": _ANSWERS[wanted.lower()]})

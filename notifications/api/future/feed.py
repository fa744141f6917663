"""`GET /future/shipment/feed`: the shipments of the caller that ended, by their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from notifications.api.future import examples, presentation
from notifications.api.future.serializers import StatusFeedExt
from notifications.reading import status_feed
from notifications.reading.status_feed import MAX_PAGE, Direction
from orders.api.base import ContractView
from orders.api.parsing.query import parameter, whole_number
from orders.api.problems import ValidationProblemDetails
from orders.api.v1.reading import REFUSED
from runtime.json_stream import answer

# Names and numbers of the contract's enumeration (`OrderByDirection`).
_DIRECTIONS: Mapping[str | int, Direction] = {
    "asc": Direction.ASCENDING,
    0: Direction.ASCENDING,
    "desc": Direction.DESCENDING,
    1: Direction.DESCENDING,
}


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """What of the feed is wanted."""

    behind: int
    limit: int
    direction: Direction


class StatusFeedView(ContractView):
    """Shipments that ended, each when it ended, and once more for each time it was resent or a late
    report told of another outcome.

    Keep the last `sequenceNumber` and ask for what comes behind it: nothing is skipped, and nothing
    comes twice. Where entries are large, a page is shorter than `pageSize`.
    """

    http_method_names = ["get"]

    @extend_schema(
        operation_id="getStatusFeed",
        summary="Shipments that have ended",
        description=(
            "Each shipment of the caller when it ended, and once more for each later change of its"
            " outcome. Keep the last `sequenceNumber` and ask for what comes behind it: nothing is"
            " skipped, and nothing comes twice. Where entries are large, a page is shorter than"
            " `pageSize`."
        ),
        parameters=[
            OpenApiParameter(
                "seq",
                {"type": "integer", "format": "int64", "minimum": 0, "default": 0},
                description="The number behind which the page begins.",
            ),
            OpenApiParameter(
                "pageSize",
                OpenApiTypes.INT32,
                description=f"How many entries at most: 1 to {MAX_PAGE}, which is the default.",
            ),
            OpenApiParameter(
                "orderBy",
                OpenApiTypes.STR,
                description=(
                    "`Asc` (default): with higher numbers than `seq`, the lowest first. `Desc`:"
                    " with lower ones, the highest first, from the newest where `seq` is 0."
                ),
            ),
        ],
        responses={
            200: OpenApiResponse(StatusFeedExt(many=True), "The entries, none if there are none."),
            400: OpenApiResponse(ValidationProblemDetails, "A parameter is not valid."),
            **REFUSED,
        },
        examples=[examples.FEED],
        tags=["Status"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        wanted = _read(request)
        entries = status_feed.page(
            creator=self.creator(),
            behind=wanted.behind,
            limit=wanted.limit,
            direction=wanted.direction,
        )
        return answer(presentation.feed_page(entries))


def _read(request: Request) -> FeedQuery:
    """Raises ValidationError with all that is wrong; a number out of range is told where nothing
    else is."""
    errors: dict[str, list[str]] = {}
    seq = _number(parameter(request, "seq"), "Seq", bits=64, errors=errors, may_be_blank=False)
    size = _number(
        parameter(request, "pageSize"), "PageSize", bits=32, errors=errors, may_be_blank=True
    )
    direction = _direction(parameter(request, "orderBy"), errors)
    if not errors and seq is not None and seq < 0:
        errors["Seq"] = ["The field Seq must be between 0 and 9.223372036854776E+18."]
    if errors:
        raise ValidationError(errors)
    limit = MAX_PAGE if size is None else min(max(size, 1), MAX_PAGE)
    return FeedQuery(seq or 0, limit, direction)


def _number(
    text: str | None, name: str, *, bits: int, errors: dict[str, list[str]], may_be_blank: bool
) -> int | None:
    if text is None or (may_be_blank and not text.strip()):
        return None
    if not text.strip():
        errors[name] = [_INVALID.format(text)]
        return None
    number = whole_number(text, bits=bits)
    if number is None:
        errors[name] = [_NOT_VALID_FOR.format(text, name)]
    return number


def _direction(text: str | None, errors: dict[str, list[str]]) -> Direction:
    if text is None:
        return Direction.ASCENDING
    written = text.strip()
    number = whole_number(written, bits=32)
    direction = _DIRECTIONS.get(written.lower() if number is None else number)
    if direction is None:
        is_word = bool(written) and number is None
        errors["OrderBy"] = [
            _NOT_VALID_FOR.format(text, "OrderBy") if is_word else _INVALID.format(text)
        ]
        return Direction.ASCENDING
    return direction


_INVALID = "The value '{}' is invalid."
_NOT_VALID_FOR = "The value '{}' is not valid for {}."

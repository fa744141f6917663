"""What the description of the API says alike of every way to place an order."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers, status

from orders.api.dry_run import MEDIA_TYPE, DryRunExt
from orders.api.problems import ProblemDetails, ValidationProblemDetails

REFUSED = {
    400: OpenApiResponse(ValidationProblemDetails, "The request is not valid."),
    401: OpenApiResponse(None, "No valid token."),
    403: OpenApiResponse(None, "The token lacks the scope or names no service owner."),
    413: OpenApiResponse(ProblemDetails, "The body is too large."),
    415: OpenApiResponse(
        ProblemDetails,
        "The body is not application/json. The answer is empty if another type was given.",
    ),
    429: OpenApiResponse(
        ProblemDetails, "Too many requests, or recipients, of the caller in this minute."
    ),
}
"""By status, the answers to requests that are not taken."""
PREFERENCES = [
    OpenApiParameter(
        "Prefer",
        {"type": "string"},
        OpenApiParameter.HEADER,
        description=(
            "`handling=strict` refuses what is valid and hardly ever meant: unknown members and"
            " keywords, wrong control digits, HTML in an SMS, and a sender of SMS that phones would"
            " show shortened. `dry-run` answers what would become of the request: nothing is"
            " stored, nothing is sent, and no idempotency id is used."
        ),
    ),
    OpenApiParameter(
        "Preference-Applied",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="Which of the preferences the answer honours.",
        response=True,
    ),
]
"""After https://www.rfc-editor.org/rfc/rfc7240."""
TRIED = {
    (200, MEDIA_TYPE): OpenApiResponse(DryRunExt, "Under `Prefer: dry-run`: what it would lead to.")
}
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description="Seconds until it is worth another try.",
    response=[status.HTTP_429_TOO_MANY_REQUESTS, status.HTTP_503_SERVICE_UNAVAILABLE],
)
RATE_LIMITS = [
    OpenApiParameter(
        name,
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description=description,
        response=True,
    )
    for name, description in (
        ("RateLimit-Policy", "How many requests and recipients you may ask for in a minute."),
        ("RateLimit", "How many of them are left, and for how many seconds."),
    )
]
"""After https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/."""


@extend_schema_field(OpenApiTypes.INT64)
class Int64Field(serializers.IntegerField):
    """A number that 32 bits may not hold: clients must make room for it."""


def location(description: str, *, answer: int) -> OpenApiParameter:
    """The header of the answer with that status."""
    return OpenApiParameter(
        "Location",
        OpenApiTypes.URI,
        OpenApiParameter.HEADER,
        description=description,
        response=[answer],
    )

"""The API description: how callers authenticate, what texts hold, and where it is served."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api.description import as_3_0


class AltinnTokensScheme(OpenApiAuthenticationExtension):
    """Either of the two tokens will do."""

    target_class = "config.api.authentication.AltinnTokens"
    name = ["AltinnToken", "PlatformAccessToken"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, object]]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": (
                    "An Altinn token with the scope `altinn:serviceowner/notifications.create`; for"
                    " e-mails with attachments"
                    " `altinn:serviceowner/notifications.composedemail.create`, for webhooks"
                    " `altinn:serviceowner/notifications.events`."
                ),
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "PlatformAccessToken",
                "description": "For Altinn apps and internal Altinn systems.",
            },
        ]

    def get_security_requirement(self, auto_schema: object) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]


class TextBounds(OpenApiSerializerFieldExtension):
    """How long a text may be: the limit is in bytes, and a character has one at least."""

    target_class = "orders.api.parsing.fields.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, object]:
        most = self.target.max_bytes or settings.MAX_TEXT_BYTES
        says_something = {} if self.target.allow_blank else {"minLength": 1}
        return {"type": "string", "maxLength": most} | says_something


class IdentityNumber(OpenApiSerializerFieldExtension):
    """A number of so many digits. Empty counts as absent."""

    target_class = "orders.api.v1.serializers.recipients.Digits"
    priority = 1  # before that of all texts

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, object]:
        return {"type": "string", "pattern": f"^([0-9]{{{self.target.count}}})?$"}


class RecipientBounds(OpenApiSerializerFieldExtension):
    """How many recipients an order has."""

    target_class = "orders.api.v1.serializers.recipients.RecipientList"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, object]:
        described = auto_schema._map_serializer_field(
            self.target, direction, bypass_extensions=True
        )
        return {**described, "minItems": 1, "maxItems": settings.MAX_RECIPIENTS}


class DescriptionView(APIView):
    """Made once in each process: nothing of it depends on who asks."""

    content_negotiation_class = DefaultContentNegotiation
    renderer_classes = [OpenApiJsonRenderer]
    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None
    older = False

    def get(self, request: Request) -> Response:
        return Response(_description(older=self.older))


@lru_cache
def _description(*, older: bool) -> Mapping[str, object]:
    if older:
        return as_3_0(_description(older=False))
    made: Mapping[str, object] = SchemaGenerator().get_schema(request=None, public=True)
    return made


class SwaggerPage(TemplateHTMLRenderer):
    """Refusals have no content, for which there is no template."""

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> Any:
        return b"" if data is None else super().render(data, accepted_media_type, renderer_context)


class SwaggerView(SpectacularSwaggerSplitView):
    content_negotiation_class = DefaultContentNegotiation
    renderer_classes = [SwaggerPage]
    http_method_names = ["get", "head"]  # there is no template for an answer to OPTIONS

"""The API description: how callers authenticate, and where it is served."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework.negotiation import DefaultContentNegotiation


class AltinnTokensScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Either of the two tokens will do."""

    target_class = "config.api.authentication.AltinnTokens"
    name = ["AltinnToken", "PlatformAccessToken"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": (
                    "An Altinn token with the scope `altinn:serviceowner/notifications.create`."
                ),
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "PlatformAccessToken",
                "description": "For Altinn apps and internal Altinn systems.",
            },
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]


class DescriptionView(SpectacularJSONAPIView):
    content_negotiation_class = DefaultContentNegotiation


class SwaggerView(SpectacularSwaggerView):
    content_negotiation_class = DefaultContentNegotiation

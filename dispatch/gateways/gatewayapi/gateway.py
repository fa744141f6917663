"""An account at GatewayAPI: SMS by its REST API, and signed reports."""

from collections.abc import Mapping

from django.conf import settings

from dispatch.gateways.gateway import Gateway, View
from dispatch.gateways.gatewayapi.reports import StatusNotifications
from dispatch.gateways.gatewayapi.transport import GatewayApi
from dispatch.gateways.option import Kind, Option
from notifications.models import NotificationChannel
from runtime.findings import Finding
from runtime.web.reaching import reached

MAX_CONNECTIONS = 40
"""It refuses more of one address: "Connection limit", https://gatewayapi.com/docs/apis/rest/."""


class GatewayApiGateway(Gateway):
    """`url` is that of messages, such as https://gatewayapi.eu/rest/mtsms; `reports_secret` what is
    set as the authentication token of the webhook that its account reports to."""

    channel = NotificationChannel.SMS
    options = {
        "url": Option(Kind.ADDRESS, is_needed=True),
        "token": Option(Kind.GIVEN_SECRET, is_needed=True),
        "reports_secret": Option(Kind.OWN_SECRET, is_needed=True),
        "reports_fallbacks": Option(Kind.OWN_SECRETS),
        "in_flight": Option(Kind.NUMBER),
    }

    def transport(self) -> GatewayApi:
        return GatewayApi(
            url=self.option("url"),
            token=self.option("token"),
            default_sender=settings.DEFAULT_SMS_SENDER,
            numbers_by_country=settings.SMS_SENDER_BY_COUNTRY,
            max_in_flight=self.number("in_flight", min(MAX_CONNECTIONS, settings.SMS_IN_FLIGHT)),
        )

    def reports(self) -> Mapping[str, View]:
        return {"reports": StatusNotifications.as_view(gateway=self.name)}

    def examine(self) -> list[Finding]:
        """Only a message would show whether its token is right, and none is sent."""
        name = self.finding_name("SMS gateway")
        return [reached(name, self.option("url"), setting=self.setting("url"))]

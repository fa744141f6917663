"""An account at Link Mobility: SMS by its XML, and reports that come with a password."""

from collections.abc import Mapping

from django.conf import settings

from dispatch.gateways.gateway import Gateway, View
from dispatch.gateways.link_mobility.reports import SmsReports
from dispatch.gateways.link_mobility.transport import LinkMobility
from dispatch.gateways.option import Kind, Option
from notifications.models import NotificationChannel
from runtime.findings import Finding
from runtime.web.reaching import reached


class LinkMobilityGateway(Gateway):
    channel = NotificationChannel.SMS
    options = {
        "url": Option(Kind.ADDRESS, is_needed=True),
        "client": Option(Kind.TEXT, is_needed=True),
        "password": Option(Kind.GIVEN_SECRET, is_needed=True),
        "reports_user": Option(Kind.USER_NAME, is_needed=True),
        "reports_password": Option(Kind.OWN_SECRET, is_needed=True),
        "reports_fallbacks": Option(Kind.OWN_SECRETS),
        "in_flight": Option(Kind.NUMBER),
    }

    def transport(self) -> LinkMobility:
        return LinkMobility(
            url=self.option("url"),
            client=self.option("client"),
            password=self.option("password"),
            default_sender=settings.DEFAULT_SMS_SENDER,
            numbers_by_country=settings.SMS_SENDER_BY_COUNTRY,
            max_in_flight=self.number("in_flight", settings.SMS_IN_FLIGHT),
        )

    def reports(self) -> Mapping[str, View]:
        return {"reports": SmsReports.as_view(gateway=self.name)}

    def examine(self) -> list[Finding]:
        """Only a message would show whether its log-in is right, and none is sent."""
        name = self.finding_name("SMS gateway")
        return [reached(name, self.option("url"), setting=self.setting("url"))]

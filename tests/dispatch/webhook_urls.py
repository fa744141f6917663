"""The webhooks alone, where Mailgun sends e-mail events."""

from django.urls import include, path

from dispatch.gateways.email.gateway import DjangoMail
from dispatch.gateways.gateway import Gateway
from dispatch.gateways.link_mobility.gateway import LinkMobilityGateway
from dispatch.urls import report_urls


def gateways_with(provider: str) -> list[Gateway]:
    """As the settings for one provider make them; `provider` sends e-mail events."""
    return [
        LinkMobilityGateway("link-mobility", {}, folder=""),
        DjangoMail("mail", {"reports_from": provider}, folder=""),
    ]


urlpatterns = [path("notifications/", include(report_urls(gateways_with("mailgun"))))]

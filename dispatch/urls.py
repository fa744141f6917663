"""Where gateways and providers report to; the paths hang under /notifications/."""

from collections.abc import Iterable

from django.urls import URLPattern, path

from dispatch.gateways.configured import all_gateways
from dispatch.gateways.gateway import Gateway


def report_urls(gateways: Iterable[Gateway]) -> list[URLPattern]:
    """Each gateway's reports, in its folder of its channel."""
    return [
        path(f"{gateway.channel.value.lower()}/api/v1/{gateway.folder}{below}", view)
        for gateway in gateways
        for below, view in gateway.reports().items()
    ]


urlpatterns = report_urls(all_gateways())

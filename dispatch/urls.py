"""Where gateways and providers report to; the paths hang under /notifications/."""

from django.conf import settings
from django.urls import URLPattern, path

from dispatch.gateways.email.event_providers import PROVIDERS
from dispatch.gateways.email.reports import tracking_view
from dispatch.gateways.link_mobility.reports import SmsReports


def report_urls(provider: str) -> list[URLPattern]:
    """`provider` is the one that sends e-mail events; empty where none does. One that nobody knows
    serves nothing: config.checks refuses it in a sentence."""
    urls = [path("sms/api/v1/reports", SmsReports.as_view())]
    if provider in PROVIDERS:
        view = tracking_view(provider)
        for slash in ("", "/"):  # providers are told either
            urls.append(path(f"email/api/v1/{provider}/tracking{slash}", view))
    return urls


urlpatterns = report_urls(settings.EMAIL_REPORTS_FROM)

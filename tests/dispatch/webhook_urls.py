"""The webhooks alone, where Mailgun sends e-mail events."""

from django.urls import include, path

from dispatch.api.urls import report_urls

urlpatterns = [path("notifications/", include(report_urls("mailgun")))]

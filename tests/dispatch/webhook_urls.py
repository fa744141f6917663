"""The webhooks alone, where Mailgun sends e-mail events."""

from django.urls import include, path

from dispatch.urls import report_urls

urlpatterns = [path("notifications/", include(report_urls("mailgun")))]

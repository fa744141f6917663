"""The addresses of webhooks, below `/notifications/api/v1/`."""

from django.urls import path

from events.api import deliveries, webhooks

_ALL = "events/subscriptions"
_ONE = f"{_ALL}/<str:subscription>"
_DELIVERY = f"{_ONE}/deliveries/<str:delivery>"

urlpatterns = [
    path(_ALL, webhooks.WebhooksView.as_view(), name="webhooks"),
    path(_ONE, webhooks.WebhookView.as_view(), name="webhook"),
    path(f"{_ONE}/secret", webhooks.SecretView.as_view(), name="webhook-secret"),
    path(f"{_ONE}/test", webhooks.TestView.as_view(), name="webhook-test"),
    path(f"{_ONE}/deliveries", deliveries.DeliveriesView.as_view(), name="webhook-deliveries"),
    path(_DELIVERY, deliveries.DeliveryView.as_view(), name="webhook-delivery"),
    path(f"{_DELIVERY}/redeliver", deliveries.RedeliverView.as_view(), name="webhook-redeliver"),
]

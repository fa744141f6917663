"""The addresses of messages and their fates, below `/notifications/api/v1/`."""

from django.urls import path

from notifications.api.v1 import SmsNotificationsView

urlpatterns = [
    path("orders/<str:id>/notifications/sms", SmsNotificationsView.as_view(), name="sms"),
    # The product's page writes the endpoint this way, and calls it the other way.
    path("order/<str:id>/notifications/sms", SmsNotificationsView.as_view(schema=None)),
]

"""The addresses of messages and their fates, below `/notifications/api/v1/`."""

from django.urls import path

from notifications.api.condition_helper import SendConditionView
from notifications.api.v1 import views

_SMS = views.SmsNotificationsView

urlpatterns = [
    path("orders/<str:id>/status", views.OrderStatusView.as_view(), name="order-status"),
    path("orders/<str:id>/cancel", views.CancelView.as_view(), name="cancel"),
    path(
        "orders/<str:id>/notifications/email", views.EmailNotificationsView.as_view(), name="email"
    ),
    path("orders/<str:id>/notifications/sms", _SMS.as_view(), name="sms"),
    # The product's page writes the endpoint this way, and calls it the other way.
    path("order/<str:id>/notifications/sms", _SMS.as_view(schema=None)),
    path("tests/sendcondition", SendConditionView.as_view(), name="send-condition"),
]

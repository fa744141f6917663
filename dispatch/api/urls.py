"""The addresses of instant orders, below `/notifications/api/v1/`."""

from django.urls import path

from dispatch.api.future import instant
from notifications.api.dry_run import answer

urlpatterns = [
    path("future/orders/instant", instant.InstantView.as_view(dry_run=answer), name="instant"),
    path(
        "future/orders/instant/sms",
        instant.InstantSmsView.as_view(dry_run=answer),
        name="instant-sms",
    ),
    path(
        "future/orders/instant/email",
        instant.InstantEmailView.as_view(dry_run=answer),
        name="instant-email",
    ),
]

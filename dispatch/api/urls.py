"""The addresses of instant orders, and of the progress of all, below `/notifications/api/v1/`."""

from django.urls import path

from dispatch.api.future import instant
from dispatch.api.v1.progress import ProgressView
from notifications.api.dry_run import answer

urlpatterns = [
    path("orders/<str:id>/progress", ProgressView.as_view(), name="order-progress"),
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

"""The addresses of orders, below `/notifications/api/v1/`."""

from django.urls import path

from orders.api.future.compose import ComposedEmailOrdersView
from orders.api.future.place import OrderChainsView
from orders.api.v1 import place, reading

urlpatterns = [
    path("future/orders", OrderChainsView.as_view(), name="order-chains"),
    path(
        "future/orders/composed-email",
        ComposedEmailOrdersView.as_view(),
        name="composed-email-orders",
    ),
    path("orders", place.OrdersView.as_view(), name="orders"),
    path("orders/email", place.EmailOrdersView.as_view(), name="email-orders"),
    path("orders/sms", place.SmsOrdersView.as_view(), name="sms-orders"),
    path("orders/<str:id>", reading.OrderView.as_view(), name="order"),
]

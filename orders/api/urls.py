"""The addresses of orders, below `/notifications/api/v1/`."""

from django.urls import path

from orders.api import reading, v1

urlpatterns = [
    path("orders", v1.OrdersView.as_view(), name="orders"),
    path("orders/email", v1.EmailOrdersView.as_view(), name="email-orders"),
    path("orders/sms", v1.SmsOrdersView.as_view(), name="sms-orders"),
    path("orders/<str:id>", reading.OrderView.as_view(), name="order"),
]

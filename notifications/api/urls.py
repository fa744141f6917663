"""The addresses of orders, and of notifications and what became of them, below
`/notifications/api/v1/`. Orders stand here since from here on it is known what becomes of them."""

from django.urls import path

from notifications.api.condition_helper import SendConditionView
from notifications.api.dry_run import answer
from notifications.api.future.feed import StatusFeedView
from notifications.api.future.log import EndUserLogView, LogView
from notifications.api.future.shipment import ShipmentView
from notifications.api.metrics.files import EmailFile, SmsFile
from notifications.api.metrics.page import MonthlyPage
from notifications.api.v1 import views
from orders.api.future.compose import ComposedEmailOrdersView
from orders.api.future.place import OrderChainsView
from orders.api.v1 import place
from orders.api.v1.reading import OrderView

_SMS, _EMAIL = views.SmsNotificationsView, views.EmailNotificationsView

urlpatterns = [
    path("future/orders", OrderChainsView.as_view(dry_run=answer), name="order-chains"),
    path(
        "future/orders/composed-email",
        ComposedEmailOrdersView.as_view(dry_run=answer),
        name="composed-email-orders",
    ),
    path("orders", place.OrdersView.as_view(dry_run=answer), name="orders"),
    path("orders/email", place.EmailOrdersView.as_view(dry_run=answer), name="email-orders"),
    path("orders/sms", place.SmsOrdersView.as_view(dry_run=answer), name="sms-orders"),
    path("orders/<str:id>", OrderView.as_view(), name="order"),
    path("future/enduser/log", EndUserLogView.as_view(), name="end-user-log"),
    path("future/log", LogView.as_view(), name="log"),
    path("future/shipment/feed", StatusFeedView.as_view(), name="feed"),
    path("future/shipment/<str:id>", ShipmentView.as_view(), name="shipment"),
    path("orders/<str:id>/status", views.OrderStatusView.as_view(), name="order-status"),
    path("orders/<str:id>/cancel", views.CancelView.as_view(), name="cancel"),
    path("orders/<str:id>/notifications/email", _EMAIL.as_view(), name="email"),
    path("orders/<str:id>/notifications/sms", _SMS.as_view(), name="sms"),
    # The product's pages write these endpoints this way, and call them the other way.
    path("order/<str:id>", OrderView.as_view(schema=None)),
    path("order/<str:id>/notifications/email", _EMAIL.as_view(schema=None)),
    path("order/<str:id>/notifications/sms", _SMS.as_view(schema=None)),
    path("metrics", MonthlyPage.as_view()),
    path("metrics/sms", SmsFile.as_view()),
    path("metrics/email", EmailFile.as_view()),
    path("tests/sendcondition", SendConditionView.as_view(), name="send-condition"),
]

"""Orders: the list, and the page that tells an order's whole story."""

from django.contrib import admin

from back_office.admin.base import ReadOnlyAdmin
from orders.models import Order


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("id", "creator", "channel", "status", "requested_send_time", "reason")
    list_filter = ("status", "channel")
    list_select_related = ("creator",)

"""Delivery reports as they came, and sends that did not go plainly."""

from django.contrib import admin

from back_office.admin.base import ReadOnlyAdmin
from dispatch.models import Attempt, DeliveryReport


@admin.register(DeliveryReport)
class DeliveryReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "channel", "reference", "status", "state", "received", "reason")
    list_filter = ("state", "channel")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("id", "notification_id", "outcome", "reason", "created")
    list_filter = ("outcome",)

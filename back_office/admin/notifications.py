"""Notifications: the list, and the page of one message."""

from django.contrib import admin

from back_office.admin.base import ReadOnlyAdmin
from notifications.models import Notification, StatusFeedEntry


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("id", "creator", "channel", "status", "status_at", "attempts", "reason")
    list_filter = ("channel", "status")
    list_select_related = ("creator",)


@admin.register(StatusFeedEntry)
class StatusFeedEntryAdmin(ReadOnlyAdmin):
    list_display = ("sequence_number", "creator", "order_id", "round", "status", "created")
    list_select_related = ("creator",)

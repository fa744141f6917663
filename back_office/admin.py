"""What staff can look at; the rows of the pipeline are shown, not edited."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from dispatch.models import Attempt, ChannelPause, DeliveryReport, Tick
from notifications.models import Notification, StatusFeedEntry
from orders.models import Creator, Order


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows a table that only the pipeline writes; cheap on tables of any size."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Creator)
class CreatorAdmin(admin.ModelAdmin[Creator]):
    list_display = ("short_name", "is_active", "created")
    search_fields = ("short_name",)
    readonly_fields = ("short_name", "created")

    def has_delete_permission(self, request: HttpRequest, obj: Creator | None = None) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("id", "creator", "channel", "status", "requested_send_time", "reason")
    list_filter = ("status", "channel")
    list_select_related = ("creator",)
    search_fields = ("id", "senders_reference")


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("id", "creator", "channel", "status", "status_at", "attempts", "reason")
    list_filter = ("channel", "status")
    list_select_related = ("creator",)
    search_fields = ("id", "gateway_reference")


@admin.register(StatusFeedEntry)
class StatusFeedEntryAdmin(ReadOnlyAdmin):
    list_display = ("sequence_number", "creator", "order_id", "round", "status", "created")
    list_select_related = ("creator",)


@admin.register(DeliveryReport)
class DeliveryReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "channel", "reference", "status", "state", "received", "reason")
    list_filter = ("state", "channel")
    search_fields = ("reference",)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("id", "notification_id", "outcome", "reason", "created")
    list_filter = ("outcome",)


@admin.register(ChannelPause)
class ChannelPauseAdmin(ReadOnlyAdmin):
    list_display = ("channel", "cause", "until", "reason", "set_by")


@admin.register(Tick)
class TickAdmin(ReadOnlyAdmin):
    list_display = ("name", "started_at", "ended_at", "result")

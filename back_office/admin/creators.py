"""Service owners and their settings."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from orders.models import Creator


@admin.register(Creator)
class CreatorAdmin(ModelAdmin):  # type: ignore[misc] # unfold is not typed
    list_display = ("short_name", "is_active", "created")
    search_fields = ("short_name",)
    readonly_fields = ("short_name", "created")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Creator | None = None) -> bool:
        return False

"""The periodic jobs: when each last ran, and how often it should."""

from django.contrib import admin

from back_office.admin.base import ReadOnlyAdmin
from dispatch.models import Tick


@admin.register(Tick)
class TickAdmin(ReadOnlyAdmin):
    list_display = ("name", "started_at", "ended_at", "result")

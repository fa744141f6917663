"""Pauses of the channels."""

from django.contrib import admin

from back_office.admin.base import ReadOnlyAdmin
from dispatch.models import ChannelPause


@admin.register(ChannelPause)
class ChannelPauseAdmin(ReadOnlyAdmin):
    list_display = ("channel", "cause", "until", "reason", "set_by")

"""Pauses of the channels."""

from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions.channels.channel import ChannelRow
from back_office.actions.channels.pause_channel import PauseChannel
from back_office.actions.channels.resend_expired import ResendExpired
from back_office.actions.channels.resume_channel import ResumeChannel
from back_office.actions.channels.shift_weights import ShiftWeights
from back_office.actions.pages import ActedOn, ActionsMixin, Button
from back_office.lists import cells
from back_office.lists.cells import Cell
from back_office.lists.listing import Listing
from back_office.pages.channels import gateways
from back_office.pages.channels.causes import CAUSES
from back_office.pages.dashboard import operations_status
from dispatch.models import ChannelPause
from notifications.models import NotificationChannel
from runtime import clock


@admin.register(ChannelPause)
class ChannelPauseAdmin(ActionsMixin[ChannelPause], Listing[ChannelPause]):
    """Its actions are done to a channel, whether or not that is paused."""

    staff_actions = (PauseChannel(), ResumeChannel(), ShiftWeights(), ResendExpired())
    list_before_template = "admin/actions/channels.html"
    list_display = ("on", "shown_cause", "ends", "left", "why", "who", "since")
    list_nothing = gettext_lazy("No channel is paused. Good.")

    def row_of_action(self, request: HttpRequest, object_id: str) -> ActedOn | None:
        return ChannelRow(object_id) if object_id in NotificationChannel.values else None

    def back_url(self, request: HttpRequest, row: ActedOn | None) -> str:
        return super().back_url(request, None)

    def buttons(self, request: HttpRequest, row: ActedOn | None) -> list[Button]:
        return super().buttons(request, row) if isinstance(row, ChannelRow) else []

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        context = {"channels": self._channels(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _channels(self, request: HttpRequest) -> list[dict[str, object]]:
        """What is to be known, and can be done, of each channel."""
        now = clock.now()
        paused = {pause.channel: pause for pause in operations_status.pauses(now=now)}
        return [
            {
                "name": channel.label,
                "pause": paused.get(channel),
                "gateways": gateways.shown(channel, now=now),
                "is_expiring": _is_expiring(paused.get(channel), now=now),
                "buttons": self.buttons(request, ChannelRow(channel.value, channel in paused)),
            }
            for channel in NotificationChannel
        ]

    @cells.column(gettext_lazy("channel"))
    def on(self, row: ChannelPause) -> Cell:
        return cells.channel(row.channel)

    @cells.column(gettext_lazy("cause"), is_label=True)
    def shown_cause(self, row: ChannelPause) -> Cell:
        return CAUSES[ChannelPause.Cause(row.cause)]

    @cells.column(gettext_lazy("until"))
    def ends(self, row: ChannelPause) -> Cell:
        if row.has_no_end(now=clock.now()):
            return _("somebody resumes it")
        return cells.time(row.until)

    @cells.column(gettext_lazy("left"))
    def left(self, row: ChannelPause) -> str:
        return _left(row, now=clock.now())

    @cells.column(gettext_lazy("why"))
    def why(self, row: ChannelPause) -> Cell:
        return cells.sentence(row.reason)

    @cells.column(gettext_lazy("who"))
    def who(self, row: ChannelPause) -> str:
        return row.set_by or _("the system")

    @cells.column(gettext_lazy("since"))
    def since(self, row: ChannelPause) -> Cell:
        return cells.time(row.set_at)


def _is_expiring(pause: operations_status.Pause | None, *, now: datetime) -> bool:
    return pause is not None and pause.first_expiry is not None and pause.first_expiry <= now


def _left(pause: ChannelPause, *, now: datetime) -> str:
    seconds = int((pause.until - now).total_seconds())
    if seconds <= 0:
        is_probing = pause.is_probing(now=now)
        return _("over; one notification tries the gateway") if is_probing else _("over")
    if pause.has_no_end(now=now):
        return ""
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": seconds}
    return timeuntil(pause.until, now)

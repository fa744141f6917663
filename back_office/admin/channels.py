"""Pauses of the channels."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.admin import cells
from back_office.admin.listing import Listing
from back_office.explaining import FORESEEABLE
from dispatch.models import ChannelPause
from dispatch.pauses import PROBED

Cause = ChannelPause.Cause
_CAUSES = {
    Cause.REFUSED: ("danger", gettext_lazy("Refused")),
    Cause.RATE_LIMIT: ("info", gettext_lazy("Too fast for the gateway")),
    Cause.BREAKER: ("warning", gettext_lazy("Errors in a row")),
    Cause.PERSON: ("warning", gettext_lazy("Paused by staff")),
}


@admin.register(ChannelPause)
class ChannelPauseAdmin(Listing):
    list_display = ("on", "shown_cause", "ends", "left", "why", "who", "since")
    list_nothing = gettext_lazy("No channel is paused. Good.")

    @cells.column(gettext_lazy("channel"))
    def on(self, row: ChannelPause) -> Any:
        return cells.channel(row.channel)

    @cells.column(gettext_lazy("cause"), is_label=True)
    def shown_cause(self, row: ChannelPause) -> Any:
        return _CAUSES[Cause(row.cause)]

    @cells.column(gettext_lazy("until"))
    def ends(self, row: ChannelPause) -> Any:
        if row.until - timezone.now() > FORESEEABLE:
            return _("somebody resumes it")
        return cells.time(row.until)

    @cells.column(gettext_lazy("left"))
    def left(self, row: ChannelPause) -> str:
        return _left(row, now=timezone.now())

    @cells.column(gettext_lazy("why"))
    def why(self, row: ChannelPause) -> Any:
        return cells.sentence(row.reason)

    @cells.column(gettext_lazy("who"))
    def who(self, row: ChannelPause) -> str:
        return row.set_by or _("the system")

    @cells.column(gettext_lazy("since"))
    def since(self, row: ChannelPause) -> Any:
        return cells.time(row.set_at)


def _left(pause: ChannelPause, *, now: datetime) -> str:
    seconds = int((pause.until - now).total_seconds())
    if seconds <= 0:
        return _("over; one message tries the gateway") if pause.cause in PROBED else _("over")
    if pause.until - now > FORESEEABLE:
        return ""
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": seconds}
    return timeuntil(pause.until, now)

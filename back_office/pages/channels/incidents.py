"""What pauses of the channels cost, when they are over."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.lists import cells
from back_office.lists.cells import Cell
from back_office.lists.listing import Listing
from back_office.pages.channels.causes import CAUSES
from back_office.wording.counts import number
from dispatch.models import ChannelIncident, ChannelPause
from dispatch.sending.incidents import MAX_COUNTED


@admin.register(ChannelIncident)
class ChannelIncidentAdmin(Listing[ChannelIncident]):
    """The latest first; those that last are among them."""

    list_display = ("on", "shown_cause", "from_", "to", "waiting", "ran_out", "why", "who")
    list_nothing = gettext_lazy("No channel was ever paused. Good.")
    list_explanation = gettext_lazy(
        "Each pause of a channel: how many notifications waited at most, and how many expired."
    )

    @cells.column(gettext_lazy("channel"))
    def on(self, row: ChannelIncident) -> Cell:
        return cells.channel(row.channel)

    @cells.column(gettext_lazy("cause"), is_label=True)
    def shown_cause(self, row: ChannelIncident) -> Cell:
        return CAUSES[ChannelPause.Cause(row.cause)]

    @cells.column(gettext_lazy("from"))
    def from_(self, row: ChannelIncident) -> Cell:
        return cells.time(row.began)

    @cells.column(gettext_lazy("to"))
    def to(self, row: ChannelIncident) -> Cell:
        return cells.time(row.ended) if row.ended else _("still lasts")

    @cells.column(gettext_lazy("waited"))
    def waiting(self, row: ChannelIncident) -> Cell:
        return number(row.waited) + ("+" if row.waited >= MAX_COUNTED else "")

    @cells.column(gettext_lazy("expired"))
    def ran_out(self, row: ChannelIncident) -> Cell:
        return number(row.expired)

    @cells.column(gettext_lazy("why"))
    def why(self, row: ChannelIncident) -> Cell:
        return cells.sentence(row.reason)

    @cells.column(gettext_lazy("who"))
    def who(self, row: ChannelIncident) -> str:
        return row.set_by or _("the system")

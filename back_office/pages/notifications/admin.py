"""Notifications: the list, and the page of one notification; and the feed of finished orders."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from back_office.actions.orders.send_now import SendNow
from back_office.actions.pages import ActedOn, ActionsMixin, AnAction
from back_office.actions.resend.resend import Resend
from back_office.audit import persons
from back_office.lists import cells
from back_office.lists.cells import Cell
from back_office.lists.export.page import ExportMixin
from back_office.lists.filters import ChannelFilter, CreatorFilter, FieldChoice, NumberedInPeriod
from back_office.lists.listing import Beside, Listing
from back_office.lists.paging import Keyset
from back_office.models import StaffAction
from back_office.pages import export_columns
from back_office.pages.masked import PersonalDataAdmin, StoryAdmin
from back_office.pages.notifications import page
from back_office.pages.notifications.filters import (
    ExactStatusFilter,
    GroupFilter,
    HeldFilter,
    NotificationPeriod,
    OrderFilter,
    ResendFilter,
    SentFilter,
    UnfinishedFilter,
    asks_for_failed,
)
from back_office.pages.notifications.page import NotificationPage
from back_office.privacy import personal_data
from back_office.story import explanations
from back_office.story.content import Texts
from back_office.story.explanations import Explanation
from back_office.wording import labels
from dispatch.models import ChannelPause
from notifications.models import Notification, StatusFeedEntry
from orders.models import Order
from runtime import clock


class PolicyFilter(FieldChoice):
    title = _("sending time")
    parameter_name = "policy"


_explained = Beside[Notification, Explanation | None]()


@admin.register(Notification)
class NotificationAdmin(
    ActionsMixin[Notification], StoryAdmin[Notification], ExportMixin[Notification]
):
    staff_actions = (Resend(), SendNow())
    subject = StaffAction.Subject.NOTIFICATION
    list_display = ("created_at", "state", "on", "to", "creator", "why", "attempts", "of_order")
    list_filter = (
        NotificationPeriod,
        GroupFilter,
        ("creator", CreatorFilter),
        ChannelFilter,
        ExactStatusFilter,
        PolicyFilter,
        HeldFilter,
        UnfinishedFilter,
        SentFilter,
        ResendFilter,
        OrderFilter,
    )
    list_select_related = ("creator",)
    list_defer = export_defer = ("subject", "body")
    export_columns = export_columns.NOTIFICATIONS
    list_nothing = _("No such notifications.")

    def texts_of(self, request: HttpRequest, action: AnAction, row: ActedOn) -> Texts | None:
        """Of one that is sent again: masked, as on its own page."""
        if not (isinstance(action, Resend) and isinstance(row, Notification)):
            return None
        again = Notification.objects.select_related("order", "creator").get(pk=row.pk)
        self.note(request, again, persons.named_by([again]))
        personal_data.mask(again)
        return Texts.of_notification(again)

    def story(self, row: Notification, *, unmasked: bool, now: datetime) -> NotificationPage:
        return page.read(row, unmasked=unmasked, now=now)

    def keyset(self, request: HttpRequest) -> Keyset:
        return Keyset(("finished_at", "id")) if asks_for_failed(request) else Keyset()

    def complete(self, rows: Sequence[Notification]) -> None:
        """Each notification's explanation, from its order, the pauses and its resends."""
        now = clock.now()
        pauses = personal_data.masked(ChannelPause.objects.in_force(now=now))
        columns = ("id", "status", "held_at", "stopped_at")
        orders = Order.objects.only(*columns).in_bulk({row.order_id for row in rows})
        resends = Notification.objects.filter(resend_of__in=[row.pk for row in rows])
        resent = set(resends.values_list("resend_of", flat=True))
        for row in rows:
            explanation = explanations.of_notification(
                row,
                order=orders[row.order_id],
                pauses=pauses,
                was_resent=row.pk in resent,
                now=now,
            )
            _explained.put(row, explanation)

    @cells.column(_("created"))
    def created_at(self, row: Notification) -> Cell:
        return cells.time(row.created)

    @cells.column(_("channel"))
    def on(self, row: Notification) -> Cell:
        return cells.channel(row.channel)

    @cells.column(_("to"))
    def to(self, row: Notification) -> Cell:
        return cells.unbroken(row.address)

    @cells.column(_("status"), is_label=True)
    def state(self, row: Notification) -> Cell:
        return cells.coloured(labels.of_notification(row))

    @cells.column(_("why"))
    def why(self, row: Notification) -> Cell:
        explanation = _explained.of(row)
        if explanation is None:
            return ""
        return cells.sentence(explanation.why, then=explanation.what_next)

    @cells.column(_("order"))
    def of_order(self, row: Notification) -> Cell:
        return cells.order_link(row.order_id)


class FeedPeriod(NumberedInPeriod):
    """When the order reached its end."""


@admin.register(StatusFeedEntry)
class StatusFeedEntryAdmin(PersonalDataAdmin[StatusFeedEntry], Listing[StatusFeedEntry]):
    subject = StaffAction.Subject.ORDER
    list_display = ("sequence_number", "at", "state", "creator", "of_order", "round")
    list_filter = (FeedPeriod, ("creator", CreatorFilter))
    list_select_related = ("creator",)
    list_defer = ("recipients",)
    list_nothing = _("No orders came to their end.")
    list_explanation = _("What service owners are told of orders that reached their end.")

    def subject_id(self, row: StatusFeedEntry) -> object:
        return row.order_id

    def keyset(self, request: HttpRequest) -> Keyset:
        return Keyset(("sequence_number",))

    @cells.column(_("at"))
    def at(self, row: StatusFeedEntry) -> Cell:
        return cells.time(row.created)

    @cells.column(_("status"), is_label=True)
    def state(self, row: StatusFeedEntry) -> Cell:
        return cells.order_status(row.status)

    @cells.column(_("order"))
    def of_order(self, row: StatusFeedEntry) -> Cell:
        return cells.order_link(row.order_id)

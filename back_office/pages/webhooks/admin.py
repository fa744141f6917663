"""Webhooks, how each is, and each event that was posted to one."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from back_office.actions.pages import ActionsMixin
from back_office.actions.webhooks.pause_webhook import PauseWebhook, ResumeWebhook
from back_office.actions.webhooks.redeliver import Redeliver
from back_office.lists import cells
from back_office.lists.cells import Cell
from back_office.lists.filters import CreatorFilter, FieldChoice
from back_office.lists.listing import Listing
from back_office.lists.paging import Keyset
from events.models import Delivery, Subscription

_STATES = {
    Subscription.State.ACTIVE: "success",
    Subscription.State.PAUSED: "warning",
    Subscription.State.ENDED: "danger",
    Subscription.State.DELETED: "",
}
_DELIVERY_STATES = {
    Delivery.State.WAITING: "info",
    Delivery.State.DELIVERED: "success",
    Delivery.State.FAILED: "danger",
}


class StateFilter(FieldChoice):
    title = gettext_lazy("state")
    parameter_name = "state"


@admin.register(Subscription)
class SubscriptionAdmin(ActionsMixin[Subscription], Listing[Subscription]):
    """Its secrets are on no page: nobody but the receiver needs them."""

    staff_actions = (PauseWebhook(), ResumeWebhook())
    change_form_outer_before_template = "admin/actions/above.html"
    list_display = ("made", "shown_state", "of", "to", "failing", "why", "posted")
    list_filter = (StateFilter, ("creator", CreatorFilter))
    list_select_related = ("creator",)
    list_nothing = gettext_lazy("No service owner has a webhook.")
    fields = (
        "creator",
        "endpoint",
        "event_types",
        "state",
        "state_at",
        "reason",
        "cursor",
        "failed_rounds",
        "failing_since",
        "rests_until",
        "succeeded_at",
        "created",
    )

    @cells.column(gettext_lazy("made"))
    def made(self, row: Subscription) -> Cell:
        return cells.time(row.created)

    @cells.column(gettext_lazy("state"), is_label=True)
    def shown_state(self, row: Subscription) -> Cell:
        if row.is_active and row.failing_since:
            return "warning", _("Failing")
        state = Subscription.State(row.state)
        return _STATES[state], state.label

    @cells.column(gettext_lazy("service owner"))
    def of(self, row: Subscription) -> str:
        return row.creator.short_name

    @cells.column(gettext_lazy("endpoint"))
    def to(self, row: Subscription) -> str:
        return row.endpoint

    @cells.column(gettext_lazy("failing since"))
    def failing(self, row: Subscription) -> Cell:
        return cells.time(row.failing_since)

    @cells.column(gettext_lazy("why"))
    def why(self, row: Subscription) -> Cell:
        return cells.sentence(row.reason)

    @cells.column(gettext_lazy("posted"))
    def posted(self, row: Subscription) -> str:
        address = reverse("admin:events_delivery_changelist")
        return format_html('<a href="{}?subscription={}">{}</a>', address, row.pk, _("Deliveries"))


class SubscriptionFilter(FieldChoice):
    """Of one webhook: its page and its row in the list lead here."""

    title = gettext_lazy("webhook")
    parameter_name = "subscription"


@admin.register(Delivery)
class DeliveryAdmin(ActionsMixin[Delivery], Listing[Delivery]):
    staff_actions = (Redeliver(),)
    change_form_outer_before_template = "admin/actions/above.html"
    list_display = ("made", "shown_state", "of", "what", "shipment", "tried", "says")
    list_filter = (StateFilter,)
    list_select_related = ("subscription__creator",)
    fields = (
        "subscription",
        "event",
        "sequence_number",
        "shipment_id",
        "senders_reference",
        "occurred_at",
        "state",
        "next_attempt_at",
        "failed_tries",
        "tries",
        "created",
        "ended_at",
    )

    def keyset(self, request: HttpRequest) -> Keyset:
        return Keyset(("id",))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).select_related("subscription__creator")

    @cells.column(gettext_lazy("made"))
    def made(self, row: Delivery) -> Cell:
        return cells.time(row.created)

    @cells.column(gettext_lazy("state"), is_label=True)
    def shown_state(self, row: Delivery) -> Cell:
        state = Delivery.State(row.state)
        return _DELIVERY_STATES[state], state.label

    @cells.column(gettext_lazy("service owner"))
    def of(self, row: Delivery) -> str:
        return row.subscription.creator.short_name

    @cells.column(gettext_lazy("event"))
    def what(self, row: Delivery) -> str:
        return row.get_event_display()

    @cells.column(gettext_lazy("order"))
    def shipment(self, row: Delivery) -> Cell:
        return cells.order_link(row.shipment_id) if row.shipment_id else ""

    @cells.column(gettext_lazy("tries"))
    def tried(self, row: Delivery) -> str:
        return str(len(row.tries))

    @cells.column(gettext_lazy("last try"))
    def says(self, row: Delivery) -> Cell:
        last = row.last_try
        if last is None:
            return ""
        return cells.sentence(last["reason"]) if last["reason"] else str(last["status"])

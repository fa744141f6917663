"""Delivery reports as received, and failed attempts to send."""

from typing import TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from back_office.actions.pages import ActionsMixin
from back_office.actions.replay_reports import ReplayReports
from back_office.lists import cells, periods
from back_office.lists.cells import Cell
from back_office.lists.export.page import ExportMixin
from back_office.lists.filters import ChannelFilter, Choice, FieldChoice, NumberedInPeriod
from back_office.lists.listing import Listing
from back_office.lists.paging import Keyset
from back_office.lists.periods import Period
from back_office.models import StaffAction
from back_office.pages import export_columns
from back_office.pages.masked import PersonalDataAdmin
from back_office.unfold_types import ModelAdmin
from dispatch.models import Attempt, DeliveryReport

State = DeliveryReport.State
_STATES = {
    State.WAITING: ("info", State.WAITING.label),
    State.APPLIED: ("success", State.APPLIED.label),
    State.DEAD: ("danger", State.DEAD.label),
}
_OUTCOMES = {
    Attempt.Outcome.ERROR: ("warning", Attempt.Outcome.ERROR.label),
    Attempt.Outcome.LEASE_LOST: ("warning", Attempt.Outcome.LEASE_LOST.label),
    Attempt.Outcome.UNKNOWN: ("danger", Attempt.Outcome.UNKNOWN.label),
}


class StateFilter(FieldChoice):
    """The dead ones first: they are what somebody must look at."""

    title = _("state")
    parameter_name = "state"
    default = State.DEAD

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return [(state, words) for state, (_colour, words) in _STATES.items()]

    def shortcuts(self) -> list[Choice]:
        return [*reversed(self.lookup_choices)]


def _asks_for_dead(request: HttpRequest) -> bool:
    return request.GET.get("state", State.DEAD) == State.DEAD


class ReceivedPeriod(NumberedInPeriod):
    """When it came. The dead are few, and have an index by that time."""

    column = "received"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Model],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.is_of_dead = _asks_for_dead(request)
        if self.is_of_dead:
            self.default = periods.ANY

    def within(self, rows: QuerySet[Model], period: Period) -> QuerySet[Model]:
        if self.is_of_dead:
            return rows.filter(period.of("received"))
        return super().within(rows, period)


Row = TypeVar("Row", bound=DeliveryReport | Attempt)


class _WithItsNotification(ModelAdmin[Row]):
    """Reads rows with the notification they are about: what names its recipient is masked in
    them."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        columns = ("notification__subject", "notification__body")
        return super().get_queryset(request).select_related("notification").defer(*columns)


@admin.register(DeliveryReport)
class DeliveryReportAdmin(
    _WithItsNotification[DeliveryReport],
    ActionsMixin[DeliveryReport],
    PersonalDataAdmin[DeliveryReport],
    ExportMixin[DeliveryReport],
):
    staff_actions = (ReplayReports(),)
    change_form_outer_before_template = "admin/actions/above.html"
    subject = StaffAction.Subject.REPORT
    list_display = ("came", "shown_state", "on", "says", "reference", "attempts", "of", "why")
    list_filter = (StateFilter, ReceivedPeriod, ChannelFilter)
    list_defer = ("report",)
    export_columns = export_columns.REPORTS
    list_explanation = _(
        "What gateways reported about notifications. A report is unmatched when its notification or"
        " its meaning is unknown."
    )

    def keyset(self, request: HttpRequest) -> Keyset:
        return Keyset(("received", "id")) if _asks_for_dead(request) else Keyset()

    def nothing(self, request: HttpRequest) -> str | Promise:
        return _("No unmatched reports.") if _asks_for_dead(request) else _("No such reports.")

    @cells.column(_("received"))
    def came(self, row: DeliveryReport) -> Cell:
        return cells.time(row.received)

    @cells.column(_("state"), is_label=True)
    def shown_state(self, row: DeliveryReport) -> Cell:
        return _STATES[State(row.state)]

    @cells.column(_("channel"))
    def on(self, row: DeliveryReport) -> Cell:
        return cells.channel(row.channel)

    @cells.column(_("says"))
    def says(self, row: DeliveryReport) -> str:
        return row.status or "?"

    @cells.column(_("notification"))
    def of(self, row: DeliveryReport) -> Cell:
        return cells.notification_link(row.notification_id)

    @cells.column(_("why"))
    def why(self, row: DeliveryReport) -> Cell:
        return cells.sentence(row.reason)


class OutcomeFilter(FieldChoice):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return [(outcome, words) for outcome, (_colour, words) in _OUTCOMES.items()]

    def shortcuts(self) -> list[Choice]:
        return [("", _("All")), *self.lookup_choices]


@admin.register(Attempt)
class AttemptAdmin(_WithItsNotification[Attempt], PersonalDataAdmin[Attempt], Listing[Attempt]):
    subject = StaffAction.Subject.NOTIFICATION
    list_display = ("at", "shown_outcome", "of", "why", "reference")
    list_filter = (NumberedInPeriod, OutcomeFilter)
    list_explanation = _(
        "Attempts to send that failed. Each notification shows what happened next."
    )
    list_nothing = _("No failed attempts.")

    def subject_id(self, row: Attempt) -> object:
        return row.notification_id

    @cells.column(_("at"))
    def at(self, row: Attempt) -> Cell:
        return cells.time(row.created)

    @cells.column(_("outcome"), is_label=True)
    def shown_outcome(self, row: Attempt) -> Cell:
        return _OUTCOMES[Attempt.Outcome(row.outcome)]

    @cells.column(_("notification"))
    def of(self, row: Attempt) -> Cell:
        return cells.notification_link(row.notification_id)

    @cells.column(_("why"))
    def why(self, row: Attempt) -> Cell:
        return cells.sentence(row.reason)

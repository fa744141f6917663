"""The list of orders: what it shows of each, and what it can be narrowed down by."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from back_office.lists import cells, periods
from back_office.lists.cells import Cell
from back_office.lists.export.page import ExportMixin
from back_office.lists.filters import (
    ChannelFilter,
    Choice,
    CreatorFilter,
    KnownChoice,
    MadeInPeriod,
    PeriodFilter,
)
from back_office.lists.listing import Beside
from back_office.lists.periods import OUT_OF_STEP, Period
from back_office.pages import export_columns
from back_office.story import explanations
from back_office.story import tally as tallying
from back_office.story.explanations import Explanation
from back_office.story.tally import MAX_COUNTED, Tally
from back_office.unfold_types import ModelAdmin
from back_office.wording import labels
from back_office.wording.counts import number
from orders.models import Order, OrderStatus
from runtime import clock
from runtime.uuid7 import lowest_at


class RegisteredPeriod(MadeInPeriod):
    """When it was ordered: today, unless something else says which orders are meant."""

    title = _("ordered")

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Model],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        others = ("stopping", "requested", "requested_from", "requested_to")
        if any(request.GET.get(name) for name in others):
            self.default = periods.ANY


class RequestedPeriod(PeriodFilter):
    """When it was to be sent, which is never before it was ordered."""

    title = _("to be sent")
    parameter_name = "requested"
    default = periods.ANY
    shortcuts = None  # type: ignore[assignment]

    def within(self, rows: QuerySet[Model], period: Period) -> QuerySet[Model]:
        if period.end:
            rows = rows.filter(id__lt=lowest_at(period.end + OUT_OF_STEP))
        return rows.filter(period.of("requested_send_time"))


class StatusFilter(KnownChoice):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return list(OrderStatus.choices)

    def shortcuts(self) -> list[Choice]:
        return [("", _("All")), *self.lookup_choices]

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        return rows.filter(status=chosen)


class StoppingFilter(KnownChoice):
    title = _("held or stopped")
    parameter_name = "stopping"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return [("held", _("Held")), ("stopped", _("Stopped"))]

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        return rows.filter(Q(held_at__isnull=False) if chosen == "held" else STOPPED)


STOPPED = Q(stopped_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list shows of an order beside its columns."""

    recipients: int
    tally: Tally
    explanation: Explanation | None


_listed = Beside[Order, Listed]()


class OrderListing(ExportMixin[Order]):
    """Orders, the latest first."""

    list_display = (
        "ordered",
        "state",
        "on",
        "creator",
        "reference",
        "send_at",
        "to",
        "tally",
        "why",
    )
    list_filter = (
        RegisteredPeriod,
        StatusFilter,
        ("creator", CreatorFilter),
        ChannelFilter,
        RequestedPeriod,
        StoppingFilter,
    )
    list_select_related = ("creator",)
    list_defer = export_defer = ("email_subject", "email_body", "sms_body")
    export_columns = export_columns.ORDERS
    list_nothing = _("No such orders.")

    def complete(self, rows: Sequence[Order]) -> None:
        """How many recipients each has, how they fare, and why it is where it is."""
        now = clock.now()
        counts = _recipients_of(rows)
        tallies = tallying.of_orders([row.pk for row in rows])
        for row in rows:
            plain = row.status == OrderStatus.PROCESSED and not (row.held_at or row.stopped_at)
            explanation = None if plain else explanations.of_order(row, now=now)
            _listed.put(row, Listed(counts[row.pk], tallies[row.pk], explanation))

    @cells.column(_("ordered"))
    def ordered(self, row: Order) -> Cell:
        return cells.time(row.created)

    @cells.column(_("status"), is_label=True)
    def state(self, row: Order) -> Cell:
        return cells.coloured(labels.of_order(row, all_failed=_listed.of(row).tally.all_failed))

    @cells.column(_("channel"))
    def on(self, row: Order) -> Cell:
        return cells.channel(row.channel)

    @cells.column(_("reference"))
    def reference(self, row: Order) -> Cell:
        return cells.sentence(row.senders_reference or "")

    @cells.column(_("to be sent"))
    def send_at(self, row: Order) -> Cell:
        return cells.time(row.requested_send_time)

    @cells.column(_("recipients"))
    def to(self, row: Order) -> str:
        counted = _listed.of(row).recipients
        return number(counted) if counted < MAX_COUNTED else f"{number(MAX_COUNTED)}+"

    @cells.column(_("outcome"))
    def tally(self, row: Order) -> Cell:
        return _in_words(_listed.of(row).tally)

    @cells.column(_("why"))
    def why(self, row: Order) -> Cell:
        explanation = _listed.of(row).explanation
        return cells.sentence(explanation.why, then=explanation.what_next) if explanation else ""


def _in_words(tally: Tally) -> str:
    if tally.is_too_many:
        return gettext("over %(count)s") % {"count": number(MAX_COUNTED)}
    return format_html_join(
        " ",
        '<span class="desk-tally whitespace-nowrap" data-colour="{}">{} {}</span>',
        ((group.colour, number(count), group.label.lower()) for group, count in tally.counts),
    )


def _recipients_of(orders: Sequence[Order]) -> dict[UUID, int]:
    """How many recipients each order has; counting ends at MAX_COUNTED."""
    statement = """
        SELECT ordered.id, (
            SELECT count(*) FROM (
                SELECT 1 FROM recipients_recipient WHERE order_id = ordered.id LIMIT %s
            ) AS counted
        )
        FROM unnest(%s::uuid[]) AS ordered (id)
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [MAX_COUNTED, [order.pk for order in orders]])
        return dict(cursor.fetchall())

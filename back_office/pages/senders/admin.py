"""The e-mail addresses and SMS senders of all service owners, and what became of each."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from back_office.actions.pages import ActionsMixin
from back_office.actions.senders.check_sender import CheckSender
from back_office.actions.senders.revoke_sender import RevokeSender
from back_office.actions.senders.verify_sender import VerifySender
from back_office.lists import cells
from back_office.lists.cells import Cell
from back_office.lists.filters import Choice, CreatorFilter, FieldChoice
from back_office.lists.listing import Listing
from back_office.pages.senders import records
from back_office.unfold_types import ModelAdmin
from orders.models import Sender

COLOURS = {
    Sender.State.ASKED: "info",
    Sender.State.WAITING: "warning",
    Sender.State.VERIFIED: "success",
    Sender.State.REVOKED: "danger",
}
UNDECIDED = "undecided"


class StateFilter(FieldChoice):
    """One state, or those that somebody has to decide."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        undecided = (UNDECIDED, gettext_lazy("Waiting for verification"))
        return [undecided, *super().lookups(request, model_admin)]

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        if chosen == UNDECIDED:
            return rows.filter(pk__in=Sender.objects.undecided().values("pk"))
        return super().narrowed(rows, chosen)


class KindFilter(FieldChoice):
    title = gettext_lazy("kind")
    parameter_name = "kind"


@admin.register(Sender)
class SenderAdmin(ActionsMixin[Sender], Listing[Sender]):
    """New ones are registered on the page of their service owner."""

    staff_actions = (CheckSender(), VerifySender(), RevokeSender())
    change_form_outer_before_template = "admin/actions/above.html"
    list_display = ("address", "of", "kind_shown", "shown_state", "since")
    list_filter = (StateFilter, KindFilter, ("creator", CreatorFilter))
    list_select_related = ("creator",)
    list_nothing = gettext_lazy("No sender fits. Register one on the page of its service owner.")
    change_form_outer_after_template = "admin/senders/records.html"
    fields = (
        "creator",
        "kind",
        "address",
        "state",
        "state_at",
        "verified_at",
        "checked_at",
        "created",
    )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        context = {"records": records.to_copy(row), "found": records.found(row)} if row else {}
        return super().changeform_view(
            request, object_id, form_url, context | (extra_context or {})
        )

    @cells.column(gettext_lazy("service owner"))
    def of(self, row: Sender) -> str:
        return row.creator.short_name

    @cells.column(gettext_lazy("kind"))
    def kind_shown(self, row: Sender) -> str:
        return row.get_kind_display()

    @cells.column(gettext_lazy("state"), is_label=True)
    def shown_state(self, row: Sender) -> Cell:
        state = Sender.State(row.state)
        return COLOURS[state], state.label

    @cells.column(gettext_lazy("since"))
    def since(self, row: Sender) -> Cell:
        return cells.time(row.state_at)

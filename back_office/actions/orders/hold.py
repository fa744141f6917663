"""Holds orders: what has not left waits until it is released."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.forms import ActionForm, HoldAllForm
from back_office.actions.orders.holding import HoldingAction
from back_office.models import StaffAction
from back_office.wording.counts import number
from notifications.control import hold
from orders import holding
from orders.models import Creator, Order, OrderQuerySet


class Hold(HoldingAction):
    name = "hold"
    title = gettext_lazy("Hold")
    title_for_all = gettext_lazy("Hold all that is under way")
    icon = "pan_tool"
    command = "manage.py hold --creator ... --reason ..."
    what = StaffAction.What.HELD

    def fitting(self, orders: OrderQuerySet) -> OrderQuerySet:
        return orders.holdable()

    def change(self, order_ids: list[UUID], *, reason: str, now: datetime) -> int:
        return hold.hold(order_ids, now=now)

    def fits_order(self, order: Order) -> bool:
        return order.can_hold

    def nothing(self) -> str:
        return _("There is nothing to hold: no such order is still under way.")

    def announced(self, orders: str, waiting: str) -> str:
        return _(
            "Orders to be held: %(orders)s. Notifications that have not left, and will wait until"
            " the orders are released: %(messages)s."
        ) % {"orders": orders, "messages": waiting}

    def told(self, notifications: int, left: str) -> str:
        return ngettext(
            "%(messages)s notification held; %(left)s had already left.",
            "%(messages)s notifications held; %(left)s had already left.",
            notifications,
        ) % {"messages": number(notifications), "left": left}

    def form_class(self, *, row: Order | Creator | None) -> type[ActionForm]:
        is_choice = isinstance(row, Creator) and self.changes_new_orders(row, chosen=True)
        return HoldAllForm if is_choice else ActionForm

    def warnings(self, *, new_orders: bool) -> list[str]:
        warnings = [_("A hold does not stop the clock: notifications expire as usual.")]
        if new_orders:
            warnings.append(
                _("Instant messages cannot wait: they are refused until the release (503).")
            )
        elif self.of_creator:
            warnings.append(_("Orders placed from now on are held only if you choose so."))
        return warnings

    def changes_new_orders(self, creator: Creator, *, chosen: bool) -> bool:
        return chosen and creator.new_orders_held_at is None

    def change_new_orders(self, creator: Creator, *, now: datetime) -> None:
        holding.hold_new_orders(creator, now=now)

    def of_new_orders(self) -> str:
        return _("New orders are held from now on.")

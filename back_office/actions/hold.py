"""Holds orders: what has not left waits until it is released."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.holding import HoldingAction
from back_office.models import StaffAction
from back_office.wording.counts import number
from notifications.control import hold
from orders.models import Order, OrderQuerySet


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

    def warnings(self) -> list[str]:
        warnings = [_("A hold does not stop the clock: notifications expire as usual.")]
        if self.of_creator:
            warnings.append(
                _("Orders placed from now on are not held. To refuse them, make it inactive.")
            )
        return warnings

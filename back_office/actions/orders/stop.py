"""Stops orders for good: what has not left never will."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.orders.holding import HoldingAction
from back_office.models import StaffAction
from back_office.wording.counts import number
from notifications.control import stop
from orders.models import Order, OrderQuerySet
from recipients import masking


class Stop(HoldingAction):
    name = "stop"
    title = gettext_lazy("Stop for good")
    title_for_all = gettext_lazy("Stop all that is under way")
    icon = "block"
    is_final = True
    command = "manage.py stop --creator ... --reason ..."
    what = StaffAction.What.STOPPED

    def fitting(self, orders: OrderQuerySet) -> OrderQuerySet:
        return orders.stoppable()

    def change(self, order_ids: list[UUID], *, reason: str, now: datetime) -> int:
        """Notifications and orders keep the reason for whoever asks."""
        return stop.stop(order_ids, reason=masking.mask_text(reason), now=now)

    def fits_order(self, order: Order) -> bool:
        return order.can_stop

    def nothing(self) -> str:
        return _("There is nothing to stop: no such order is still under way.")

    def announced(self, orders: str, waiting: str) -> str:
        return _(
            "Orders to be stopped: %(orders)s. Notifications that have not left, and never will:"
            " %(messages)s. This cannot be undone."
        ) % {"orders": orders, "messages": waiting}

    def told(self, notifications: int, left: str) -> str:
        return ngettext(
            "%(messages)s notification stopped; %(left)s had already left.",
            "%(messages)s notifications stopped; %(left)s had already left.",
            notifications,
        ) % {"messages": number(notifications), "left": left}

    def warnings(self, *, new_orders: bool) -> list[str]:
        return [_("The reason stays with each notification, for whoever asks later.")]

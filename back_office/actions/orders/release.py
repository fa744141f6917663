"""Lets held orders go on."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from back_office.actions.orders.holding import HoldingAction
from back_office.models import StaffAction
from back_office.wording.counts import number
from notifications.control import hold
from orders import holding
from orders.models import Creator, Order, OrderQuerySet


class Release(HoldingAction):
    name = "release"
    title = gettext_lazy("Release")
    title_for_all = gettext_lazy("Release all that is held")
    icon = "play_arrow"
    command = "manage.py release --creator ... --reason ..."
    what = StaffAction.What.RELEASED

    def fitting(self, orders: OrderQuerySet) -> OrderQuerySet:
        return orders.releasable()

    def change(self, order_ids: list[UUID], *, reason: str, now: datetime) -> int:
        return hold.release(order_ids, now=now)

    def fits_order(self, order: Order) -> bool:
        return order.can_release

    def nothing(self) -> str:
        return _("There is nothing to release: none of the orders is held.")

    def announced(self, orders: str, waiting: str) -> str:
        return _(
            "Orders to be released: %(orders)s. Notifications that go on: %(messages)s. What is due"
            " leaves at once, within the send window."
        ) % {"orders": orders, "messages": waiting}

    def told(self, notifications: int, left: str) -> str:
        return ngettext(
            "%(messages)s notification goes on; %(left)s had already left.",
            "%(messages)s notifications go on; %(left)s had already left.",
            notifications,
        ) % {"messages": number(notifications), "left": left}

    def changes_new_orders(self, creator: Creator, *, chosen: bool) -> bool:
        return creator.new_orders_held_at is not None

    def change_new_orders(self, creator: Creator, *, now: datetime) -> None:
        holding.release_new_orders(creator)

    def of_new_orders(self) -> str:
        return _("New orders are held no longer.")

    def left_alone(self) -> str:
        return _("Not held.")

"""What holding, releasing and stopping have in common: orders, one or all of a service owner's, are
done something to, and staff are told how many notifications had left."""

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import asdict, astuple
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db.models import Min
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from back_office.actions.action import Action, ActionRequest, Done, Preview
from back_office.audit.log import Actor, LongAction, Subjects, Why
from back_office.models import StaffAction
from back_office.wording import local_time
from back_office.wording.counts import number
from notifications.control import hold, stop
from notifications.control.stop import Tally
from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order, OrderQuerySet


class HoldingAction(Action[Order | Creator, UUID | int]):
    """Of orders or, `of_creator`, of all that a service owner has under way."""

    permission = "back_office.hold"
    what: ClassVar[StaffAction.What]
    title_for_all: ClassVar[str | Promise]

    def __init__(self, *, of_creator: bool = False) -> None:
        self.of_creator = of_creator
        self.on_list = not of_creator
        if of_creator:
            self.title = self.title_for_all

    @abstractmethod
    def fitting(self, orders: OrderQuerySet) -> OrderQuerySet:
        """Those that it can be done to."""

    @abstractmethod
    def change(self, order_ids: list[UUID], *, reason: str, now: datetime) -> int:
        """Do it; returns to how many orders."""

    @abstractmethod
    def fits_order(self, order: Order) -> bool: ...

    @abstractmethod
    def nothing(self) -> str:
        """Says that none of the orders is such that it can be done."""

    @abstractmethod
    def announced(self, orders: str, waiting: str) -> str:
        """Says what will be done to so many orders and their notifications."""

    @abstractmethod
    def told(self, notifications: int, left: str) -> str:
        """Says what was done."""

    def warnings(self) -> list[str]:
        return []

    def left_alone(self) -> str:
        return _("Ended, or held or stopped before.")

    def fits(self, row: Order | Creator) -> bool:
        return isinstance(row, Creator) or self.fits_order(row)

    def preview(self, request: ActionRequest[UUID | int]) -> Preview:
        return self.preview_of(self._orders(request)[0], now=request.now)

    def run(self, request: ActionRequest[UUID | int]) -> Done:
        orders, creator = self._orders(request)
        return self.run_on(orders, of=creator, by=request.by, why=request.why, now=request.now)

    def preview_of(self, order_ids: Collection[UUID], *, now: datetime) -> Preview:
        """What would be done to the orders at this moment."""
        fitting = self._fitting_of(order_ids)
        others = len(set(order_ids)) - len(fitting)
        tally, first_expiry = stop.tally(fitting), _first_expiry(fitting)
        figures = {
            "orders": len(fitting),
            "others": others,
            **asdict(tally),
            "first_expiry": first_expiry.isoformat() if first_expiry else None,
        }
        refused = [(self.left_alone(), others)] if others else []
        if not fitting:
            return Preview(self.nothing(), figures, refused=refused, possible=False)
        waiting = number(tally.waiting + tally.not_expanded)
        return Preview(
            self.announced(number(len(fitting)), waiting),
            figures,
            facts=_facts(len(fitting), tally, first_expiry, now=now),
            refused=refused,
            warnings=self.warnings(),
        )

    def run_on(
        self,
        order_ids: Collection[UUID],
        *,
        of: Creator | None = None,
        by: Actor,
        why: Why,
        now: datetime,
    ) -> Done:
        """Do it to those of the orders that it can be done to. `of` is given where all orders of
        the service owner are meant; the audit entry then names it instead of each order."""
        fitting = self._fitting_of(order_ids)
        orders = kept = 0
        before = after = stop.tally(fitting)
        if fitting:
            detail = {"orders": len(fitting), "before": asdict(before)}
            entries = LongAction(self.what, by=by, why=why, detail=detail, now=now)
            entries.begin(Subjects.creator(of.pk) if of else Subjects.orders(fitting))
            orders = self.change(fitting, reason=why.reason, now=now)
            after = stop.tally(fitting)
            # Stopped notifications have ended unsent, like those that had failed before.
            unsent = sum(astuple(after)) - after.left - after.in_hand - before.ended_unsent
            kept = max(unsent, 0)
            entries.end(_outcome(orders, kept, after))
        return Done(
            self._told(kept, after) if orders else _nothing_left(),
            _outcome(orders, kept, after),
            success=orders > 0,
        )

    def _told(self, kept: int, after: Tally) -> str:
        sentence = self.told(kept, number(after.left))
        if after.in_hand:
            sentence += " " + _("Being sent at this moment, to end as it does: %(count)s.") % {
                "count": number(after.in_hand)
            }
        return sentence

    def _orders(self, request: ActionRequest[UUID | int]) -> tuple[list[UUID], Creator | None]:
        if not self.of_creator:
            return [one for one in request.ids if isinstance(one, UUID)], None
        creator = Creator.objects.get(pk=str(request.ids[0]))
        return hold.unended_orders_of(creator), creator

    def _fitting_of(self, order_ids: Collection[UUID]) -> list[UUID]:
        orders = self.fitting(Order.objects.filter(pk__any_of=order_ids))
        return list(orders.order_by("pk").values_list("pk", flat=True))


def _outcome(orders: int, kept: int, after: Tally) -> dict[str, object]:
    return {"orders": orders, "messages": kept, "left": after.left, "in_hand": after.in_hand}


def _nothing_left() -> str:
    return _("Nothing was changed: no such order was left when it was to be done.")


def _first_expiry(order_ids: list[UUID]) -> datetime | None:
    waiting = Notification.objects.filter(
        order__pk__any_of=order_ids, finished_at__isnull=True, status=NotificationStatus.NEW
    )
    first: datetime | None = waiting.aggregate(first=Min("expires_at"))["first"]
    return first


def _facts(
    orders: int, tally: Tally, first_expiry: datetime | None, *, now: datetime
) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        (_("Orders"), number(orders)),
        (_("Waiting notifications"), number(tally.waiting)),
        (_("Notifications still to be created"), number(tally.not_expanded)),
        (_("Being sent at this moment"), number(tally.in_hand)),
        (_("Have left"), number(tally.left)),
        (_("Ended unsent"), number(tally.ended_unsent)),
    ]
    if first_expiry:
        facts.append((_("The first expires"), local_time.at(first_expiry, now=now)))
    return facts

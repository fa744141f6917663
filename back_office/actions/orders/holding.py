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
from back_office.audit import history
from back_office.audit.log import Actor, LongAction, Subjects, Why
from back_office.models import StaffAction
from back_office.wording import local_time
from back_office.wording.counts import number
from notifications.control import hold, stop
from notifications.control.stop import Tally
from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order, OrderQuerySet

NEW_ORDERS = "new_orders"
"""The choice of what a service owner orders from now on, and its mark in audit entries."""


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

    def warnings(self, *, new_orders: bool) -> list[str]:
        return []

    def changes_new_orders(self, creator: Creator, *, chosen: bool) -> bool:
        """Whether it is to be done to what the service owner orders from now on, too; `chosen` is
        whether somebody asks for it."""
        return False

    def change_new_orders(self, creator: Creator, *, now: datetime) -> None:
        raise NotImplementedError

    def of_new_orders(self) -> str:
        """Says what becomes of them."""
        raise NotImplementedError

    def left_alone(self) -> str:
        return _("Ended, or held or stopped before.")

    def fits(self, row: Order | Creator) -> bool:
        return isinstance(row, Creator) or self.fits_order(row)

    def preview(self, request: ActionRequest[UUID | int]) -> Preview:
        orders, creator = self._orders(request)
        chosen = bool(request.choices.get(NEW_ORDERS))
        return self.preview_of(orders, of=creator, new_orders=chosen, now=request.now)

    def run(self, request: ActionRequest[UUID | int]) -> Done:
        orders, creator = self._orders(request)
        return self.run_on(
            orders,
            of=creator,
            new_orders=bool(request.choices.get(NEW_ORDERS)),
            by=request.by,
            why=request.why,
            now=request.now,
        )

    def preview_of(
        self,
        order_ids: Collection[UUID],
        *,
        of: Creator | None = None,
        new_orders: bool = False,
        now: datetime,
    ) -> Preview:
        """What would be done to the orders at this moment; see `run_on`."""
        fitting = self._fitting_of(order_ids)
        and_new = of is not None and self.changes_new_orders(of, chosen=new_orders)
        others = len(set(order_ids)) - len(fitting)
        tally, first_expiry = stop.tally(fitting), _first_expiry(fitting)
        figures = {
            "orders": len(fitting),
            "others": others,
            **asdict(tally),
            "first_expiry": first_expiry.isoformat() if first_expiry else None,
            **_if_new_orders(and_new),
        }
        refused = [(self.left_alone(), others)] if others else []
        more = [self.of_new_orders()] if and_new else []
        if not fitting:
            # What is not possible of the orders may be of those to come.
            helps = of is not None and self.changes_new_orders(of, chosen=True)
            sentence = " ".join([self.nothing(), *more])
            return Preview(sentence, figures, refused=refused, possible=and_new, choices_help=helps)
        waiting = number(tally.waiting + tally.not_expanded)
        return Preview(
            " ".join([self.announced(number(len(fitting)), waiting), *more]),
            figures,
            facts=_facts(len(fitting), tally, first_expiry, now=now),
            refused=refused,
            warnings=self.warnings(new_orders=and_new),
        )

    def run_on(
        self,
        order_ids: Collection[UUID],
        *,
        of: Creator | None = None,
        new_orders: bool = False,
        by: Actor,
        why: Why,
        now: datetime,
    ) -> Done:
        """Do it to those of the orders that it can be done to. `of` is given where all orders of
        the service owner are meant; the audit entry then names it instead of each order.

        With the `new_orders` of the service owner it is done first, and then to all that it has
        under way by then: whatever was placed meanwhile is of the one or of the other.
        """
        fitting = self._fitting_of(order_ids)
        orders = kept = 0
        before = after = stop.tally(fitting)
        and_new = of is not None and self.changes_new_orders(of, chosen=new_orders)
        if fitting or and_new:
            detail = {
                "orders": len(fitting),
                "before": asdict(before),
                **_if_new_orders(and_new),
            }
            entries = LongAction(self.what, by=by, why=why, detail=detail, now=now)
            entries.begin(Subjects.creator(of.pk) if of else Subjects.orders(fitting))
            if of is not None and and_new:
                with history.attributed_to(by, why):
                    self.change_new_orders(of, now=now)
                fitting = self._fitting_of(hold.unended_orders_of(of))
                before = stop.tally(fitting)
            orders = self.change(fitting, reason=why.reason, now=now) if fitting else 0
            after = stop.tally(fitting)
            # Stopped notifications have ended unsent, like those that had failed before.
            unsent = sum(astuple(after)) - after.left - after.in_hand - before.ended_unsent
            kept = max(unsent, 0)
            entries.end(_outcome(orders, kept, after))
        told = [self._told(kept, after)] if orders else []
        more = [self.of_new_orders()] if and_new else []
        return Done(
            " ".join([*told, *more]) or _nothing_left(),
            _outcome(orders, kept, after) | _if_new_orders(and_new),
            success=bool(orders or and_new),
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


def _if_new_orders(are_meant: bool) -> dict[str, object]:
    return {NEW_ORDERS: True} if are_meant else {}


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

"""Holds, releases and stops orders, one or all of a service owner's, and says how many had left."""

from collections.abc import Callable, Collection
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import Min

from back_office import masking
from back_office.actions.audit_entries import Named, noted
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from notifications.control import hold as holding
from notifications.control import stop as stopping
from notifications.control.stop import Tally
from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order

What = StaffAction.What


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far the messages of those orders have come that the deed can be done to. Of these
    `not_begun` would be cancelled by a stop; `first_expiry` is when the first waiting message
    expires."""

    orders: int
    not_begun: int
    others: int
    tally: Tally
    first_expiry: datetime | None


@dataclass(frozen=True, slots=True)
class Done:
    """To how many orders and messages it was done; `left` of theirs had left before, and `in_hand`
    were being sent at that moment."""

    orders: int = 0
    messages: int = 0
    left: int = 0
    in_hand: int = 0


def orders_of(creator: Creator) -> list[UUID]:
    """All that has not ended of the service owner's."""
    return holding.unended_orders_of(creator)


def look_ahead(what: StaffAction.What, order_ids: Collection[UUID]) -> Outlook:
    """What the deed would be done to; nothing is written."""
    fitting = _fitting(what, order_ids)
    not_begun = Order.objects.cancellable().filter(pk__any_of=fitting).count()
    return Outlook(
        orders=len(fitting),
        not_begun=not_begun,
        others=len(set(order_ids)) - len(fitting),
        tally=stopping.tally(fitting),
        first_expiry=_first_expiry(fitting),
    )


def hold(
    order_ids: Collection[UUID], *, of: Creator | None = None, by: Actor, why: Why, now: datetime
) -> Done:
    """Keep back what has not left, until it is released. `of` is given where all orders of the
    service owner are meant; the trail then names it instead of each order."""
    return _do(What.HELD, holding.hold, order_ids, of, by, why, now)


def release(
    order_ids: Collection[UUID], *, of: Creator | None = None, by: Actor, why: Why, now: datetime
) -> Done:
    """Let go what is held."""
    return _do(What.RELEASED, holding.release, order_ids, of, by, why, now)


def stop(
    order_ids: Collection[UUID], *, of: Creator | None = None, by: Actor, why: Why, now: datetime
) -> Done:
    """End for good what has not left; messages and orders keep the reason for whoever asks."""
    act = partial(stopping.stop, reason=masking.mask_text(why.reason))
    return _do(What.STOPPED, act, order_ids, of, by, why, now)


def _do(
    what: StaffAction.What,
    act: Callable[..., int],
    order_ids: Collection[UUID],
    of: Creator | None,
    by: Actor,
    why: Why,
    now: datetime,
) -> Done:
    fitting = _fitting(what, order_ids)
    if not fitting:
        return Done()
    named = Named.creator(of.pk) if of else Named.orders(fitting)
    before = stopping.tally(fitting)
    detail = {"orders": len(fitting), "before": asdict(before)}
    with noted(what, by=by, why=why, named=named, detail=detail, now=now) as deed:
        orders = act(fitting, now=now)
        after = stopping.tally(fitting)
        # Stopped messages have ended unsent, like those that had failed before.
        kept = sum(astuple(after)) - after.left - after.in_hand - before.ended_unsent
        done = Done(orders, max(kept, 0), after.left, after.in_hand)
        deed.outcome = asdict(done)
    return done


def _fitting(what: StaffAction.What, order_ids: Collection[UUID]) -> list[UUID]:
    orders = Order.objects.filter(pk__any_of=order_ids)
    fitting = {
        What.HELD: orders.holdable,
        What.RELEASED: orders.releasable,
        What.STOPPED: orders.stoppable,
    }[what]()
    return list(fitting.order_by("pk").values_list("pk", flat=True))


def _first_expiry(order_ids: list[UUID]) -> datetime | None:
    waiting = Notification.objects.filter(
        order__pk__any_of=order_ids, finished_at__isnull=True, status=NotificationStatus.NEW
    )
    first: datetime | None = waiting.aggregate(first=Min("expires_at"))["first"]
    return first

"""Lets orders and messages go on at once that wait for another try."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from back_office.audit import log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from notifications.control import retry
from notifications.models import Notification, NotificationStatus
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Hurried:
    """How many had (or have) to wait, and how many not."""

    count: int
    others: int


def look_ahead_orders(order_ids: Collection[UUID], *, now: datetime) -> Hurried:
    """Which of them wait for another try."""
    waiting = Order.objects.waiting_for_retry(now=now).filter(pk__any_of=order_ids).count()
    return Hurried(waiting, len(set(order_ids)) - waiting)


def look_ahead_messages(
    notification_ids: Collection[UUID], *, ignore_window: bool, now: datetime
) -> Hurried:
    """Which of them wait for another try or, if it is to be ignored, for the send window."""
    kept = Notification.objects.kept_waiting(ignore_window=ignore_window, now=now)
    waiting = kept.filter(pk__any_of=notification_ids).count()
    return Hurried(waiting, len(set(notification_ids)) - waiting)


def waiting_of(order_ids: Collection[UUID]) -> list[UUID]:
    """The messages of the orders that have not left."""
    waiting = Notification.objects.open().filter(
        order__pk__any_of=order_ids, status=NotificationStatus.NEW
    )
    return list(waiting.values_list("pk", flat=True))


def process_now(order_ids: Collection[UUID], *, by: Actor, why: Why, now: datetime) -> Hurried:
    """The next tick takes them; each has its line in the trail."""
    with transaction.atomic():
        ids = retry.process_now(order_ids, now=now)
        _note(StaffAction.Subject.ORDER, ids, {"did": "process now"}, by, why, now)
    return Hurried(len(ids), len(set(order_ids)) - len(ids))


def send_now(
    notification_ids: Collection[UUID],
    *,
    ignore_window: bool = False,
    of_orders: Collection[UUID] = (),
    by: Actor,
    why: Why,
    now: datetime,
) -> Hurried:
    """The next tick takes them. The trail has a line for each or, where all of some orders are
    meant, for each of the orders."""
    with transaction.atomic():
        ids = retry.send_now(notification_ids, ignore_window=ignore_window, now=now)
        subject, named = StaffAction.Subject.NOTIFICATION, ids
        if of_orders:
            subject, named = StaffAction.Subject.ORDER, set(of_orders) if ids else set()
        detail = {"did": "send now", "messages": len(ids), "ignore_window": ignore_window}
        _note(subject, named, detail, by, why, now)
    return Hurried(len(ids), len(set(notification_ids)) - len(ids))


def _note(
    subject: StaffAction.Subject,
    ids: Collection[UUID],
    detail: dict[str, object],
    by: Actor,
    why: Why,
    now: datetime,
) -> None:
    log.record_each(
        StaffAction.What.HURRIED,
        by=by,
        why=why,
        subject=subject,
        subject_ids=sorted(ids),
        detail=detail,
        now=now,
    )

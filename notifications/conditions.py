"""Due orders with a send condition: ask each endpoint, and go on, stop or wait accordingly."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from notifications import send_condition, status_feed
from notifications.order_claims import (
    claim_for_condition,
    has_been_tried_in_vain,
    lock_own,
)
from notifications.send_condition import Answer, Verdict
from orders.models import Order, OrderStatus

ORDERS_PER_TURN = 100  # asked 50 at a time, 10 s each at most: well within the lease
SECOND_TRY_AFTER = timedelta(seconds=60)
NEVER_BACK = Answer(
    Verdict.IN_DOUBT, "Asking the condition endpoint was never finished, over and over."
)


def check_send_conditions(*, now: datetime) -> int:
    """One turn: ask the endpoints of due orders, all at once; returns how many were asked.

    An answer is stored and never asked for again. In doubt the endpoint is asked once more after a
    minute; still in doubt, SEND_CONDITION_FAIL_OPEN decides. A fenced endpoint has no second try,
    nor has one after whose asking the worker never came back, over and over.
    """
    claim = claim_for_condition(now=now, limit=ORDERS_PER_TURN)
    if not claim.orders:
        return 0
    in_vain = {o.pk: NEVER_BACK for o in claim.orders if has_been_tried_in_vain(o)}
    to_ask = {o.pk: o.condition_endpoint or "" for o in claim.orders if o.pk not in in_vain}
    answers = in_vain | send_condition.check(to_ask)
    with transaction.atomic():
        own = lock_own(claim.token, [order.pk for order in claim.orders])
        orders = [order for order in claim.orders if order.pk in own]
        for order in orders:
            apply(order, answers[order.pk], now=now)
        Order.objects.bulk_update(orders, _CHANGED)
        status_feed.publish(stopped(orders), now=now)
    return len(claim.orders)


def apply(order: Order, answer: Answer, *, now: datetime) -> None:
    """Set the order on its way, or stop it, or leave it for the second try."""
    is_second_try = order.condition_asked_at is not None
    order.lease_token = None
    order.attempts = 0
    order.condition_asked_at = now
    order.condition_note = answer.reason
    asked_in_vain = answer.fenced or answer is NEVER_BACK
    if answer.verdict == Verdict.IN_DOUBT and not (is_second_try or asked_in_vain):
        order.next_attempt_at = now + SECOND_TRY_AFTER
        return
    order.awaits_condition = False
    order.next_attempt_at = now
    if answer.verdict == Verdict.IN_DOUBT:
        met = settings.SEND_CONDITION_FAIL_OPEN
    else:
        order.condition_met = answer.verdict == Verdict.MET
        met = order.condition_met
    if not met:
        order.status = OrderStatus.SEND_CONDITION_NOT_MET
        order.status_at = now


def stopped(orders: Collection[Order]) -> list[UUID]:
    return [order.pk for order in orders if order.status == OrderStatus.SEND_CONDITION_NOT_MET]


_CHANGED = [
    "lease_token",
    "attempts",
    "condition_asked_at",
    "condition_note",
    "next_attempt_at",
    "awaits_condition",
    "condition_met",
    "status",
    "status_at",
]

"""Due orders with a send condition: ask each endpoint, and go on, stop or wait accordingly."""

import queue
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import transaction

from notifications.conditions import client
from notifications.conditions.client import Answer, Verdict
from notifications.expansion.claims import (
    LEASE,
    claim_for_condition,
    has_used_all_tries,
    lock_own,
)
from notifications.results import feed
from orders.models import Order, OrderStatus
from orders.ready import DUE_ORDERS
from runtime.jobs import wake_ups
from runtime.jobs.relay import Relay
from runtime.web import outgoing

# How many orders a process asks about at once; of one creator fewer, as the claim says.
MAX_ASKED = 200
# When no order was due while others wait for their answers. Seconds.
CLAIM_AGAIN_AFTER = 0.5
SECOND_TRY_AFTER = timedelta(minutes=1)
NEVER_BACK = Answer(
    Verdict.IN_DOUBT, "Asking the condition endpoint was never finished, over and over."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An order whose endpoint is being asked, and what proves that it is ours."""

    order: Order
    token: UUID
    lapses: float
    """When the lease ends at the earliest, on the monotonic clock."""


class Inquiry:
    """The orders that this process asks about. Each answer is stored as soon as it is there.

    An answer is never asked for again. In doubt the endpoint is asked once more after a minute;
    still in doubt, SEND_CONDITION_FAIL_OPEN decides. A blocked endpoint has no second try, nor has
    one after whose asking the worker never came back, over and over.
    """

    def __init__(self) -> None:
        self._asked: dict[UUID, Asked] = {}
        self._answers: queue.SimpleQueue[tuple[UUID, Answer] | None] = queue.SimpleQueue()
        self.relay = Relay(max_wait=2 * CLAIM_AGAIN_AFTER)

    def drain(self, *, seconds: float, clock: Callable[[], datetime]) -> int | None:
        """Ask about what is due until nothing is, or the time is up, and store the answers; returns
        how many orders were asked about, or None if another drain is at it.

        Raises what the database raises; answers that could not be stored are kept for the next one.
        """
        return self.relay.drain(partial(self._drain, clock), seconds=seconds)

    @property
    def has_room(self) -> bool:
        """Whether more could be asked about."""
        return len(self._asked) < MAX_ASKED

    def ask(self) -> None:
        """Have the drain that is at it, if any, look for due orders at once."""
        self.relay.ask()
        self._answers.put(None)

    def _drain(self, clock: Callable[[], datetime]) -> int:
        asked, claim_at = 0, 0.0
        while True:
            may_claim = claim_at <= time.monotonic() or self.relay.is_asked
            if may_claim and not self.relay.time_is_up:
                self.relay.look()
                claimed = self._claim(now=clock())
                asked += claimed
                claim_at = 0.0 if claimed else time.monotonic() + CLAIM_AGAIN_AFTER
            if not self._asked or self.relay.is_relieved:
                return asked
            self._store(self._collect(), now=clock())

    def _claim(self, *, now: datetime) -> int:
        """Begin to ask about as many orders as there are places for; returns how many."""
        limit = MAX_ASKED - len(self._asked)
        if limit <= 0:
            return 0
        taken = Counter(asked.order.creator_id for asked in self._asked.values())
        lapses = time.monotonic() + LEASE.total_seconds()
        lease = claim_for_condition(now=now, limit=limit, taken=taken)
        self._asked |= {order.pk: Asked(order, lease.token, lapses) for order in lease.orders}
        used_up = [order.pk for order in lease.orders if has_used_all_tries(order)]
        for order_id in used_up:
            self._answers.put((order_id, NEVER_BACK))
        endpoints = {
            order.pk: order.condition_endpoint or ""
            for order in lease.orders
            if order.pk not in used_up
        }
        client.ask(endpoints, tell=lambda *answer: self._answers.put(answer))
        return len(lease.orders)

    def _collect(self) -> dict[UUID, Answer]:
        """The answers that are there; waits for the first one, but not for long, and meanwhile
        holds no connection."""
        outgoing.give_back_connection()
        answers: dict[UUID, Answer] = {}
        try:
            told = self._answers.get(timeout=CLAIM_AGAIN_AFTER)
            while True:
                if told is not None:
                    order_id, answer = told
                    answers[order_id] = answer
                told = self._answers.get_nowait()
        except queue.Empty:
            return answers

    def _store(self, answers: Mapping[UUID, Answer], *, now: datetime) -> None:
        """Store them, lease by lease; others' orders are left alone."""
        self._drop_lapsed()
        known = [self._asked[order_id] for order_id in answers if order_id in self._asked]
        for token, of_lease in groupby(sorted(known, key=_token), key=_token):
            orders = [asked.order for asked in of_lease]
            try:
                store(orders, answers, token=token, now=now)
            except BaseException:
                for asked in known:
                    if asked.order.pk in self._asked:
                        self._answers.put((asked.order.pk, answers[asked.order.pk]))
                raise
            for order in orders:
                del self._asked[order.pk]

    def _drop_lapsed(self) -> None:
        """Their leases are over: somebody else may have them."""
        now = time.monotonic()
        self._asked = {pk: asked for pk, asked in self._asked.items() if now < asked.lapses}


def _token(asked: Asked) -> UUID:
    return asked.token


inquiry = Inquiry()
"""This process's."""


def check_send_conditions(*, seconds: float, clock: Callable[[], datetime]) -> int | None:
    """Ask about due orders for some seconds, as this process's inquiry does."""
    return inquiry.drain(seconds=seconds, clock=clock)


def store(
    claimed: Collection[Order], answers: Mapping[UUID, Answer], *, token: UUID, now: datetime
) -> None:
    """Write the answers of one lease, unless somebody else has the orders by now."""
    with transaction.atomic():
        own = lock_own(token, [order.pk for order in claimed])
        orders = [order for order in claimed if order.pk in own]
        for order in orders:
            apply(order, answers[order.pk], now=now)
        Order.objects.bulk_update(orders, _CHANGED)
        feed.publish(stopped(orders), now=now)
        if any(map(_goes_on, orders)):
            wake_ups.after_commit(DUE_ORDERS)


def apply(order: Order, answer: Answer, *, now: datetime) -> None:
    """Set the order on its way, or stop it, or leave it for the second try."""
    is_second_try = order.condition_asked_at is not None
    order.lease_token = None
    order.attempts = 0
    order.condition_asked_at = now
    order.condition_note = answer.reason
    is_pointless = answer.blocked or answer is NEVER_BACK
    if answer.verdict == Verdict.IN_DOUBT and not (is_second_try or is_pointless):
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


def _goes_on(order: Order) -> bool:
    return not order.awaits_condition and order.status != OrderStatus.SEND_CONDITION_NOT_MET


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

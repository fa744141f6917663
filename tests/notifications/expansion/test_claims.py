"""Due orders are taken by one worker at a time, oldest first, and given back when it fails."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from notifications.expansion.claims import (
    LEASE,
    DueOrder,
    OrderLease,
    back_off,
    claim_for_condition,
    claim_for_expansion,
    lock_own,
)
from orders.models import Channel, Creator, Order, OrderStatus
from tests.building import NOON, ids, mobiles, order
from tests.notifications.conftest import TIMEOUT, Worker

ENDPOINT = "https://ttd.example/condition"
MINUTE = timedelta(minutes=1)
MAX_LEASE = LEASE + timedelta(seconds=30)


def an_order(creator: Creator, *, due: datetime = NOON, **fields: Any) -> Order:
    return order(creator, Channel.SMS, mobiles(1), requested_send_time=due, **fields)


def claimed(*, now: datetime = NOON, limit: int = 100) -> list[UUID]:
    return ids(claim_for_expansion(now=now, limit=limit).orders)


def test_an_order_is_claimed_when_it_is_due(ttd: Creator) -> None:
    placed = an_order(ttd, due=NOON + MINUTE)
    assert claimed(now=NOON + MINUTE - timedelta(microseconds=1)) == []
    assert claimed(now=NOON + MINUTE) == [placed.pk]


def test_a_claimed_order_is_processing_and_ours_for_a_minute(ttd: Creator) -> None:
    an_order(ttd)
    claim = claim_for_expansion(now=NOON + MINUTE, limit=1)
    (as_claimed,) = claim.orders
    placed = Order.objects.get()
    assert (placed.status, placed.status_at) == ("Processing", NOON + MINUTE)
    assert (placed.lease_token, placed.attempts) == (claim.token, 1)
    assert LEASE <= placed.next_attempt_at - NOON - MINUTE <= MAX_LEASE
    assert {name: getattr(placed, name) for name in as_claimed._fields} == as_claimed._asdict()


def test_a_held_order_is_not_claimed_before_its_lease_ends(ttd: Creator) -> None:
    placed = an_order(ttd)
    first = claim_for_expansion(now=NOON, limit=1)
    assert claimed(now=NOON + LEASE - timedelta(microseconds=1)) == []
    again = claim_for_expansion(now=NOON + MAX_LEASE, limit=1)
    assert ids(again.orders) == [placed.pk]
    assert again.token != first.token
    placed.refresh_from_db()
    assert placed.attempts == 2
    assert placed.status_at == NOON, "a retry is no new status"


@pytest.mark.parametrize(
    "status", [status for status in OrderStatus if status not in ("Registered", "Processing")]
)
def test_an_order_in_any_other_status_is_not_claimed(ttd: Creator, status: OrderStatus) -> None:
    an_order(ttd, status=status)
    an_order(ttd, status=status, condition_endpoint=ENDPOINT)
    assert claimed() == []
    assert claim_for_condition(now=NOON, limit=10).orders == []


def test_the_longest_due_of_a_creator_are_claimed_first(ttd: Creator) -> None:
    third = an_order(ttd, due=NOON - 1 * MINUTE)
    first = an_order(ttd, due=NOON - 3 * MINUTE)
    second = an_order(ttd, due=NOON - 2 * MINUTE)
    assert [claimed(limit=1) for _ in range(4)] == [[first.pk], [second.pk], [third.pk], []]


def test_a_burst_of_one_creator_delays_no_other(ttd: Creator, skd: Creator) -> None:
    for _ in range(30):
        an_order(ttd, due=NOON - MINUTE)
    late = an_order(skd)
    assert late.pk in claimed(limit=10)


def test_creators_whose_orders_are_not_due_take_no_share(ttd: Creator, skd: Creator) -> None:
    an_order(skd, due=NOON + MINUTE)
    due = {an_order(ttd).pk for _ in range(10)}
    assert set(claimed(limit=10)) == due


def test_no_more_are_claimed_than_asked_for(ttd: Creator) -> None:
    for _ in range(5):
        an_order(ttd)
    assert [len(claimed(limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_orders_with_a_condition_are_claimed_apart(ttd: Creator) -> None:
    plain = an_order(ttd)
    conditional = an_order(ttd, condition_endpoint=ENDPOINT)
    answered = an_order(ttd, condition_endpoint=ENDPOINT, awaits_condition=False)
    assert set(claimed()) == {plain.pk, answered.pk}
    assert ids(claim_for_condition(now=NOON, limit=10).orders) == [conditional.pk]


def test_only_the_holder_of_the_lease_locks_an_order(ttd: Creator) -> None:
    mine, lost = an_order(ttd), an_order(ttd)
    claim = claim_for_expansion(now=NOON, limit=10)
    Order.objects.filter(pk=lost.pk).update(lease_token=uuid4())
    with transaction.atomic():
        assert lock_own(claim.token, ids(claim.orders)) == {mine.pk}
        assert lock_own(uuid4(), ids(claim.orders)) == set()


@pytest.mark.parametrize(
    ("tries", "least"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (6, 1800), (500, 1800)]
)
def test_an_order_waits_longer_the_more_often_it_has_failed(
    ttd: Creator, tries: int, least: int
) -> None:
    placed = an_order(ttd, attempts=tries - 1)
    claim = claim_for_expansion(now=NOON, limit=1)
    back_off(claim.token, claim.orders, reason="Profile is down.", now=NOON)
    placed.refresh_from_db()
    assert least <= (placed.next_attempt_at - NOON).total_seconds() <= least * 1.2
    assert (placed.lease_token, placed.reason) == (None, "Profile is down.")
    assert (placed.status, placed.attempts) == ("Processing", tries)


def test_whoever_lost_the_lease_cannot_give_an_order_back(ttd: Creator) -> None:
    placed = an_order(ttd)
    slow = claim_for_expansion(now=NOON, limit=1)
    held = claim_for_expansion(now=NOON + MAX_LEASE, limit=1)
    placed.refresh_from_db()
    lease_end = placed.next_attempt_at
    back_off(slow.token, slow.orders, reason="Too late.", now=NOON + MAX_LEASE)
    placed.refresh_from_db()
    assert (placed.lease_token, placed.reason) == (held.token, "")
    assert placed.next_attempt_at == lease_end


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same_order(ttd: Creator) -> None:
    orders = [an_order(ttd) for _ in range(200)]
    start = threading.Barrier(4)

    def claim_all() -> list[UUID]:
        start.wait(TIMEOUT)
        mine: list[UUID] = []
        while some := claimed(limit=7):
            mine += some
        return mine

    shares = [worker.result() for worker in [Worker(claim_all) for _ in range(4)]]
    together = [one for share in shares for one in share]
    assert sorted(together) == sorted(ids(orders))


@pytest.mark.django_db(transaction=True)
def test_a_claim_passes_over_orders_that_another_is_just_claiming(ttd: Creator) -> None:
    for _ in range(4):
        an_order(ttd)
    with transaction.atomic():
        first = claim_for_expansion(now=NOON, limit=2)
        worker = Worker(claiming(limit=10))
        second: OrderLease[DueOrder] = worker.result()
    assert len(first.orders) == len(second.orders) == 2
    assert not {*ids(first.orders)} & {*ids(second.orders)}


@pytest.mark.django_db(transaction=True)
def test_nobody_claims_an_order_whose_holder_is_just_writing(ttd: Creator) -> None:
    """Even if its lease ended meanwhile."""
    an_order(ttd)
    claim = claim_for_expansion(now=NOON, limit=1)
    late = NOON + timedelta(days=1)
    with transaction.atomic():
        assert lock_own(claim.token, ids(claim.orders)) == set(ids(claim.orders))
        assert Worker(lambda: claimed(now=late)).result() == []
    assert claimed(now=late) == ids(claim.orders)


@pytest.mark.django_db(transaction=True)
def test_a_claim_passes_over_an_order_that_is_just_being_cancelled(ttd: Creator) -> None:
    cancelled, other = an_order(ttd), an_order(ttd)
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=cancelled.pk)
        Order.objects.filter(pk=cancelled.pk).update(status="Cancelled")
        second: OrderLease[DueOrder] = Worker(claiming(limit=10)).result()
    assert ids(second.orders) == [other.pk]
    assert claimed(now=NOON + timedelta(days=1)) == [other.pk]


def claiming(*, limit: int) -> Callable[[], OrderLease[DueOrder]]:
    return lambda: claim_for_expansion(now=NOON, limit=limit)


@pytest.mark.parametrize(
    ("claim", "index"),
    [(claim_for_expansion, "order_past_due"), (claim_for_condition, "order_awaits_condition")],
)
def test_a_claim_finds_its_orders_by_the_index_made_for_it(
    ttd: Creator, claim: Callable[..., OrderLease[Any]], index: str
) -> None:
    """So that it costs the same however many orders are done or not yet due."""
    statements: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        statements.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(listen):
        claim(now=NOON, limit=10)
    ((sql, params),) = statements
    with connection.cursor() as cursor:
        for plan in ("seqscan", "bitmapscan", "sort"):  # attractive while the table is small
            cursor.execute(f"SET LOCAL enable_{plan} = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count(f" using {index} ") == 3, "the first creator, the next ones, their orders"
    assert "Sort Key: orders_order" not in plan

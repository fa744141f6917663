"""An order can be cancelled until somebody begins to process it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from notifications.expansion.claims import claim_for_expansion
from notifications.expansion.expand import process_past_due_orders
from orders.cancelling import CannotCancel, OrderNotFound, cancel, cancel_by_staff
from orders.models import Creator, Order, OrderStatus
from tests import building
from tests.building import NOON
from tests.notifications.conftest import Worker

pytestmark = pytest.mark.django_db


def order_in(creator: Creator, minutes: float, **fields: Any) -> Order:
    return building.order(creator, requested_send_time=NOON + timedelta(minutes=minutes), **fields)


def test_an_order_is_cancelled_more_than_five_minutes_before_its_time(ttd: Creator) -> None:
    order = order_in(ttd, 6)
    cancel(creator=ttd, order_id=order.pk, now=NOON)
    order.refresh_from_db()
    assert (order.status, order.status_at) == (OrderStatus.CANCELLED, NOON)


@pytest.mark.parametrize("minutes", [5, 4, 0])
def test_an_order_whose_time_is_near_is_not(ttd: Creator, minutes: float) -> None:
    order = order_in(ttd, minutes)
    with pytest.raises(CannotCancel):
        cancel(creator=ttd, order_id=order.pk, now=NOON)
    order.refresh_from_db()
    assert order.status == OrderStatus.REGISTERED


@pytest.mark.parametrize(
    "status",
    [
        OrderStatus.PROCESSING,
        OrderStatus.PROCESSED,
        OrderStatus.COMPLETED,
        OrderStatus.SEND_CONDITION_NOT_MET,
    ],
)
def test_an_order_past_being_registered_is_not(ttd: Creator, status: OrderStatus) -> None:
    order = order_in(ttd, 60, status=status)
    with pytest.raises(CannotCancel):
        cancel(creator=ttd, order_id=order.pk, now=NOON)


def test_cancelling_again_changes_nothing(ttd: Creator) -> None:
    order = order_in(ttd, 60)
    cancel(creator=ttd, order_id=order.pk, now=NOON)
    cancel(creator=ttd, order_id=order.pk, now=NOON + timedelta(days=1))
    order.refresh_from_db()
    assert order.status_at == NOON


def test_another_creators_order_does_not_exist(ttd: Creator, skd: Creator) -> None:
    order = order_in(ttd, 60)
    with pytest.raises(OrderNotFound):
        cancel(creator=skd, order_id=order.pk, now=NOON)
    with pytest.raises(OrderNotFound):
        cancel(creator=ttd, order_id=UUID(int=0), now=NOON)


def test_a_cancelled_order_is_never_processed(ttd: Creator) -> None:
    order = order_in(ttd, 60)
    cancel(creator=ttd, order_id=order.pk, now=NOON)
    assert process_past_due_orders(now=NOON + timedelta(hours=2)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_claim_passes_by_an_order_that_is_being_cancelled(ttd: Creator) -> None:
    order = order_in(ttd, 6)
    due = NOON + timedelta(minutes=7)
    with transaction.atomic():
        cancel(creator=ttd, order_id=order.pk, now=NOON)
        worker = Worker(lambda: claim_for_expansion(now=due, limit=10).orders)
        assert worker.result() == []
    assert claim_for_expansion(now=due, limit=10).orders == []


@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_being_claimed_can_no_longer_be_cancelled(ttd: Creator) -> None:
    order = order_in(ttd, 6)
    with transaction.atomic():
        [claimed] = claim_for_expansion(now=NOON + timedelta(minutes=7), limit=10).orders
        assert claimed.pk == order.pk
        worker = Worker(lambda: cancel(creator=ttd, order_id=order.pk, now=NOON))
        worker.wait_until_blocked_or_done()
        assert worker.is_alive()
    with pytest.raises(CannotCancel):
        worker.result()


@pytest.mark.parametrize("minutes", [60, 5, 0, -1])
def test_staff_may_cancel_an_order_however_near_its_time(ttd: Creator, minutes: float) -> None:
    order = order_in(ttd, minutes)
    assert cancel_by_staff([order.pk], now=NOON) == {order.pk}
    order.refresh_from_db()
    assert (order.status, order.status_at) == (OrderStatus.CANCELLED, NOON)
    assert cancel_by_staff([order.pk], now=NOON + timedelta(days=1)) == set()
    order.refresh_from_db()
    assert order.status_at == NOON


def test_staff_cancel_only_what_nobody_has_begun_with(ttd: Creator, skd: Creator) -> None:
    orders = {status: order_in(ttd, 60, status=status) for status in OrderStatus}
    other = order_in(skd, 60)
    asked = [order.pk for order in orders.values()]
    cancelled = orders[OrderStatus.REGISTERED].pk
    assert cancel_by_staff([*asked, other.pk], now=NOON) == {cancelled, other.pk}
    for status, order in orders.items():
        order.refresh_from_db()
        assert order.status == (OrderStatus.CANCELLED if order.pk == cancelled else status)


@pytest.mark.django_db(transaction=True)
def test_staff_cannot_cancel_an_order_that_is_being_claimed(ttd: Creator) -> None:
    order = order_in(ttd, 0)
    with transaction.atomic():
        claim_for_expansion(now=NOON, limit=10)
        worker = Worker(lambda: cancel_by_staff([order.pk], now=NOON))
        worker.wait_until_blocked_or_done()
        assert worker.is_alive()
    assert worker.result() == set()

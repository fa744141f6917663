"""Of a service owner whose new orders are held, each is held from its placement on; none slips
through between."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from notifications.control.hold import unended_orders_of
from notifications.expansion.claims import claim_for_expansion
from orders.holding import hold_new_orders, release_new_orders
from orders.models import Channel, Creator, Order
from orders.placing.register import register
from tests.building import NOON, mobiles, request
from tests.notifications.conftest import TIMEOUT, Worker

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db(transaction=True)


def place(creator: Creator) -> Order:
    receipt = register(creator=creator, request=request(Channel.SMS, mobiles(2)), now=NOON)
    return Order.objects.get(pk=receipt.order_id)


def test_new_orders_are_taken_and_held_until_the_release(ttd: Creator, skd: Creator) -> None:
    before = place(ttd)
    assert hold_new_orders(ttd, now=NOON + HOUR)
    held, of_others = place(ttd), place(skd)
    assert (held.held_at, before.held_at, of_others.held_at) == (NOON + HOUR, None, None)
    claimed = claim_for_expansion(now=NOON + HOUR, limit=10).orders
    assert {one.id for one in claimed} == {before.pk, of_others.pk}
    assert release_new_orders(ttd)
    assert place(ttd).held_at is None
    held.refresh_from_db()
    assert held.held_at == NOON + HOUR


def test_the_first_hold_stands(ttd: Creator) -> None:
    hold_new_orders(ttd, now=NOON)
    assert not hold_new_orders(ttd, now=NOON + HOUR)
    assert place(ttd).held_at == NOON
    assert release_new_orders(ttd)
    assert not release_new_orders(ttd)


def test_it_takes_no_statement_more(
    ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    hold_new_orders(ttd, now=NOON)
    order = request(Channel.SMS, mobiles(2))
    with django_assert_num_queries(1):
        register(creator=ttd, request=order, now=NOON)


def test_an_order_that_is_being_placed_is_found_after_the_hold_has_begun(ttd: Creator) -> None:
    is_placed, may_commit = Event(), Event()

    def place_slowly() -> None:
        with transaction.atomic():
            place(ttd)
            is_placed.set()
            assert may_commit.wait(TIMEOUT)

    placing = Worker(place_slowly)
    assert is_placed.wait(TIMEOUT)
    holding = Worker(lambda: hold_new_orders(ttd, now=NOON))
    holding.wait_until_blocked_or_done()
    assert holding.is_alive()
    may_commit.set()
    placing.result()
    assert holding.result()
    assert len(unended_orders_of(ttd)) == 1


def test_an_order_whose_statement_began_before_the_hold_was_there_is_held_by_it(
    ttd: Creator,
) -> None:
    with transaction.atomic():
        hold_new_orders(ttd, now=NOON)
        placing = Worker(lambda: place(ttd))
        placing.wait_until_blocked_or_done()
        assert placing.is_alive()
    assert placing.result().held_at == NOON

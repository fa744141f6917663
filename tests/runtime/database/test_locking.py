"""Rows are locked by the id, however many there are."""

from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.models import Creator, Order
from runtime.database.locking import lock
from tests.building import order

MORE_THAN_PARAMETERS = 70_000

pytestmark = pytest.mark.django_db


def strangers() -> list[UUID]:
    return [uuid4() for _ in range(MORE_THAN_PARAMETERS)]


def test_only_rows_that_fit_are_locked_and_named_in_order(ttd: Creator) -> None:
    orders = [order(ttd), order(ttd), order(ttd, status="Completed")]
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        found = lock(Order.objects.holdable(), [one.pk for one in reversed(orders)])
    assert found == [orders[0].pk, orders[1].pk]
    (statement,) = (q["sql"] for q in queries if "SELECT" in q["sql"])
    assert statement.endswith("FOR NO KEY UPDATE")


def test_nothing_is_found_by_no_ids(ttd: Creator) -> None:
    order(ttd)
    assert not Order.objects.filter(pk__any_of=[]).exists()


def test_more_ids_fit_than_a_statement_has_parameters(ttd: Creator) -> None:
    """PostgreSQL takes 65,535: https://www.postgresql.org/docs/current/limits.html"""
    its = order(ttd)
    assert list(Order.objects.filter(pk__any_of=[*strangers(), its.pk])) == [its]


def test_more_orders_than_that_can_be_held_at_once(ttd: Creator) -> None:
    its = order(ttd)
    with transaction.atomic():
        assert lock(Order.objects.holdable(), [*strangers(), its.pk]) == [its.pk]

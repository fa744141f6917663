"""One statement serves the database and a row in memory, and both say the same of every row."""

from datetime import timedelta
from itertools import product

import pytest
from django.db.models import F, Q

from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order, OrderStatus
from runtime.database.criteria import meets
from tests.building import NOON, notification, order, processed_order

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(ttd: Creator) -> list[Order]:
    """One of each status, held or not, stopped or not."""
    return [
        order(ttd, status=status, held_at=held, stopped_at=stopped)
        for status, held, stopped in product(OrderStatus, (None, NOON), (None, NOON + MINUTE))
    ]


@pytest.mark.parametrize("deed", ["hold", "release", "stop", "cancel"])
def test_what_is_found_can_be_done_and_nothing_else(orders: list[Order], deed: str) -> None:
    noun = {"cancel": "cancellable", "stop": "stoppable"}.get(deed, f"{deed.rstrip('e')}able")
    found = set(getattr(Order.objects, noun)().values_list("pk", flat=True))
    assert found == {row.pk for row in orders if getattr(row, f"can_{deed}")}
    assert 0 < len(found) < len(orders)


def test_what_is_kept_waiting_can_be_sent_now(ttd: Creator) -> None:
    its = processed_order(ttd)
    rows = [
        notification(its, is_held=is_held, status=status, next_attempt_at=NOON)
        for status in (NotificationStatus.NEW, NotificationStatus.SENDING)
        for is_held in (False, True)
    ]
    found = set(Notification.objects.kept_waiting(now=NOON - MINUTE).values_list("pk", flat=True))
    assert found == {row.pk for row in rows if row.can_send_now} == {rows[0].pk}


@pytest.mark.parametrize(
    "criterion",
    [
        Q(held_at__lt=NOON + MINUTE),
        Q(held_at__gte=NOON),
        Q(held_at__gt=NOON),
        ~Q(held_at=NOON),
        ~Q(held_at__isnull=True),
        Q(held_at__lte=NOON) | Q(stopped_at__isnull=False),
        ~(Q(held_at__isnull=False) & Q(stopped_at__isnull=False)),
        Q(),
    ],
    ids=str,
)
def test_a_row_meets_what_the_database_finds_it_by(orders: list[Order], criterion: Q) -> None:
    found = set(Order.objects.filter(criterion).values_list("pk", flat=True))
    assert {row.pk for row in orders if meets(row, criterion)} == found


@pytest.mark.parametrize("criterion", [Q(reason__contains="a"), Q(creator__short_name="ttd")])
def test_what_only_the_database_knows_is_an_error(orders: list[Order], criterion: Q) -> None:
    with pytest.raises(KeyError):
        meets(orders[0], criterion)
    with pytest.raises(ValueError, match="XOR"):
        meets(orders[0], criterion ^ Q(pk=F("pk")))

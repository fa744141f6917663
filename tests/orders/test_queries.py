"""Finding orders and their recipients."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import queries as finding
from orders.models import Creator, Order
from orders.queries import recipients_of, with_id, with_reference
from orders.requests import Addressee
from tests import building
from tests.building import mobiles

pytestmark = pytest.mark.django_db


def taken(
    groups: Iterable[tuple[UUID, Iterable[Addressee]]],
) -> dict[UUID, list[Addressee]]:
    return {order_id: list(addressees) for order_id, addressees in groups}


def test_an_order_is_found_by_its_creator_only(ttd: Creator, skd: Creator) -> None:
    order = building.order(ttd)
    assert list(with_id(order.pk, creator=ttd)) == [order]
    assert list(with_id(order.pk, creator=skd)) == []
    assert list(with_id(uuid4(), creator=ttd)) == []


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_the_recipients_of_all_orders_are_read_at_once_and_kept_apart(
    ttd: Creator, skd: Creator, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_CHUNK", chunk)
    sent = [mobiles(3)[::-1], [*mobiles(2), *mobiles(2)], mobiles(1)]
    orders = [building.order(ttd, recipients=who, senders_reference="ref") for who in sent]
    building.order(ttd, senders_reference="other")
    building.order(skd, senders_reference="ref")
    with CaptureQueriesContext(connection) as queries:
        found = taken(recipients_of(with_reference("ref", creator=ttd)))
    assert found == dict(zip(building.ids(orders), sent, strict=True))
    assert len(queries) == 1


def test_without_orders_there_are_no_recipients(ttd: Creator) -> None:
    building.order(ttd)
    assert taken(recipients_of(Order.objects.none())) == {}
